/// The steps that later ones can name: the last `window` of a scenario, those inside blocks among them.
struct StepNames: Sendable {
    /// From where a step can be named.
    private enum Reach: Sendable {
        /// From everything behind it.
        case everywhere
        /// Its block is still being read: only from inside its own body.
        case ownBody
        /// From nowhere else: it stands in a reaction, which may begin any number of times, or never.
        case ownReaction
    }

    private struct Entry: Sendable {
        var number: StepNumber
        var place: SourcePlace
        var reach: Reach
    }

    private let window: Int
    private var entries: [String: Entry] = [:]
    /// The ids of the last steps in order, as a ring once full.
    private var recent: [String] = []
    private var next = 0
    private var countByVerb = Array(repeating: 0, count: StepVerb.allCases.count)
    /// The ids of the block being read.
    private var inBlock: [String] = []

    init(window: Int) {
        self.window = max(window, 1)
    }

    /// Takes the written id, or makes one of the verb and its count among unnamed steps: `update1`.
    mutating func register(_ written: Node?, verb: StepVerb, number: StepNumber, place: SourcePlace) throws(StepFault) -> String {
        let id = try written.map { (node) throws(StepFault) in try self.checked(node, place) } ?? self.unnamed(verb)
        self.add(id, Entry(number: number, place: place, reach: .everywhere))
        return id
    }

    /// Takes the id of a step inside a block. Until a pass has begun, `number`, that of the block, stands for it.
    mutating func registerInBlock(
        _ written: Node?, verb: StepVerb, number: StepNumber, place: SourcePlace
    ) throws(StepFault) -> String {
        let id = try written.map { (node) throws(StepFault) in try self.checked(node, place, isInBlock: true) } ?? self.unnamed(verb)
        self.add(id, Entry(number: number, place: place, reach: .ownBody))
        self.inBlock.append(id)
        return id
    }

    /// The block has been read: what stands behind it can name its steps.
    mutating func closeBlock() {
        for id in self.inBlock where self.entries[id]?.reach == .ownBody { self.entries[id]?.reach = .everywhere }
        self.inBlock = []
    }

    /// These steps can only be named from where they stand.
    mutating func closeReaction(_ ids: [String]) {
        for id in ids { self.entries[id]?.reach = .ownReaction }
    }

    /// A pass has ended: its steps are meant from here on, unless those of a later one are already.
    mutating func adopt(_ passNames: [String: StepNumber]) {
        for (id, number) in passNames {
            if let known = self.entries[id], known.number < number { self.entries[id]?.number = number }
        }
    }

    /// The step an `after`, `from` or `causedBy` names.
    func number(_ node: Node, id: String, as what: String) throws(StepFault) -> StepNumber {
        guard let entry = self.entries[id] else {
            throw node.fault(
                "\(what) names no earlier step: \"\(id)\"",
                self.entries.isEmpty ? "name a step that stands before this one" : NearestName.hint(for: id, among: self.nearby))
        }
        switch entry.reach {
        case .everywhere: return entry.number
        case .ownBody:
            throw node.fault(
                "\(what) names \"\(id)\", which runs beside this step and not before it",
                "name a step of the same branch, or one before the block")
        case .ownReaction:
            throw node.fault(
                "\(what) names \"\(id)\", which stands in a reaction and may run at any time, or never",
                "wait for what it does with \"expect\"")
        }
    }

    /// Enough names for a hint, in a stable order.
    private var nearby: [String] { Array(self.recent.prefix(50)) }

    private mutating func add(_ id: String, _ entry: Entry) {
        if self.recent.count < self.window {
            self.recent.append(id)
        } else {
            self.entries[self.recent[self.next]] = nil
            self.recent[self.next] = id
            self.next = self.next + 1 == self.window ? 0 : self.next + 1
        }
        self.entries[id] = entry
    }

    private func checked(_ node: Node, _ place: SourcePlace, isInBlock: Bool = false) throws(StepFault) -> String {
        let id = try node.string("id")
        // In a block the numbers of up to four passes are put behind it, and 64 bytes are what a clientToken may have.
        let most = isInBlock ? 32 : 64
        let isPlain = id.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        guard !id.isEmpty, id.utf8.count <= most, isPlain, id != "start" else {
            throw node.fault(
                "\"\(id)\" cannot be an id\(isInBlock ? " inside a block" : "")",
                "use 1 to \(most) bytes without blanks, and not \"start\", which means the beginning of the run")
        }
        if let taken = self.entries[id] {
            throw node.fault("the id \"\(id)\" is taken by the step of \(taken.place.text(from: place))", "give this step another id")
        }
        return id
    }

    private mutating func unnamed(_ verb: StepVerb) -> String {
        while true {
            self.countByVerb[verb.rawValue] += 1
            let id = verb.name + String(self.countByVerb[verb.rawValue])
            if self.entries[id] == nil { return id }
        }
    }
}
