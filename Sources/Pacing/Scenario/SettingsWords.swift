import JSON

/// Values that stand in headers as well as in steps.
enum SettingsWords {
    /// One gate or a list; all must hold. Source: scheduler §6.
    static func gates(_ node: Node) throws(StepFault) -> Gates {
        guard node.value.array != nil else { return try Self.gate(node) }
        var gates: Gates = []
        for child in try node.elements("gate") { gates.formUnion(try Self.gate(child)) }
        if gates.isEmpty { throw node.fault("a list of gates cannot be empty", "name one: sent, acked or accepted") }
        return gates
    }

    private static func gate(_ node: Node) throws(StepFault) -> Gates {
        if let key = node.value.object?.keys.first, Gates.later.contains(key) {
            throw node.fault("not available yet: gate \"\(key)\"", "use sent, acked or accepted")
        }
        let word = try node.string("gate")
        if let found = Gates.names.first(where: { $0.name == word }) { return found.gate }
        let stem = String(word.prefix { $0 != "(" })
        if Gates.later.contains(stem) { throw node.fault("not available yet: gate \"\(stem)\"", "use sent, acked or accepted") }
        throw node.fault("unknown gate \"\(word)\"", NearestName.hint(for: word, among: Gates.names.map(\.name)))
    }

    static func onFail(_ node: Node) throws(StepFault) -> FailurePolicy {
        if node.value["retry"] != nil || node.value.string == "retry" {
            throw node.fault("not available yet: onFail \"retry\"", "use stopLane, continue or stopRun")
        }
        let word = try node.string("onFail")
        if let policy = FailurePolicy.words.first(where: { $0.word == word }) { return policy.policy }
        throw node.fault("unknown onFail \"\(word)\"", NearestName.hint(for: word, among: FailurePolicy.words.map(\.word)))
    }

    static func late(_ node: Node) throws(StepFault) -> LatePolicy {
        let word = try node.string("late")
        if let policy = LatePolicy(rawValue: word), policy == .keep { return policy }
        if LatePolicy.later.contains(word) { throw node.fault("not available yet: late \"\(word)\"", "use keep") }
        throw node.fault("unknown late policy \"\(word)\"", NearestName.hint(for: word, among: ["keep"] + LatePolicy.later))
    }

    /// A duration is the most that is added; `{"uniform": [a, b]}` names both ends.
    static func jitter(_ node: Node) throws(StepFault) -> Jitter {
        guard node.value.object != nil else { return Jitter(most: try node.duration("jitter")) }
        try node.allowOnly(["uniform"], in: "\"jitter\"")
        let ends = try node.required("uniform", in: "\"jitter\"")
        let durations = try ends.elements("uniform")
        guard durations.count == 2 else { throw ends.fault("\"uniform\" has two ends", "write [\"0ms\", \"50ms\"]") }
        let jitter = Jitter(least: try durations[0].duration("uniform"), most: try durations[1].duration("uniform"))
        guard jitter.least <= jitter.most else { throw ends.fault("the first end is the later one", "put the smaller one first") }
        return jitter
    }
}
