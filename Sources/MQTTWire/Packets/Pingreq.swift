public import NIOCore

/// PINGREQ (MQTT 5 §3.12; 3.1.1 §3.12). The client is there and asks whether the server is.
@usableFromInline
package struct Pingreq: ControlPacket {
    package static var packetType: PacketType { .pingreq }

    /// The packet has no fields.
    package init() {}

    package static func read(_ frame: inout FrameReader) throws(WireError) -> Pingreq {
        try frame.finish()
        return Pingreq()
    }

    /// Appends the packet's two bytes. Does not allocate.
    @inlinable
    package static func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger(0xC000 as UInt16)
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {}
}
