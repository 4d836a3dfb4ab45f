import JSON

/// In which order the keys of a scenario's objects are written. Others keep their order and come last. Source: scheduler §16.
enum KeyOrder {
    static let header = ranked([
        "scenario", "name", "profile", "seed", "clock", "speed", "wallFloor", "timeLimit", "vars", "laneBy", "lanes", "slots", "jitter",
        "defaults", "quota", "disturb", "shape", "start",
    ])

    static let lane = ranked(["minGap", "settle", "slots", "jitter", "onFail", "late"])

    static let defaults = ranked(["qos", "as", "gate", "timeout", "within", "onFail", "late", "jitter", "stampToken"])

    /// Beside the verb, which stands between the two.
    private static let beforeVerb = ["id", "at", "wait", "as", "lane", "after"]
    private static let afterVerb = [
        "from", "within", "for", "count", "capture", "gate", "expectReject", "stampToken", "timeout", "onFail", "late", "jitter", "barrier",
        "tags", "skip",
    ]

    static let match = ranked(["client", "from", "causedBy", "topic", "qos", "retain", "props", "json", "text", "regex"])

    static let will = ranked(["topic", "payload", "qos", "retain", "delay", "props"])

    /// Inside each verb; those left out are kept as written. `desired` and `reported` have one rank, since their order is that of the
    /// payload.
    private static let bodies: [String: [JSONKey: Int]] = [
        "connect": ranked(["client", "id", "version", "clean", "expiry", "keepAlive", "reconnect", "auth", "via", "will"]),
        "disconnect": ranked(["client", "reason"]),
        "drop": ranked(["client", "how"]),
        "sub": ranked(["client", "filters", "qos"]),
        "unsub": ranked(["client", "filters"]),
        "pub": ranked(["topic", "payload", "qos", "retain", "props"]),
        "update": ranked(["thing", "shadow", "version", "token"]),
        "get": ranked(["thing", "shadow", "token"]),
        "delete": ranked(["thing", "shadow", "token"]),
        "device": ranked(["thing", "shadow", "echo", "delay", "drift", "until"]),
        "shadowIs": ranked(["thing", "shadow", "version", "absent", "equals", "includes"]),
        "on": ranked(["match", "times", "then"]),
        "repeat": ranked(["times", "for", "overlap", "do"]),
        "expect": match,
        "never": match,
    ]

    /// Inside the verb of this name; nil where order is left as it is.
    static func body(of verb: String) -> [JSONKey: Int]? { self.bodies[verb] }

    /// A step's own keys.
    static let step: [JSONKey: Int] = {
        let verbs = StepVerb.allCases.map(\.name)
        var ranks = ranked(beforeVerb)
        for verb in verbs { ranks[JSONKey(verb)] = beforeVerb.count }
        for (place, key) in afterVerb.enumerated() { ranks[JSONKey(key)] = beforeVerb.count + 1 + place }
        return ranks
    }()

    /// The object with its keys in order.
    static func sorted(_ object: JSONObject, _ ranks: [JSONKey: Int]) -> JSONObject {
        let members = object.members.enumerated().sorted { left, right in
            (ranks[left.element.key] ?? .max, left.offset) < (ranks[right.element.key] ?? .max, right.offset)
        }
        var sorted = JSONObject()
        for member in members { sorted[member.element.key.text] = member.element.value }
        return sorted
    }

    private static func ranked(_ keys: [String]) -> [JSONKey: Int] {
        Dictionary(uniqueKeysWithValues: keys.enumerated().map { (JSONKey($0.element), $0.offset) })
    }
}
