/// SUBSCRIBE (MQTT 5 §3.8; 3.1.1 §3.8).
package struct Subscribe: ControlPacket {
    package static var packetType: PacketType { .subscribe }

    /// The identifier SUBACK repeats.
    package var id: PacketID
    /// At least one, in the order SUBACK answers. [MQTT-3.8.3-2]
    package var filters: [Subscription]
    /// Sent with every message these subscriptions match, 1…268 435 455 (MQTT 5 §3.8.2.1.2).
    package var subscriptionIdentifier: UInt32?
    /// For the application (MQTT 5 §3.8.2.1.3).
    package var userProperties: [UserProperty]

    /// A request for `filters`.
    package init(id: PacketID, filters: [Subscription], subscriptionIdentifier: UInt32? = nil, userProperties: [UserProperty] = []) {
        self.id = id
        self.filters = filters
        self.subscriptionIdentifier = subscriptionIdentifier
        self.userProperties = userProperties
    }

    package static func read(_ frame: inout FrameReader) throws(WireError) -> Subscribe {
        var subscribe = Subscribe(id: try frame.packetID(), filters: [])
        if frame.version == .v5 {
            var properties = try frame.properties(in: .subscribe)
            while let id = try properties.next() {
                switch id {
                case .subscriptionIdentifier: subscribe.subscriptionIdentifier = try properties.subscriptionIdentifier()
                case .userProperty: subscribe.userProperties.append(try properties.frame.userProperty())
                default: throw properties.refuse(id)
                }
            }
        }
        guard !frame.isAtEnd else { throw .emptyList(.subscribe) }
        while !frame.isAtEnd {
            subscribe.filters.append(try Subscription.read(&frame))
        }
        return subscribe
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(subscriptionIdentifier: self.subscriptionIdentifier)
        sink.put(self.userProperties)
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        sink.put(self.id.rawValue)
        if version == .v5 {
            self.putProperties(into: &sink)
        }
        for subscription in self.filters {
            subscription.encode(into: &sink, version: version)
        }
    }
}
