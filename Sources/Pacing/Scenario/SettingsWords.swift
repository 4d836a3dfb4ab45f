import JSON

/// Values that stand in headers as well as in steps.
enum SettingsWords {
    static func late(_ node: Node) throws(StepFault) -> LatePolicy {
        let word = try node.string("late")
        if let policy = LatePolicy(rawValue: word) { return policy }
        if LatePolicy.later.contains(word) { throw node.fault("not available yet: late \"\(word)\"", "use keep, shift, skip or fail") }
        throw node.fault("unknown late policy \"\(word)\"", NearestName.hint(for: word, among: LatePolicy.allCases.map(\.rawValue)))
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

    /// A time after which something is given up.
    static func timeout(_ node: Node) throws(StepFault) -> Duration {
        let timeout = try node.duration("timeout")
        if timeout == .zero { throw node.fault("a timeout of 0 can never be met", "write for example \"5s\"") }
        return timeout
    }

    /// How much faster than written a plan runs.
    static func speed(_ node: Node) throws(StepFault) -> Speed {
        if node.value.string == "max" { return .max }
        let cure = "write a number such as 10 or 0.5, or \"max\""
        let text = node.value.number?.text ?? ""
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard parts.count <= 2, parts[0].utf8.count <= 9, fraction.utf8.count <= 6, let numerator = Int64(parts[0] + fraction)
        else { throw node.fault("\(node.value.text) is not a speed", cure) }
        guard numerator > 0 else { throw node.fault("a speed must be more than 0", cure) }
        return .times(numerator, per: fraction.utf8.reduce(1) { scale, _ in scale * 10 })
    }

    // MARK: Failures

    static func onFail(_ node: Node) throws(StepFault) -> FailurePolicy {
        if node.value.object != nil {
            try node.allowOnly(["retry"], in: "\"onFail\"")
            return .retry(try Self.retry(node.required("retry", in: "\"onFail\"")))
        }
        let word = try node.string("onFail")
        if word == "retry" { return .retry(RetryRule()) }
        if let policy = FailurePolicy.words.first(where: { $0.word == word }) { return policy.policy }
        throw node.fault("unknown onFail \"\(word)\"", NearestName.hint(for: word, among: FailurePolicy.words.map(\.word) + ["retry"]))
    }

    private static func retry(_ node: Node) throws(StepFault) -> RetryRule {
        try node.allowOnly(["max", "backoff", "factor", "jitter", "on"], in: "\"retry\"")
        var rule = RetryRule()
        if let most = node["max"] { rule.most = Int(try most.integer("max", 1...1000)) }
        if let backoff = node["backoff"] { rule.backoff = try backoff.duration("backoff") }
        if let factor = node["factor"] { rule.factorThousandths = try Self.factor(factor) }
        if let jitter = node["jitter"] { rule.jitter = try Self.jitter(jitter) }
        guard let causes = node["on"] else { return rule }
        rule.causes = []
        for child in try causes.elements("on") { rule.causes.insert(try Self.retryCause(child)) }
        if rule.causes.isEmpty {
            throw causes.fault("nothing is tried again for an empty list", "name \"timeout\", \"lost\" or codes such as 429")
        }
        return rule
    }

    private static func factor(_ node: Node) throws(StepFault) -> Int64 {
        let factor = node.value.double ?? .nan
        guard factor >= 1, factor <= 1000 else {
            throw node.fault("a factor is a number from 1 to 1000, not \(node.value.text)", "write 2 to double every wait")
        }
        return Int64((factor * 1000).rounded())
    }

    private static func retryCause(_ node: Node) throws(StepFault) -> RetryRule.Cause {
        switch node.value.string {
        case "timeout": return .timeout
        case "lost": return .lostConnection
        case let word?: throw node.fault("unknown cause \"\(word)\"", NearestName.hint(for: word, among: ["timeout", "lost"]))
        case nil: break
        }
        let code = Int(try node.integer("a code", 400...599))
        if RetryRule.neverCured.contains(code) {
            throw node.fault(
                "\(code) means that the request itself is wrong, so sending it again gives \(code) again",
                "correct the step, or expect it with \"expectReject\": \(code)")
        }
        return .rejected(code)
    }
}
