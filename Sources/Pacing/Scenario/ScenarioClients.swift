/// The clients of a scenario as far as it has been read.
struct ScenarioClients: Sendable {
    /// Where each open client was connected.
    private var open: [String: SourcePlace] = [:]
    /// Every client that was closed and not connected again, with the verb that did it.
    private var closedBy: [String: String] = [:]
    /// Some have names that differ from pass to pass, so more may be there than are known.
    private var areOpenEnded = false
    /// Nothing is checked: the order in which passes begin is not that of the file, and what stands in them has been checked before.
    private var areUnchecked = false

    init() {}

    /// For passes that run.
    static let unchecked: ScenarioClients = {
        var clients = ScenarioClients()
        clients.areUnchecked = true
        return clients
    }()

    private var names: [String] { (Array(self.open.keys) + Array(self.closedBy.keys)).sorted() }

    mutating func connect(_ node: Node, place: SourcePlace) throws(StepFault) -> String {
        let name = try node.string("client")
        guard !name.isEmpty, name != "service", !name.hasPrefix("adopt:") else {
            throw node.fault("\"\(name)\" cannot be a client's name", "choose another name")
        }
        if self.areUnchecked { return name }
        if let since = self.open[name] {
            throw node.fault(
                "client \"\(name)\" is connected since \(since.text(from: place))", "disconnect or drop it first, or use another name")
        }
        self.open[name] = place
        self.closedBy[name] = nil
        return name
    }

    /// Clients were connected whose names have the number of the pass in them.
    mutating func connectMore() {
        self.areOpenEnded = true
    }

    /// A client that must be open at this place of the file.
    func opened(_ node: Node) throws(StepFault) -> String {
        let name = try node.string("client")
        if self.areUnchecked || self.open[name] != nil { return name }
        if let verb = self.closedBy[name] {
            throw node.fault("client \"\(name)\" is not connected any more after its \"\(verb)\"", "connect it again before this step")
        }
        if self.areOpenEnded { return name }
        throw node.fault(
            "client \"\(name)\" is not connected by any earlier step",
            self.names.isEmpty ? "add {\"connect\": {\"client\": \"\(name)\"}} before it" : NearestName.hint(for: name, among: self.names))
    }

    /// A client that was connected at some earlier place.
    func declared(_ node: Node) throws(StepFault) -> String {
        let name = try node.string("client")
        return self.closedBy[name] == nil ? try self.opened(node) : name
    }

    mutating func close(_ node: Node, verb: String) throws(StepFault) -> String {
        let name = try self.opened(node)
        guard !self.areUnchecked else { return name }
        self.open[name] = nil
        self.closedBy[name] = verb
        return name
    }
}
