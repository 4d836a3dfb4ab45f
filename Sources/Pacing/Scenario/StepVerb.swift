import JSON

/// The verbs this version runs, each with the keys that may stand beside it. Source: scheduler §16.4.
enum StepVerb: Int, CaseIterable, Sendable {
    case connect, disconnect, drop, sub, unsub, pub, update, get, delete, device, on, expect, never, order, shadowIs, mark
    case `repeat`, par, clock, include, note

    /// Verbs of the reference that come later.
    static let later = ["fault", "clear", "http"]

    private static let names = Self.allCases.map { "\($0)" }

    /// As files write it.
    var name: String { Self.names[self.rawValue] }

    /// Whether it has steps of its own, which are made at the moment they begin.
    var holdsSteps: Bool { self == .on || self == .repeat || self == .par }

    // MARK: Keys

    private static let common = ["id", "at", "wait", "after", "tags", "skip"]
    private static let acting = ["lane", "timeout", "onFail", "late", "jitter"]
    private static let publishing = ["gate", "as", "expectReject", "stampToken"]

    private var keys: [String] {
        switch self {
        case .connect, .sub, .unsub: Self.common + Self.acting + ["barrier"]
        case .disconnect, .drop: Self.common + Self.acting
        case .pub, .update, .get, .delete: Self.common + Self.acting + Self.publishing
        case .expect: Self.common + ["within", "count", "from", "capture", "onFail"]
        case .never: Self.common + ["for", "from", "onFail"]
        case .order: Self.common + ["within", "from", "onFail"]
        case .shadowIs: Self.common + ["timeout", "onFail"]
        case .on: Self.common + ["capture", "onFail"]
        case .device: Self.common + ["as", "onFail"]
        case .mark, .note, .repeat, .par, .clock: Self.common
        case .include: ["at", "wait", "tags", "skip"]
        }
    }

    private static let byKey: [(key: JSONKey, verb: StepVerb)] = Self.allCases.map { (JSONKey($0.name), $0) }
    private static let laterKeys = Self.later.map { JSONKey($0) }
    private static let keysByVerb: [[JSONKey]] = Self.allCases.map { verb in ([verb.name] + verb.keys).map { JSONKey($0) } }
    private static let allKeys = Set(Self.keysByVerb.joined())

    /// Refuses keys that do not stand beside this verb.
    func checkKeys(_ node: Node) throws(StepFault) {
        let allowed = Self.keysByVerb[self.rawValue]
        for member in try node.object("a step").members where !allowed.contains(member.key) {
            let child = node.child(member.value, member.key.text)
            guard !Self.allKeys.contains(member.key) else {
                throw child.keyFault("\"\(member.key.text)\" does not go with \"\(self.name)\"", "remove it")
            }
            try node.allowOnly(allowed.map(\.text), in: "a step with \"\(self.name)\"")
        }
    }

    // MARK: The verb of a step

    /// The one verb of a step; nil when the object is a pure `wait`.
    static func of(_ node: Node) throws(StepFault) -> StepVerb? {
        var found: StepVerb?
        for member in try node.object("a step").members {
            if Self.laterKeys.contains(member.key) {
                throw node.child(member.value, member.key.text)
                    .keyFault("not available yet: \(member.key.text)", "remove this step")
            }
            guard let verb = Self.byKey.first(where: { $0.key == member.key })?.verb else { continue }
            if let found {
                throw node.child(member.value, member.key.text)
                    .keyFault("a step has one verb, and this one has \"\(found.name)\" and \"\(verb.name)\"", "make it two steps")
            }
            found = verb
        }
        if let found { return found }
        guard node["wait"] != nil else { throw Self.withoutVerb(node) }
        if let other = try node.members("a step").first(where: { $0.key != "wait" && !$0.key.hasPrefix("x-") }) {
            throw Self.unknown(other.key, other.node)
        }
        return nil
    }

    private static func withoutVerb(_ node: Node) -> StepFault {
        for (key, child) in (try? node.members("a step")) ?? [] where !Self.allKeys.contains(JSONKey(key)) && !key.hasPrefix("x-") {
            return key == "scenario"
                ? child.keyFault("a second header", "keep one header, the first object of the file") : Self.unknown(key, child)
        }
        return node.fault("this step has no verb", "give it one of: \(Self.allCases.map(\.name).joined(separator: ", "))")
    }

    private static func unknown(_ key: String, _ node: Node) -> StepFault {
        node.keyFault("unknown verb or key \"\(key)\"", NearestName.hint(for: key, among: Self.allCases.map(\.name) + Self.later))
    }
}
