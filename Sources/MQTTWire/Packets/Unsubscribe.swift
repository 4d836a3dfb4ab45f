/// UNSUBSCRIBE (MQTT 5 §3.10; 3.1.1 §3.10).
package struct Unsubscribe: ControlPacket {
    package static var packetType: PacketType { .unsubscribe }

    /// The identifier UNSUBACK repeats.
    package var id: PacketID
    /// At least one, as written; checked as text, not as filters. [MQTT-3.10.3-2]
    package var filters: [String]
    /// For the application (MQTT 5 §3.10.2.1.2).
    package var userProperties: [UserProperty]

    /// A request to drop `filters`.
    package init(id: PacketID, filters: [String], userProperties: [UserProperty] = []) {
        self.id = id
        self.filters = filters
        self.userProperties = userProperties
    }

    package static func read(_ frame: inout FrameReader) throws(WireError) -> Unsubscribe {
        var unsubscribe = Unsubscribe(id: try frame.packetID(), filters: [])
        if frame.version == .v5 {
            var properties = try frame.properties(in: .unsubscribe)
            while let id = try properties.next() {
                switch id {
                case .userProperty: unsubscribe.userProperties.append(try properties.frame.userProperty())
                default: throw properties.refuse(id)
                }
            }
        }
        guard !frame.isAtEnd else { throw .emptyList(.unsubscribe) }
        while !frame.isAtEnd {
            unsubscribe.filters.append(try frame.string())
        }
        return unsubscribe
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(self.userProperties)
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        sink.put(self.id.rawValue)
        if version == .v5 {
            self.putProperties(into: &sink)
        }
        for filter in self.filters {
            sink.put(string: filter)
        }
    }
}
