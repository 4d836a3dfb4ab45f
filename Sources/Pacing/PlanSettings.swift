package import Timeline

/// What holds for a whole plan: the header of a scenario file. Source: scheduler §16.2.
package struct PlanSettings: Sendable {
    /// The profiles there are; `ServiceProfile` says what they mean.
    package enum Profile: String, CaseIterable, Sendable { case aws, plain }

    package enum Clock: Hashable, Sendable {
        case real
        /// So many times as fast as real time, the whole service with it.
        case scaled(TimeFactor)
        /// Virtual auto: jumps to the next thing to happen whenever nothing is left to do.
        case virtual
    }

    /// The state of the broker that a run begins with. Source: scheduler §16.2 `start`.
    package enum Start: Equatable, Sendable {
        /// As it is.
        case present
        case clean
        /// The snapshot of this file, by its path relative to the scenario's folder.
        case snapshot(String)
    }

    package var name = ""
    package var profile = Profile.aws
    package var seed: UInt64 = 1
    package var clock = Clock.real
    package var start = Start.present
    package var laneBy: LaneRule?
    /// Exact keys and prefixes ending in `*`.
    package var lanes: [String: LaneSettings] = [:]
    package var speed = Speed.normal
    /// A least real gap that speed cannot go below.
    package var wallFloor = Duration.zero
    /// Steps of the run in flight together.
    package var slots = 10
    package var jitter: Jitter?
    package var timeLimit: Duration?
    package var quotas = QuotaSettings()
    /// Which answers the ordering proof compares. Source: scheduler §14.
    package var orderScope = OrderScope.thing
    package var defaults = Defaults()

    package struct Defaults: Sendable {
        package var qos: UInt8 = 1
        package var gates: Gates?
        package var timeout = Duration.seconds(5)
        package var within = Duration.seconds(1)
        package var onFail: FailurePolicy?
        package var late = LatePolicy.keep
        /// What a step may be late by before its late policy applies; plan time.
        package var lateGrace = Duration.zero
        package var publisher: Publisher?
        package var stampsToken = true
        package var jitter: Jitter?

        package init() {}
    }

    package init() {}

    /// Whether `a/#` matches `a` where this plan runs (reference mqtt §2).
    var hashMatchesParent: Bool { self.profile == .plain }

    /// The settings of a lane: exact key over prefixes, longer prefixes over shorter, then the defaults of its kind.
    package func lane(_ key: String) -> LaneSettings {
        let base = LaneSettings(minGap: LaneRule.isShadowLane(key) ? .seconds(1) : .zero, slots: 1, late: self.defaults.late)
        let prefixes = self.lanes.filter { $0.key.hasSuffix("*") && key.hasPrefix($0.key.dropLast()) }
        let general = prefixes.sorted { $0.key.utf8.count < $1.key.utf8.count }.reduce(base) { $1.value.over($0) }
        return self.lanes[key]?.over(general) ?? general
    }

    /// The gate of a publish: its own, the plan's where it can be met, then the lane's default (scheduler §4).
    func gates(of step: Step, laneKey: String) -> Gates {
        guard let publication = step.publication else { return .acked }
        if publication.expectedRejection != nil { return (step.options.gates ?? []).union(.accepted) }
        if let gates = step.options.gates { return gates }
        let isShadow = publication.shadow != nil
        let plain: Gates = publication.qos == 0 ? .sent : .acked
        if let gates = self.defaults.gates {
            if isShadow || gates.isDisjoint(with: .ofShadows) {
                return publication.qos == 0 ? gates.subtracting(.acked).union(.sent) : gates
            }
            return plain
        }
        return isShadow && LaneRule.isShadowLane(laneKey) ? .accepted : plain
    }
}

extension PlanSettings.Clock {
    /// `real`, `virtual`, `scaled(10)`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        switch text {
        case "real": self = .real
        case "virtual": self = .virtual
        default:
            guard text.hasPrefix("scaled("), text.hasSuffix(")") else { return nil }
            guard let factor = TimeFactor(text.dropFirst(7).dropLast()) else { return nil }
            self = .scaled(factor)
        }
    }

    /// As files and reports write it.
    package var text: String {
        switch self {
        case .real: "real"
        case .virtual: "virtual"
        case .scaled(let factor): "scaled(\(factor))"
        }
    }
}

/// How much faster than written a plan runs. Source: scheduler §4.
package enum Speed: Equatable, Sendable {
    /// `numerator / denominator`, both positive.
    case times(Int64, per: Int64)
    /// Every planned time, gap and jitter is 0; order and gates stay.
    case max

    package static let normal = Speed.times(1, per: 1)

    /// A duration of the plan on the run's clock, rounded up to the nanosecond so that no gap shrinks by rounding.
    package func scaled(_ duration: Duration) -> Duration {
        switch self {
        case .max: .zero
        case .times(1, per: 1): duration
        case .times(let numerator, let denominator): Self.multiplied(duration, by: denominator, per: numerator)
        }
    }

    /// What of the plan passes in a duration of the run's clock, rounded up to the nanosecond; nothing at `max`.
    func planned(_ duration: Duration) -> Duration {
        switch self {
        case .max: .zero
        case .times(1, per: 1): duration
        case .times(let numerator, let denominator): Self.multiplied(duration, by: numerator, per: denominator)
        }
    }

    private static func multiplied(_ duration: Duration, by factor: Int64, per divisor: Int64) -> Duration {
        let product =
            (Int128(duration.components.seconds) * 1_000_000_000 + Int128(duration.components.attoseconds / 1_000_000_000)) * Int128(factor)
        return .nanoseconds(Int64(clamping: (product + Int128(divisor) - 1) / Int128(divisor)))
    }
}
