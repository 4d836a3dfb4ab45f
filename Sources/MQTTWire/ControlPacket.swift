package import NIOCore

/// Something with MQTT 5 properties: a packet, or a will.
package protocol PropertyHolder {
    /// Writes the properties that are set, by ascending identifier with user properties last, without their length.
    func encodeProperties(into sink: inout some WireSink)
}

extension PropertyHolder {
    /// Writes nothing: for packets without properties.
    package func encodeProperties(into sink: inout some WireSink) {}

    /// Bytes of the properties without their length.
    var propertyBytes: Int {
        var count = CountingSink()
        self.encodeProperties(into: &count)
        return count.bytes
    }

    /// Writes the property length and the properties (MQTT 5 §2.2.2).
    func putProperties(into sink: inout some WireSink) {
        sink.put(variableByteInteger: self.propertyBytes)
        self.encodeProperties(into: &sink)
    }
}

/// A control packet as a value: it can be read from a body and written whole.
package protocol ControlPacket: PropertyHolder, Equatable, Sendable {
    /// The type of packet this is.
    static var packetType: PacketType { get }

    /// Reads a whole body; the frame's version tells which of the layouts it has.
    static func read(_ frame: inout FrameReader) throws(WireError) -> Self

    /// The low four bits of the first byte.
    var headerFlags: UInt8 { get }

    /// Writes the body, without the fixed header. Fields that `version` cannot carry are left out.
    func encodeBody(into sink: inout some WireSink, version: ProtocolVersion)
}

extension ControlPacket {
    /// The flags every packet of the type has.
    package var headerFlags: UInt8 { Self.packetType.requiredFlags }

    /// Bytes of the whole packet in `version`, to compare with what a peer accepts.
    package func encodedBytes(version: ProtocolVersion) -> Int {
        let bodyBytes = self.bodyBytes(version: version)
        return 1 + VariableByteInteger.encodedBytes(bodyBytes) + bodyBytes
    }

    /// Appends the whole packet.
    package func write(to buffer: inout ByteBuffer, version: ProtocolVersion) {
        let bodyBytes = self.bodyBytes(version: version)
        buffer.reserveCapacity(minimumWritableBytes: bodyBytes + 5)
        buffer.put(Self.packetType.rawValue << 4 | self.headerFlags)
        buffer.put(variableByteInteger: bodyBytes)
        self.encodeBody(into: &buffer, version: version)
    }

    /// The remaining length.
    private func bodyBytes(version: ProtocolVersion) -> Int {
        var count = CountingSink()
        self.encodeBody(into: &count, version: version)
        return count.bytes
    }
}
