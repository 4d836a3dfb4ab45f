import Shadows

/// How steps without a `lane` find theirs. Source: scheduler §5.
package enum LaneRule: String, CaseIterable, Sendable {
    case thing, shadow, topic, client, none, one

    /// The lane of a step: its own `lane`, then the plan's rule, then the default.
    static func key(of step: Step, by rule: LaneRule?) -> String? {
        guard let actor = step.actor else { return step.movesTime ? step.options.lane ?? "clock" : nil }
        if let lane = step.options.lane { return lane }
        let publication = step.publication
        switch rule {
        case nil, .some(.thing):
            if let shadow = publication?.shadow { return "thing:\(shadow.id.thing.text)" }
        case .some(.shadow):
            if let shadow = publication?.shadow { return "shadow:\(shadow.id.thing.text)" + (shadow.id.name.map { "/\($0.text)" } ?? "") }
        case .some(.topic):
            if let publication { return "topic:\(publication.topic)" }
        case .some(.client): break
        case .some(LaneRule.none): return "step:\(step.id)"
        case .some(.one): return "one"
        }
        return "client:\(actor.text)"
    }

    /// Whether a key names a lane whose defaults are those of shadows.
    static func isShadowLane(_ key: String) -> Bool {
        key.hasPrefix("thing:") || key.hasPrefix("shadow:")
    }
}
