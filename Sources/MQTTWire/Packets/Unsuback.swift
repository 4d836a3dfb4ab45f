/// UNSUBACK (MQTT 5 §3.11; 3.1.1 §3.11).
package struct Unsuback: ControlPacket {
    package static var packetType: PacketType { .unsuback }

    /// The identifier of the UNSUBSCRIBE.
    package var id: PacketID
    /// One per filter, in their order; MQTT 5 only.
    package var reasons: [Reason]
    /// Words for people (MQTT 5 §3.11.2.1.2).
    package var reasonString: String?
    /// For the application (MQTT 5 §3.11.2.1.3).
    package var userProperties: [UserProperty]

    /// An answer to an UNSUBSCRIBE.
    package init(id: PacketID, reasons: [Reason] = [], reasonString: String? = nil, userProperties: [UserProperty] = []) {
        self.id = id
        self.reasons = reasons
        self.reasonString = reasonString
        self.userProperties = userProperties
    }

    package static func read(_ frame: inout FrameReader) throws(WireError) -> Unsuback {
        var unsuback = Unsuback(id: try frame.packetID())
        guard frame.version == .v5 else {
            try frame.finish()
            return unsuback
        }
        var properties = try frame.properties(in: .unsuback)
        while let id = try properties.next() {
            switch id {
            case .reasonString: unsuback.reasonString = try properties.frame.string()
            case .userProperty: unsuback.userProperties.append(try properties.frame.userProperty())
            default: throw properties.refuse(id)
            }
        }
        guard !frame.isAtEnd else { throw .emptyList(.unsuback) }
        while !frame.isAtEnd {
            let reason = Reason(rawValue: try frame.byte())
            guard reason.isAllowed(in: .unsuback) else { throw .unknownReason(.unsuback, code: reason.rawValue) }
            unsuback.reasons.append(reason)
        }
        return unsuback
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(.reasonString, self.reasonString)
        sink.put(self.userProperties)
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        sink.put(self.id.rawValue)
        guard version == .v5 else { return }
        self.putProperties(into: &sink)
        for reason in self.reasons {
            sink.put(reason.rawValue)
        }
    }
}
