package import MQTTWire
package import Timeline
package import Topics

/// What the broker remembers for one client id, with or without a connection (MQTT 5 §4.1).
package struct SessionState {
    /// Which connections may resume a session.
    package struct Origin: Equatable, Sendable {
        /// The name of the door's profile.
        package let profile: String
        package let version: ProtocolVersion

        package init(profile: String, version: ProtocolVersion) {
            self.profile = profile
            self.version = version
        }

        /// Why a connection of this origin cannot resume a session of `other`; `nil` if it can.
        package func obstacle(to other: Origin, limits: SessionLimits) -> String? {
            if self.profile != other.profile {
                return "the session was made on a door of profile \(other.profile), this one is \(self.profile)"
            }
            let crossesVersions = (self.version == .v5) != (other.version == .v5)
            if crossesVersions, !limits.resumesAcrossVersions {
                return "a session of MQTT 3 cannot be resumed with MQTT 5, nor the reverse"
            }
            return nil
        }
    }

    package let clientID: ClientID
    package var origin: Origin
    package var expirySeconds: UInt32
    package private(set) var subscriptions: [TopicFilter: SubscriptionOptions] = [:]
    package var outbound: OutboundFlight
    package var inbound = InboundFlight()
    package let limits: SessionLimits
    /// Whether the session outlives its connection; decided by CONNECT.
    package let isKept: Bool

    package init(accepted: AcceptedConnect, origin: Origin, limits: SessionLimits) {
        self.clientID = accepted.clientID
        self.origin = origin
        self.expirySeconds = accepted.sessionExpirySeconds
        self.limits = limits
        self.isKept = accepted.isKept
        self.outbound = OutboundFlight(limits: limits, keepsMessages: accepted.isKept)
        self.outbound.connected(window: accepted.outboundWindow)
    }

    /// A session that was kept while the broker was down.
    package init(restoring record: SessionRecord, limits: SessionLimits) {
        self.clientID = record.clientID
        self.origin = record.origin
        self.expirySeconds = record.expirySeconds
        self.limits = limits
        self.isKept = true
        self.subscriptions = record.subscriptions
        self.outbound = OutboundFlight(limits: limits, restoring: record.messages)
        self.inbound = InboundFlight(ids: record.unreleased)
    }

    /// A client came back to this session.
    package mutating func resumed(by accepted: AcceptedConnect, origin: Origin) {
        self.origin = origin
        self.expirySeconds = accepted.sessionExpirySeconds
        self.outbound.connected(window: accepted.outboundWindow)
    }

    /// - Returns: the options this filter had before.
    package mutating func subscribe(_ filter: TopicFilter, options: SubscriptionOptions) -> SubscriptionOptions? {
        self.subscriptions.updateValue(options, forKey: filter)
    }

    package mutating func unsubscribe(_ filter: TopicFilter) -> SubscriptionOptions? {
        self.subscriptions.removeValue(forKey: filter)
    }

    /// The session has ended: what it held goes.
    package mutating func forgetMessages() {
        self.outbound = OutboundFlight(limits: self.limits, keepsMessages: self.isKept)
        self.inbound = InboundFlight()
    }

    /// When a session without a connection ends; `nil` for never.
    package func expiry(disconnectedAt now: Instant) -> Instant? {
        self.expirySeconds == .max ? nil : now + .seconds(Int64(self.expirySeconds))
    }
}
