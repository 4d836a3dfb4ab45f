public import NIOCore

/// PINGRESP (MQTT 5 §3.13; 3.1.1 §3.13). The server is there.
@usableFromInline
package struct Pingresp: ControlPacket {
    package static var packetType: PacketType { .pingresp }

    /// The packet has no fields.
    package init() {}

    package static func read(_ frame: inout FrameReader) throws(WireError) -> Pingresp {
        try frame.finish()
        return Pingresp()
    }

    /// Appends the packet's two bytes. Does not allocate.
    @inlinable
    package static func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger(0xD000 as UInt16)
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {}
}
