import JSON

/// The verbs this version runs, each with the keys that may stand beside it. Source: scheduler §16.4.
enum StepVerb: String, CaseIterable {
    case connect, disconnect, drop, sub, unsub, pub, update, get, delete, expect, never, order, mark, note

    /// Verbs of the reference that come later.
    static let later = ["device", "on", "shadowIs", "fault", "clear", "http", "repeat", "par", "clock", "include"]

    private static let common = ["id", "at", "wait", "after", "tags", "skip"]
    private static let acting = ["lane", "timeout", "onFail", "late", "jitter"]
    private static let publishing = ["gate", "as", "expectReject", "stampToken"]

    private static let allKeys = Set(Self.allCases.flatMap(\.allowedKeys))

    /// The verb's own key and those that may stand beside it.
    var allowedKeys: [String] { Self.keysByVerb[self] ?? [] }

    private static let keysByVerb = Dictionary(uniqueKeysWithValues: Self.allCases.map { ($0, $0.keys) })

    private var keys: [String] {
        let own: [String] =
            switch self {
            case .connect, .sub, .unsub: Self.acting + ["barrier"]
            case .disconnect, .drop: Self.acting
            case .pub, .update, .get, .delete: Self.acting + Self.publishing
            case .expect: ["within", "count", "from", "capture", "onFail"]
            case .never: ["for", "from", "onFail"]
            case .order: ["within", "from", "onFail"]
            case .mark, .note: []
            }
        return [self.rawValue] + Self.common + own
    }

    /// Refuses keys that do not stand beside this verb.
    func checkKeys(_ node: Node) throws(StepFault) {
        let allowed = self.allowedKeys
        for (key, child) in try node.members("a step") where !allowed.contains(key) && Self.allKeys.contains(key) {
            throw child.keyFault("\"\(key)\" does not go with \"\(self.rawValue)\"", "remove it")
        }
        try node.allowOnly(allowed, in: "a step with \"\(self.rawValue)\"")
    }

    /// The one verb of a step; nil when the object is a pure `wait`.
    static func of(_ node: Node) throws(StepFault) -> StepVerb? {
        var found: StepVerb?
        for (key, child) in try node.members("a step") {
            if Self.later.contains(key) { throw child.keyFault("not available yet: \(key)", "remove this step") }
            guard let verb = StepVerb(rawValue: key) else { continue }
            if let found {
                throw child.keyFault("a step has one verb, and this one has \"\(found.rawValue)\" and \"\(key)\"", "make it two steps")
            }
            found = verb
        }
        if found == nil, node["wait"] == nil { throw Self.withoutVerb(node) }
        if found == nil, let other = try node.members("a step").first(where: { $0.key != "wait" && !$0.key.hasPrefix("x-") }) {
            throw Self.unknown(other.key, other.node)
        }
        return found
    }

    private static func withoutVerb(_ node: Node) -> StepFault {
        let known = Self.common + Self.acting + Self.publishing + ["barrier", "within", "count", "from", "capture", "for"]
        for (key, child) in (try? node.members("a step")) ?? [] where !known.contains(key) && !key.hasPrefix("x-") {
            return key == "scenario"
                ? child.keyFault("a second header", "keep one header, the first object of the file") : Self.unknown(key, child)
        }
        return node.fault("this step has no verb", "give it one of: \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    private static func unknown(_ key: String, _ node: Node) -> StepFault {
        node.keyFault("unknown verb or key \"\(key)\"", NearestName.hint(for: key, among: Self.allCases.map(\.rawValue) + Self.later))
    }
}
