/// The parts of a signature as a request carries them, not yet judged.
struct AuthParameters: Sendable {
    /// Where the signature was found.
    enum Place: Sendable { case query, header }

    var place: Place
    var algorithm: String?
    var credential: String?
    var date: String?
    var expires: String?
    var signedHeaders: String?
    var signature: String?
    var token: String?
    /// A parameter that occurs twice.
    var repeated: String?

    /// Reads `X-Amz-…` parameters of a URL; nil when there is none that belongs to a signature. Source: `sigv4-websocket.md` §2.
    init?(query: CanonicalQuery) {
        self.place = .query
        var found = false
        for parameter in query.parameters where parameter.name.count > 6 {
            if query.isNamed(parameter, "X-Amz-Algorithm") {
                self.algorithm = self.once(self.algorithm, "X-Amz-Algorithm", query.value(of: parameter))
            } else if query.isNamed(parameter, "X-Amz-Credential") {
                self.credential = self.once(self.credential, "X-Amz-Credential", query.value(of: parameter))
            } else if query.isNamed(parameter, "X-Amz-Date") {
                self.date = self.once(self.date, "X-Amz-Date", query.value(of: parameter))
            } else if query.isNamed(parameter, "X-Amz-Expires") {
                self.expires = self.once(self.expires, "X-Amz-Expires", query.value(of: parameter))
            } else if query.isNamed(parameter, "X-Amz-SignedHeaders") {
                self.signedHeaders = self.once(self.signedHeaders, "X-Amz-SignedHeaders", query.value(of: parameter))
            } else if query.isNamed(parameter, "X-Amz-Signature") {
                self.signature = self.once(self.signature, "X-Amz-Signature", query.value(of: parameter))
            } else if query.isNamed(parameter, "X-Amz-Security-Token") {
                self.token = self.once(self.token, "X-Amz-Security-Token", query.value(of: parameter))
            } else {
                continue
            }
            found = true
        }
        if !found { return nil }
    }

    /// Reads `Authorization: AWS4-… Credential=…, SignedHeaders=…, Signature=…`; nil when there is no such field.
    /// Source: `sigv4-websocket.md` §7.
    init?(headersOf request: SignedRequest) {
        let fields = request.values(ofHeader: "authorization").filter { $0.utf8.starts(with: "AWS4-".utf8) }
        guard let field = fields.first else { return nil }
        self.place = .header
        if fields.count > 1 { self.repeated = "Authorization" }
        // As bytes: splitting at characters costs more than the signature.
        let text = field.utf8
        let gap = text.firstIndex(of: UInt8(ascii: " ")) ?? text.endIndex
        self.algorithm = String(field[..<gap])
        for part in text[gap...].split(separator: UInt8(ascii: ",")) {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = HeaderText.trimmed(Substring(part[part.index(after: equals)...]))
            switch HeaderText.trimmed(Substring(part[..<equals])) {
            case "Credential": self.credential = self.once(self.credential, "Credential", value)
            case "SignedHeaders": self.signedHeaders = self.once(self.signedHeaders, "SignedHeaders", value)
            case "Signature": self.signature = self.once(self.signature, "Signature", value)
            default: continue
            }
        }
        for value in request.values(ofHeader: "x-amz-date") {
            self.date = self.once(self.date, "X-Amz-Date", HeaderText.trimmed(value[...]))
        }
        for value in request.values(ofHeader: "x-amz-security-token") {
            self.token = self.once(self.token, "X-Amz-Security-Token", HeaderText.trimmed(value[...]))
        }
    }

    /// The names of required parts that are absent, as they are written where this signature lives.
    var missing: [String] {
        let prefix = self.place == .query ? "X-Amz-" : ""
        let parts: [(String, String?)] = [
            (prefix + "Algorithm", self.algorithm), (prefix + "Credential", self.credential), ("X-Amz-Date", self.date),
            (prefix + "SignedHeaders", self.signedHeaders), (prefix + "Signature", self.signature),
        ]
        return parts.filter { ($0.1 ?? "").isEmpty }.map(\.0)
    }

    /// Whether every required part is there and not empty.
    var isComplete: Bool {
        self.algorithm?.isEmpty == false && self.credential?.isEmpty == false && self.date?.isEmpty == false
            && self.signedHeaders?.isEmpty == false && self.signature?.isEmpty == false
    }

    /// `value`, noting whether the part called `name` was there before.
    private mutating func once(_ old: String?, _ name: String, _ value: String) -> String {
        if old != nil { self.repeated = name }
        return value
    }
}

/// White space in header values as signatures see it.
enum HeaderText {
    /// Without surrounding spaces and tabs.
    static func trimmed(_ text: Substring) -> String {
        var rest = text.utf8
        while let first = rest.first, HeaderText.isBlank(first) { rest.removeFirst() }
        while let last = rest.last, HeaderText.isBlank(last) { rest.removeLast() }
        return String(Substring(rest))
    }

    /// Trimmed, with inner runs of spaces collapsed to one. Source: `sigv4-websocket.md` §1, "other headers".
    static func canonical(_ text: String) -> String {
        if !text.utf8.contains(where: HeaderText.isBlank) { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if HeaderText.isBlank(byte) {
                if let last = bytes.last, last != UInt8(ascii: " ") { bytes.append(UInt8(ascii: " ")) }
            } else {
                bytes.append(byte)
            }
        }
        if bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
    }
}
