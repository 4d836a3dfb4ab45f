/// The steps that later ones can name: the last `window` of a file.
struct StepNames: Sendable {
    private struct Entry {
        var number: StepNumber
        var line: Int
    }

    private let window: Int
    private var entries: [String: Entry] = [:]
    /// The ids of the last steps in order, as a ring once full.
    private var recent: [String] = []
    private var countByVerb: [String: Int] = [:]

    init(window: Int) {
        self.window = max(window, 1)
    }

    /// Takes the written id, or makes one of the verb and its count among unnamed steps: `update1`.
    mutating func register(_ written: Node?, verb: String, number: StepNumber, line: Int) throws(StepFault) -> String {
        let id = try written.map { (node) throws(StepFault) in try self.checked(node) } ?? self.unnamed(verb)
        if self.recent.count < self.window {
            self.recent.append(id)
        } else {
            let place = number.rawValue % self.window
            self.entries[self.recent[place]] = nil
            self.recent[place] = id
        }
        self.entries[id] = Entry(number: number, line: line)
        return id
    }

    /// The step an `after`, `from` or `causedBy` names.
    func number(_ node: Node, as what: String) throws(StepFault) -> StepNumber {
        let id = try node.string(what)
        guard let entry = self.entries[id] else {
            throw node.fault(
                "\(what) names no earlier step: \"\(id)\"",
                self.entries.isEmpty ? "name a step that stands before this one" : NearestName.hint(for: id, among: self.nearby))
        }
        return entry.number
    }

    /// Enough names for a hint, in a stable order.
    private var nearby: [String] { Array(self.recent.prefix(50)) }

    private func checked(_ node: Node) throws(StepFault) -> String {
        let id = try node.string("id")
        let isPlain = id.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        guard !id.isEmpty, id.utf8.count <= 64, isPlain, id != "start" else {
            throw node.fault(
                "\"\(id)\" cannot be an id", "use 1 to 64 bytes without blanks, and not \"start\", which means the beginning of the run")
        }
        if let taken = self.entries[id] {
            throw node.fault("the id \"\(id)\" is taken by the step of line \(taken.line)", "give this step another id")
        }
        return id
    }

    private mutating func unnamed(_ verb: String) -> String {
        while true {
            let count = self.countByVerb[verb, default: 0] + 1
            self.countByVerb[verb] = count
            if self.entries["\(verb)\(count)"] == nil { return "\(verb)\(count)" }
        }
    }
}

/// The clients of a scenario as far as it has been read.
struct ScenarioClients: Sendable {
    /// The line where each open client was connected.
    private var open: [String: Int] = [:]
    /// Every client ever connected, with the line where it was closed, if it was.
    private var closedAt: [String: String] = [:]

    var names: [String] { (Array(self.open.keys) + Array(self.closedAt.keys)).sorted() }

    func isDeclared(_ name: String) -> Bool { self.open[name] != nil || self.closedAt[name] != nil }

    mutating func connect(_ node: Node, line: Int) throws(StepFault) -> String {
        let name = try node.string("client")
        guard !name.isEmpty, name != "service", !name.hasPrefix("adopt:") else {
            throw node.fault("\"\(name)\" cannot be a client's name", "choose another name")
        }
        if let since = self.open[name] {
            throw node.fault("client \"\(name)\" is connected since line \(since)", "disconnect or drop it first, or use another name")
        }
        self.open[name] = line
        self.closedAt[name] = nil
        return name
    }

    /// A client that must be open at this place of the file.
    func opened(_ node: Node) throws(StepFault) -> String {
        let name = try node.string("client")
        if self.open[name] != nil { return name }
        if let verb = self.closedAt[name] {
            throw node.fault("client \"\(name)\" is not connected any more after its \"\(verb)\"", "connect it again before this step")
        }
        throw node.fault(
            "client \"\(name)\" is not connected by any earlier step",
            self.names.isEmpty ? "add {\"connect\": {\"client\": \"\(name)\"}} before it" : NearestName.hint(for: name, among: self.names))
    }

    /// A client that was connected at some earlier place.
    func declared(_ node: Node) throws(StepFault) -> String {
        let name = try node.string("client")
        if self.isDeclared(name) { return name }
        return try self.opened(node)
    }

    mutating func close(_ node: Node, verb: String) throws(StepFault) -> String {
        let name = try self.opened(node)
        self.open[name] = nil
        self.closedAt[name] = verb
        return name
    }
}
