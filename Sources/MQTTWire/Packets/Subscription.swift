/// One filter of a SUBSCRIBE with its options (MQTT 5 §3.8.3.1; 3.1.1 §3.8.3).
package struct Subscription: Hashable, Sendable {
    /// When retained messages are sent for a new subscription (MQTT 5 §3.8.3.1).
    package enum RetainHandling: UInt8, Sendable, CaseIterable {
        /// At every SUBSCRIBE; what versions before 5 do.
        case sendAtSubscribe = 0
        /// Only when the subscription did not exist.
        case sendIfNew = 1
        /// Never.
        case doNotSend = 2
    }

    /// The filter as written, with `$share/` if it has it; checked as text, not as a filter.
    package var filter: String
    /// The best QoS the client wants.
    package var qos: QoS
    /// Messages this client published are not sent back to it.
    package var noLocal: Bool
    /// The retain flag is sent on as published.
    package var retainAsPublished: Bool
    /// When retained messages are sent.
    package var retainHandling: RetainHandling

    /// Without options, a subscription as in 3.1.1.
    package init(
        filter: String, qos: QoS = .atMostOnce, noLocal: Bool = false, retainAsPublished: Bool = false,
        retainHandling: RetainHandling = .sendAtSubscribe
    ) {
        self.filter = filter
        self.qos = qos
        self.noLocal = noLocal
        self.retainAsPublished = retainAsPublished
        self.retainHandling = retainHandling
    }

    /// Reads a filter and its options byte.
    static func read(_ frame: inout FrameReader) throws(WireError) -> Subscription {
        var subscription = Subscription(filter: try frame.string())
        let options = try frame.byte()
        switch frame.version {
        case .v31:
            // The upper six bits are unused there (3.1 §3.8).
            break
        case .v311:
            guard options & 0b1111_1100 == 0 else { throw .reservedSubscriptionOptions(options) }
        case .v5:
            guard options & 0b1100_0000 == 0 else { throw .reservedSubscriptionOptions(options) }
            guard let retainHandling = RetainHandling(rawValue: options >> 4 & 0b11) else { throw .invalidRetainHandling }
            subscription.retainHandling = retainHandling
            subscription.noLocal = options & 0b100 != 0
            subscription.retainAsPublished = options & 0b1000 != 0
            if subscription.noLocal, subscription.filter.hasPrefix("$share/") { throw .noLocalOnSharedSubscription }
        }
        guard let qos = QoS(rawValue: options & 0b11) else { throw .invalidSubscriptionQoS }
        subscription.qos = qos
        return subscription
    }

    /// Writes the filter and its options byte.
    func encode(into sink: inout some WireSink, version: ProtocolVersion) {
        sink.put(string: self.filter)
        var options = self.qos.rawValue
        if version == .v5 {
            options |= (self.noLocal ? 0b100 : 0) | (self.retainAsPublished ? 0b1000 : 0) | self.retainHandling.rawValue << 4
        }
        sink.put(options)
    }
}
