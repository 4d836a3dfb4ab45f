import MQTTWire
package import Sessions
import Topics

/// How a door behaves: a full MQTT broker, or AWS IoT Core.
///
/// A profile is data. Every number has its source; what AWS does not document is a named switch with a default.
package struct ServiceProfile: Sendable {
    /// The name in configuration, logs and session records.
    package let name: String
    package var limits: SessionLimits
    /// Rates and counts, for what comes in through the door.
    package var quotas: ServiceQuotas

    package init(name: String, limits: SessionLimits, quotas: ServiceQuotas = ServiceQuotas(all: .off)) {
        self.name = name
        self.limits = limits
        self.quotas = quotas
    }

    /// A full MQTT broker: what the specifications allow, with bounds on memory.
    package static let plain: ServiceProfile = {
        var limits = SessionLimits()
        // mosquitto's own bound on a packet is the protocol's; ours too once a client is in.
        limits.maximumPacketBytes = 268_435_460
        // Identifiers in deliveries are not built yet, so CONNACK says so (MQTT 5 §3.2.2.3.12).
        limits.subscriptionIdentifiersAvailable = false
        return ServiceProfile(name: "plain", limits: limits)
    }()

    /// AWS IoT Core. Sources: Developer Guide "MQTT", "Protocols", the endpoints and quotas page, and what
    /// aws-crt-python's `test_mqtt5.py` sees on the real service.
    package static let aws: ServiceProfile = {
        var limits = SessionLimits()
        // Quotas page: client id size, reserved prefix.
        limits.maximumClientIDBytes = 128
        limits.reservesDollarClientIDs = true
        // Not documented: the form of an id made up by the service for an empty one.
        limits.assignedClientIDPrefix = "$GEN/"
        // Quotas page: keep alive 30–1200 s, 0 means 1200.
        limits.keepAlive = .init(whenZero: 1200, minimumSeconds: 30, maximumSeconds: 1200)
        // Quotas page: persistent session expiry 1 h by default; seen in CONNACK as 3600.
        limits.maximumSessionExpirySeconds = 3600
        limits.keptSessionExpirySeconds = 3600
        // Developer Guide "MQTT": sessions are not shared between the versions.
        limits.resumesAcrossVersions = false
        // Seen in CONNACK: 149504; quotas page: payload 128 KB.
        limits.maximumPacketBytes = 149_504
        limits.announcesMaximumPacket = true
        limits.announcesEveryFeature = true
        limits.maximumPayloadBytes = 131_072
        // Quotas page: 256 bytes, 7 slashes; 8 filters in a SUBSCRIBE.
        limits.topic = TopicLimits(maximumBytes: 256, maximumSlashes: 7, maximumShareNameCharacters: 128)
        limits.maximumFiltersPerSubscribe = 8
        // Quotas page and CONNACK: 100 unacknowledged each way; topic alias maximum 8.
        limits.receiveMaximum = 100
        limits.maximumOutboundInFlight = 100
        limits.topicAliasMaximum = 8
        // Developer Guide "MQTT", differences from the specification.
        limits.maximumQoS = .atLeastOnce
        limits.subscriptionIdentifiersAvailable = false
        limits.hashMatchesParent = false
        limits.retainedForWildcards = false
        limits.messageExpirySeconds = 1...604_800
        limits.refusesReservedTopics = true
        limits.closeFrameEndsCleanly = true
        return ServiceProfile(name: "aws", limits: limits, quotas: ServiceQuotas(all: .warn))
    }()

    /// The profile of this name; `nil` if there is none.
    package static func named(_ name: String) -> ServiceProfile? {
        switch name {
        case "plain": .plain
        case "aws": .aws
        default: nil
        }
    }
}
