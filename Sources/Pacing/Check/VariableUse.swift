import JSON

/// Variables of the header and captures that nothing in the file uses. Source: scheduler §12, §16.6.
struct VariableUse {
    private static let mostNames = 10_000

    private struct Definition {
        var what: String
        var cure: String
        var place: ScenarioError
    }

    /// Not used so far.
    private var unused: [String: Definition] = [:]
    private var used: Set<String> = []
    private var isLost = false

    init(_ header: Node, _ text: SourceText) {
        for (name, node) in (try? header["vars"]?.members("vars")) ?? [] {
            self.define(name, node, text, "the variable \(name) is never used", "remove it, or write ${\(name)} where it belongs")
        }
        self.use(in: header.value)
    }

    mutating func look(at written: WrittenStep) {
        if !self.unused.isEmpty { self.use(in: written.node.value) }
        for (name, node) in (try? written.node["capture"]?.members("capture")) ?? [] {
            self.define(
                name, node, written.text, "what is captured as \(name) is never used",
                "remove the capture, or write ${\(name)} in a later step")
        }
    }

    /// A part of the file is not known.
    mutating func loseTrack() {
        self.isLost = true
    }

    func finish(_ findings: inout Findings) {
        for name in self.unused.keys.sorted() where !self.isLost {
            guard let definition = self.unused[name] else { continue }
            var error = definition.place
            error.what = definition.what
            error.cure = definition.cure
            findings.add(.warning, error)
        }
    }

    private mutating func define(_ name: String, _ node: Node, _ text: SourceText, _ what: String, _ cure: String) {
        guard !self.used.contains(name), self.unused.count + self.used.count < Self.mostNames else { return }
        self.unused[name] = Definition(what: what, cure: cure, place: text.error(node.keyFault("")))
    }

    private mutating func use(in value: JSONValue) {
        switch value {
        case .string(let text): self.use(in: text)
        case .array(let elements): for element in elements { self.use(in: element) }
        case .object(let object):
            for (key, value) in object {
                self.use(in: key)
                if key == "$var", let name = value.string { self.use(name) }
                self.use(in: value)
            }
        case .null, .bool, .number: break
        }
    }

    private mutating func use(in text: String) {
        var rest = Substring(text)
        while let start = rest.firstRange(of: "${") {
            rest = rest[start.upperBound...]
            self.use(String(rest.prefix { $0 != "}" && $0 != " " }))
        }
    }

    private mutating func use(_ name: String) {
        if self.unused.removeValue(forKey: name) != nil { self.used.insert(name) }
    }
}
