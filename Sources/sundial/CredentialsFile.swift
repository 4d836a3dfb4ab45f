import SigV4

/// An AWS-style credentials file: `[name]` sections with `aws_access_key_id`, `aws_secret_access_key` and `aws_session_token`.
struct CredentialsFile {
    struct Profile {
        let name: String
        let credentials: Credentials
    }

    /// In the order of the file.
    let profiles: [Profile]

    init(reading path: String) throws(Complaint) {
        try self.init(parsing: try TextFile.read(path, purpose: "credentials file"), path: path)
    }

    /// - Parameter path: for complaints.
    init(parsing text: String, path: String) throws(Complaint) {
        var profiles: [Profile] = []
        var section: Section?
        // Some editors begin a file with a byte order mark.
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmed
            guard let first = line.first, first != "#", first != ";" else { continue }
            if first == "[" {
                if let profile = try section?.profile(path) { profiles.append(profile) }
                guard let end = line.firstIndex(of: "]") else {
                    throw Complaint("\(path):\(index + 1): a section line needs ']': [name]", .badArguments)
                }
                section = Section(name: String(line[line.index(after: line.startIndex)..<end].trimmed), line: index + 1)
                continue
            }
            guard let equals = line.firstIndex(of: "=") else {
                throw Complaint("\(path):\(index + 1): not 'name = value', '[section]' or a '#' comment", .badArguments)
            }
            guard section != nil else {
                throw Complaint("\(path):\(index + 1): a setting before the first section; begin with [default]", .badArguments)
            }
            section?.values[line[..<equals].trimmed.lowercased()] = String(line[line.index(after: equals)...].trimmed)
        }
        if let profile = try section?.profile(path) { profiles.append(profile) }
        guard !profiles.isEmpty else {
            throw Complaint(
                "\(path) holds no credentials; write a [default] section with aws_access_key_id and aws_secret_access_key", .badArguments)
        }
        self.profiles = profiles
    }

    /// The credentials of a name, or of `[default]`, or the first ones.
    func credentials(named name: String?, path: String) throws(Complaint) -> Credentials {
        if let profile = self.profiles.first(where: { $0.name == name ?? "default" }) { return profile.credentials }
        guard let name else { return self.profiles[0].credentials }
        let known = self.profiles.map(\.name).joined(separator: ", ")
        throw Complaint("\(path) has no section [\(name)]; it has \(known)", .badArguments)
    }

    private struct Section {
        let name: String
        let line: Int
        var values: [String: String] = [:]

        /// `nil` for a section without keys, as a role has.
        func profile(_ path: String) throws(Complaint) -> Profile? {
            switch (self.values["aws_access_key_id"], self.values["aws_secret_access_key"]) {
            case (let key?, let secret?) where !key.isEmpty && !secret.isEmpty:
                let credentials = Credentials(accessKeyID: key, secretAccessKey: secret, sessionToken: self.values["aws_session_token"])
                return Profile(name: self.name, credentials: credentials)
            case (nil, nil):
                return nil
            default:
                throw Complaint(
                    "\(path):\(self.line): [\(self.name)] needs both aws_access_key_id and aws_secret_access_key", .badArguments)
            }
        }
    }
}

extension StringProtocol {
    /// Without spaces, tabs and line ends around it.
    fileprivate var trimmed: SubSequence {
        let start = self.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
        return start[...last]
    }
}
