/// SUBACK (MQTT 5 §3.9; 3.1.1 §3.9).
package struct Suback: ControlPacket {
    package static var packetType: PacketType { .suback }

    /// The identifier of the SUBSCRIBE.
    package var id: PacketID
    /// One per filter, in their order; before MQTT 5 every failure is written as 0x80.
    package var reasons: [Reason]
    /// Words for people (MQTT 5 §3.9.2.1.2).
    package var reasonString: String?
    /// For the application (MQTT 5 §3.9.2.1.3).
    package var userProperties: [UserProperty]

    /// An answer to a SUBSCRIBE.
    package init(id: PacketID, reasons: [Reason], reasonString: String? = nil, userProperties: [UserProperty] = []) {
        self.id = id
        self.reasons = reasons
        self.reasonString = reasonString
        self.userProperties = userProperties
    }

    package static func read(_ frame: inout FrameReader) throws(WireError) -> Suback {
        var suback = Suback(id: try frame.packetID(), reasons: [])
        if frame.version == .v5 {
            var properties = try frame.properties(in: .suback)
            while let id = try properties.next() {
                switch id {
                case .reasonString: suback.reasonString = try properties.frame.string()
                case .userProperty: suback.userProperties.append(try properties.frame.userProperty())
                default: throw properties.refuse(id)
                }
            }
        }
        guard !frame.isAtEnd else { throw .emptyList(.suback) }
        while !frame.isAtEnd {
            suback.reasons.append(try Self.readReason(&frame))
        }
        return suback
    }

    /// 3.1 has the granted QoS in two bits and leaves the others unused, though servers send 0x80 there too; 3.1.1 defines that. [MQTT-3.9.3-2]
    private static func readReason(_ frame: inout FrameReader) throws(WireError) -> Reason {
        let byte = try frame.byte()
        var reason = Reason(rawValue: byte)
        if frame.version == .v31 {
            reason = reason.isError ? .unspecifiedError : Reason(rawValue: byte & 0b11)
        }
        let isDefined =
            frame.version == .v5 ? reason.isAllowed(in: .suback) : reason.rawValue <= 2 || reason == .unspecifiedError
        guard isDefined else { throw .unknownReason(.suback, code: byte) }
        return reason
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(.reasonString, self.reasonString)
        sink.put(self.userProperties)
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        sink.put(self.id.rawValue)
        if version == .v5 {
            self.putProperties(into: &sink)
        }
        for reason in self.reasons {
            sink.put(version != .v5 && reason.isError ? Reason.unspecifiedError.rawValue : reason.rawValue)
        }
    }
}
