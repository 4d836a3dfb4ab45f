package import MQTTWire

/// How one session wants the messages of one filter (MQTT 5 §3.8.3.1).
package struct SubscriptionOptions: Equatable, Sendable {
    package var qos: QoS
    package var noLocal: Bool
    package var retainAsPublished: Bool
    package var retainHandling: Subscription.RetainHandling
    package var identifier: UInt32?
    /// From the door's limits: whether `a/#` matches `a`.
    package var hashMatchesParent: Bool
    /// The share this subscription belongs to, with its filter; `nil` for an ordinary one.
    package var share: ShareKey?

    package init(
        qos: QoS, noLocal: Bool = false, retainAsPublished: Bool = false, retainHandling: Subscription.RetainHandling = .sendAtSubscribe,
        identifier: UInt32? = nil, hashMatchesParent: Bool = true, share: ShareKey? = nil
    ) {
        self.qos = qos
        self.noLocal = noLocal
        self.retainAsPublished = retainAsPublished
        self.retainHandling = retainHandling
        self.identifier = identifier
        self.hashMatchesParent = hashMatchesParent
        self.share = share
    }
}

/// The name of a share and its filter, which together are one group (MQTT 5 §4.8.2).
package struct ShareKey: Hashable, Comparable, Sendable {
    package let name: String
    package let filter: [UInt8]

    package init(name: String, filter: [UInt8]) {
        self.name = name
        self.filter = filter
    }

    /// By name, then filter: an order that does not change from run to run.
    package static func < (left: ShareKey, right: ShareKey) -> Bool {
        left.name == right.name ? left.filter.lexicographicallyPrecedes(right.filter) : left.name < right.name
    }
}
