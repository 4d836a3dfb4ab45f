package import MQTTWire
package import Timeline
package import Topics

/// A session that outlives its connection, as a journal keeps it.
package struct SessionRecord: Sendable {
    /// Names the session among all there ever were.
    package var number: UInt64
    package var clientID: ClientID
    package var origin: SessionState.Origin
    package var expirySeconds: UInt32
    /// When its connection ended; `nil` while it has one, and after a crash.
    package var disconnectedAt: WallTime?
    /// The will of the connection it has, or of the one it had.
    package var will: Will?
    /// When that will is due; `nil` while the connection lives.
    package var willDueAt: WallTime?
    package var subscriptions: [TopicFilter: SubscriptionOptions]
    /// In the order of their serials.
    package var messages: [OutboundFlight.Record]
    /// Packet ids of QoS 2 messages from the client that PUBREL has not released.
    package var unreleased: Set<UInt16>

    package init(
        number: UInt64, clientID: ClientID, origin: SessionState.Origin, expirySeconds: UInt32, disconnectedAt: WallTime? = nil,
        will: Will? = nil, willDueAt: WallTime? = nil, subscriptions: [TopicFilter: SubscriptionOptions] = [:],
        messages: [OutboundFlight.Record] = [], unreleased: Set<UInt16> = []
    ) {
        self.number = number
        self.clientID = clientID
        self.origin = origin
        self.expirySeconds = expirySeconds
        self.disconnectedAt = disconnectedAt
        self.will = will
        self.willDueAt = willDueAt
        self.subscriptions = subscriptions
        self.messages = messages
        self.unreleased = unreleased
    }
}
