import JSON

/// The files that are open: the scenario, and those it includes, innermost last. Source: scheduler §16.4 `include`.
struct ScenarioFiles: Sendable {
    private struct Open: Sendable {
        /// For messages.
        var name: String
        /// Relative to the scenario's folder.
        var path: String
        var objects: JSONSequenceReader
        /// Where the `include` stands; nil for the scenario itself.
        var includedAt: SourcePlace?
    }

    /// How many may be included inside each other.
    static let deepest = 8
    /// An object is held whole, and what it says takes several times its text.
    static let limits = JSONLimits(maximumBytes: 1 << 20)

    private var open: [Open]

    init(_ objects: JSONSequenceReader, name: String) {
        let path = name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
        self.open = [Open(name: name, path: path, objects: objects)]
    }

    /// The name of the scenario itself.
    var main: String { self.open[0].name }

    /// Bytes of the innermost file before what comes next.
    var offset: Int { self.open[self.open.count - 1].objects.offset }

    /// The next object of the innermost file; nil at its end.
    mutating func next() throws(ScenarioError) -> (value: JSONValue, text: SourceText)? {
        let last = self.open.count - 1
        let name = self.open[last].name
        let found: (value: JSONValue, positions: JSONPositions)?
        do throws(JSONError) {
            found = try self.open[last].objects.next()
        } catch {
            throw Self.error(error, file: name)
        }
        guard let found else { return nil }
        let text = SourceText(file: name, positions: found.positions)
        if let duplicate = found.positions.hasDuplicateKey ? found.positions.duplicateKey : nil {
            let cure = "remove one; a payload that has to have it twice is written as {\"text\": \"…\"}"
            throw ScenarioError(
                file: name, line: duplicate.position.line, column: duplicate.position.column,
                what: "this key is written twice in one object",
                cure: cure)
        }
        return (found.value, text)
    }

    /// Goes on with the file around the innermost one; false when there is none.
    mutating func leave() -> Bool {
        guard self.open.count > 1 else { return false }
        self.open.removeLast()
        return true
    }

    /// Opens another file, whose path `node` is.
    mutating func include(_ node: Node, at place: SourcePlace, readFile: (String) -> [UInt8]?) throws(StepFault) {
        let path = try Self.path(node, "include")
        if let same = self.open.firstIndex(where: { $0.path == path }) {
            let since = self.open[min(same + 1, self.open.count - 1)].includedAt
            let what = same + 1 < self.open.count ? since.map { ", through \($0.text(from: place))" } ?? "" : ""
            throw node.fault("\"\(path)\" includes itself\(what)", "take one of these includes out of the circle")
        }
        if self.open.count > Self.deepest {
            let first = self.open[1].includedAt?.text(from: place) ?? ""
            throw node.fault("files are included more than \(Self.deepest) deep, beginning at \(first)", "include it further out")
        }
        guard let bytes = readFile(path) else {
            throw node.fault("\"\(path)\" cannot be read", "put the file below the scenario's folder")
        }
        let folder = self.open[0].name.lastIndex(of: "/").map { self.open[0].name[...$0] } ?? ""
        self.open.append(
            Open(name: folder + path, path: path, objects: JSONSequenceReader(bytes, limits: Self.limits), includedAt: place))
    }

    /// A path that cannot lead out of the scenario's folder; links are the caller's to follow or not.
    static func path(_ node: Node, _ what: String) throws(StepFault) -> String {
        let written = try node.string(what)
        let parts = written.split(separator: "/", omittingEmptySubsequences: false).filter { $0 != "." }
        guard !parts.isEmpty, !parts.contains(""), !parts.contains(".."), !written.contains("\\"), !written.contains("\0") else {
            throw node.fault("\"\(written)\" leads out of the scenario's folder", "put the file beside the scenario")
        }
        return parts.joined(separator: "/")
    }

    private static func error(_ error: JSONError, file: String) -> ScenarioError {
        let cure =
            switch error.kind {
            case .tooLong: "keep long payloads in files of their own: {\"file\": \"…\"}"
            case .unreadable: "look whether the file is still there"
            case .unexpectedEnd, .unexpectedByte, .leadingZero, .loneSurrogate, .controlCharacter, .invalidUTF8, .tooDeep, .tooMany:
                "a scenario file is UTF-8 text: JSON objects one after the other, and comment lines starting with #"
            }
        return ScenarioError(file: file, line: error.position.line, column: error.position.column, what: error.kindText, cure: cure)
    }
}

extension JSONError {
    /// The text without line and column.
    var kindText: String {
        let prefix = "line \(self.position.line), column \(self.position.column): "
        return self.text.hasPrefix(prefix) ? String(self.text.dropFirst(prefix.count)) : self.text
    }
}
