package import Topics

/// What a profile's doors let a connection do, as far as a file can be held to it; nil is no limit.
///
/// The doors themselves have the numbers from `ServiceProfile` in `Broker`, which this target does not see; a test compares the two.
package struct ProfileLimits: Equatable, Sendable {
    package var topic = TopicLimits.specification
    package var payloadBytes: Int?
    package var filtersPerSubscribe: Int?
    package var clientIDBytes: Int?
    /// Client ids and topics that begin with `$` are the service's own.
    package var reservesDollar = false
    package var maximumQoS: UInt8 = 2
    /// Keep alive in force, seconds.
    package var keepAliveSeconds: ClosedRange<UInt16>?

    package init() {}

    package init(_ profile: PlanSettings.Profile) {
        switch profile {
        case .plain: self.init()
        case .aws: self = .aws
        }
    }

    /// Sources: reference mqtt §5, §6, §12.
    package static let aws: ProfileLimits = {
        var limits = ProfileLimits()
        limits.topic = TopicLimits(maximumBytes: 256, maximumSlashes: 7, maximumShareNameCharacters: 128)
        limits.payloadBytes = 131_072
        limits.filtersPerSubscribe = 8
        limits.clientIDBytes = 128
        limits.reservesDollar = true
        limits.maximumQoS = 1
        limits.keepAliveSeconds = 30...1200
        return limits
    }()
}
