import JSON
import Shadows

/// The gates of a step as written, with what `quiet` and `match` wait for. Source: scheduler §6.
struct GateWords {
    private(set) var gates: Gates = []
    private(set) var quiet: QuietGate?
    private(set) var awaited: Match?

    /// One gate or a list; all must hold.
    /// - Parameter match: reads the match that the gate `match` waits for.
    init(_ node: Node, match: (Node) throws(StepFault) -> Match) throws(StepFault) {
        guard node.value.array != nil else {
            try self.add(node, match)
            return
        }
        for child in try node.elements("gate") { try self.add(child, match) }
        if self.gates.isEmpty { throw node.fault("a list of gates cannot be empty", "name one, such as \"accepted\"") }
    }

    private mutating func add(_ node: Node, _ match: (Node) throws(StepFault) -> Match) throws(StepFault) {
        if node.value.object != nil {
            try self.addObject(node, match)
            return
        }
        let word = try node.string("gate")
        let stem = String(word.prefix { $0 != "(" })
        if Gates.later.contains(stem) { throw node.fault("not available yet: gate \"\(stem)\"", "use another gate") }
        if stem == "quiet" {
            let text = word.dropFirst(6).dropLast()
            guard word.hasPrefix("quiet("), word.hasSuffix(")"), let duration = try? ScenarioDuration.parse(String(text)) else {
                throw node.fault("\"\(word)\" does not say how long it is to be quiet", "write for example \"quiet(500ms)\"")
            }
            try self.addQuiet(QuietGate(duration), node)
            return
        }
        guard let gate = Gates.names.first(where: { $0.name == word })?.gate else {
            throw node.fault("unknown gate \"\(word)\"", NearestName.hint(for: word, among: Gates.names.map(\.name)))
        }
        if gate == .match { throw node.fault("the gate \"match\" needs a match", "write {\"match\": {\"topic\": \"…\"}}") }
        self.gates.insert(gate)
    }

    private mutating func addObject(_ node: Node, _ match: (Node) throws(StepFault) -> Match) throws(StepFault) {
        if let later = node.value.object?.keys.first(where: { Gates.later.contains($0) }) {
            throw node.fault("not available yet: gate \"\(later)\"", "use another gate")
        }
        try node.allowOnly(["quiet", "match"], in: "a gate")
        switch (node["quiet"], node["match"]) {
        case (let quiet?, nil):
            try quiet.allowOnly(["for", "scope"], in: "\"quiet\"")
            let scope = try quiet["scope"].map { (node) throws(StepFault) in try node.word("scope", as: QuietGate.Scope.self) }
            let duration = try quiet.required("for", in: "\"quiet\"").duration("for")
            try self.addQuiet(QuietGate(duration, scope: scope ?? .run), quiet)
        case (nil, let written?):
            if self.awaited != nil { throw written.keyFault("a step waits for one match", "put \"expect\" behind it for the other") }
            self.awaited = try match(written)
            self.gates.insert(.match)
        case (.some, .some): throw node.fault("a gate is either \"quiet\" or \"match\"", "make it a list of two gates")
        case (nil, nil): throw node.fault("this gate says nothing", "write {\"quiet\": {\"for\": \"500ms\"}} or {\"match\": {…}}")
        }
    }

    private mutating func addQuiet(_ quiet: QuietGate, _ node: Node) throws(StepFault) {
        if self.quiet != nil { throw node.fault("a step waits for one silence", "keep the longer one") }
        if quiet.duration == .zero { throw node.fault("a silence of no time is none", "write for example \"quiet(500ms)\"") }
        self.quiet = quiet
        self.gates.insert(.quiet)
    }

    // MARK: Where they can be met

    /// Refuses gates that this step can never meet.
    func check(_ publication: Publication, isRemote: Bool, _ node: Node) throws(StepFault) {
        let ofShadows = self.gates.intersection(.ofShadows)
        guard let request = publication.shadow else {
            guard ofShadows.isEmpty else {
                throw node.fault(
                    "the gate \"\(ofShadows.text)\" cannot be met: \(publication.topic) is no shadow request", "use \"acked\" or \"sent\"")
            }
            if self.quiet?.scope == .thing {
                throw node.fault("a silence of the thing needs a step about a thing", "use the scope \"run\" or \"client\"")
            }
            try self.checkSending(publication, isRemote: isRemote, node)
            return
        }
        let ofUpdates = ofShadows.subtracting(.accepted)
        if !ofUpdates.isEmpty, request.operation != .update {
            throw node.fault("the gate \"\(ofUpdates.text)\" cannot be met: only an update has such a message", "use \"accepted\"")
        }
        if !ofUpdates.isEmpty, publication.expectedRejection != nil {
            throw node.fault("the gate \"\(ofUpdates.text)\" cannot be met by an update that is to be rejected", "remove one of the two")
        }
        try self.checkSending(publication, isRemote: isRemote, node)
    }

    private func checkSending(_ publication: Publication, isRemote: Bool, _ node: Node) throws(StepFault) {
        if self.gates.contains(.acked), publication.qos == 0, publication.publisher != .service {
            throw node.fault("the gate \"acked\" cannot be met at QoS 0", "use \"sent\", or qos 1")
        }
        if self.quiet?.scope == .client, publication.publisher == .service {
            throw node.fault("a silence of the client needs a client that publishes", "add \"as\", or use the scope \"run\"")
        }
        guard isRemote else { return }
        if self.gates.contains(.delivered) {
            throw node.fault(
                "the gate \"delivered\" cannot be met: nobody sees the sessions of a remote target", "use \"acked\" and \"expect\"")
        }
        if self.gates.contains(.created) {
            throw node.fault("the gate \"created\" cannot be met: a remote target does not say what was there before", "use \"accepted\"")
        }
    }
}
