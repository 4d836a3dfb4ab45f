public import NIOCore

/// PUBACK (MQTT 5 §3.4; 3.1.1 §3.4). The answer to a PUBLISH at QoS 1.
@usableFromInline
package struct Puback: ControlPacket {
    package static var packetType: PacketType { .puback }

    /// The identifier of the PUBLISH.
    @usableFromInline package var id: PacketID
    /// Absent on the wire means success (MQTT 5 §3.4.2.1).
    @usableFromInline package var reason: Reason
    /// Words for people (MQTT 5 §3.4.2.2.2).
    @usableFromInline package var reasonString: String?
    /// For the application (MQTT 5 §3.4.2.2.3).
    @usableFromInline package var userProperties: [UserProperty]

    /// An answer; only `id` exists before MQTT 5.
    @inlinable
    package init(id: PacketID, reason: Reason = .success, reasonString: String? = nil, userProperties: [UserProperty] = []) {
        self.id = id
        self.reason = reason
        self.reasonString = reasonString
        self.userProperties = userProperties
    }

    /// Reads the body. Does not allocate unless the packet has a reason string or user properties.
    @inlinable
    package static func read(_ frame: inout FrameReader) throws(WireError) -> Puback {
        var ack = Puback(id: try frame.packetID())
        if !frame.isAtEnd {
            try ack.readDetails(&frame)
        }
        return ack
    }

    /// Appends the four bytes of an answer without a reason, as all versions have it. Does not allocate.
    @inlinable
    package static func write(id: PacketID, to buffer: inout ByteBuffer) {
        buffer.writeInteger(0x4002_0000 as UInt32 | UInt32(id.rawValue))
    }

    @usableFromInline
    mutating func readDetails(_ frame: inout FrameReader) throws(WireError) {
        let details = try AcknowledgementDetails.read(&frame, context: .puback, packet: .puback)
        self.reason = details.reason
        self.reasonString = details.reasonString
        self.userProperties = details.userProperties
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        sink.put(self.id.rawValue)
        guard version == .v5 else { return }
        AcknowledgementDetails(reason: self.reason, reasonString: self.reasonString, userProperties: self.userProperties).encode(
            into: &sink)
    }
}
