package import MQTTWire
package import Topics

/// What a door lets a connection and its session do.
///
/// `ServiceProfile` in `Broker` gives one value of this for each profile, with the source of each number.
package struct SessionLimits: Sendable, Equatable {
    /// Which keep alive is used for the one a client asks for.
    package struct KeepAliveRule: Sendable, Equatable {
        /// Used when the client asks for 0; `nil` leaves keep alive off.
        package var whenZero: UInt16?
        package var minimumSeconds: UInt16
        package var maximumSeconds: UInt16

        package init(whenZero: UInt16?, minimumSeconds: UInt16, maximumSeconds: UInt16) {
            self.whenZero = whenZero
            self.minimumSeconds = minimumSeconds
            self.maximumSeconds = maximumSeconds
        }

        /// The keep alive in force, seconds; 0 means off.
        package func effective(_ requested: UInt16) -> UInt16 {
            if requested == 0 { return self.whenZero ?? 0 }
            return min(max(requested, self.minimumSeconds), self.maximumSeconds)
        }
    }

    // Getting in
    package var connectTimeout: Duration = .seconds(10)
    package var maximumClientIDBytes = 65_535
    /// Client ids that start with `$` are the service's own.
    package var reservesDollarClientIDs = false
    /// What a client id made up by the broker starts with.
    package var assignedClientIDPrefix = "auto-"
    package var keepAlive = KeepAliveRule(whenZero: nil, minimumSeconds: 1, maximumSeconds: 65_535)
    /// The longest session expiry granted, seconds; `UInt32.max` means for ever.
    package var maximumSessionExpirySeconds = UInt32.max
    /// How long a session of clean session 0 (3.1.1) outlives its connection, seconds.
    package var keptSessionExpirySeconds = UInt32.max
    /// A session of 3.1.1 may be resumed with 5.0 and the reverse.
    package var resumesAcrossVersions = true

    // Sizes and counts
    package var maximumPacketBytes = 268_435_460
    /// CONNACK names the maximum packet size.
    package var announcesMaximumPacket = false
    /// CONNACK names every feature, also those that have their default value, as AWS does.
    package var announcesEveryFeature = false
    package var maximumPayloadBytes: Int?
    package var topic = TopicLimits.specification
    package var maximumFiltersPerSubscribe: Int?
    /// QoS 1 and 2 messages a client may have in flight towards the broker.
    package var receiveMaximum: UInt16 = 65_535
    /// QoS 1 and 2 messages the broker may have in flight towards a client.
    package var maximumOutboundInFlight: UInt16 = 65_535
    package var maximumQueuedMessages = 100_000
    package var maximumQueuedBytes = 64 * 1024 * 1024
    /// Bytes that may wait for a client that reads slowly before QoS 0 messages to it are dropped.
    package var maximumUnsentBytes = 16 * 1024 * 1024
    package var topicAliasMaximum: UInt16 = 65_535

    // Features
    package var maximumQoS = QoS.exactlyOnce
    package var subscriptionIdentifiersAvailable = true
    package var sharedSubscriptionsAvailable = true
    /// `a/#` also matches `a` (MQTT 5 §4.7.1.2).
    package var hashMatchesParent = true
    /// Retained messages are also sent for filters with wildcards.
    package var retainedForWildcards = true
    /// The least and most message expiry; what lies outside is moved to the nearest.
    package var messageExpirySeconds: ClosedRange<UInt32>?
    /// Topics that begin with `$` and are not the service's own close the connection.
    package var refusesReservedTopics = false
    /// A WebSocket close frame is a clean end: the will is not sent.
    package var closeFrameEndsCleanly = false

    package init() {}

    /// The message expiry in force for the one a publisher asks for, seconds; `nil` for none.
    package func messageExpiry(_ asked: UInt32?) -> UInt32? {
        guard let asked, let range = self.messageExpirySeconds else { return asked }
        return min(max(asked, range.lowerBound), range.upperBound)
    }
}
