/// The fixed header of a packet: what it is and how far it reaches (MQTT 5 §2.1; 3.1.1 §2.2).
@usableFromInline
package struct FrameHeader: Equatable, Sendable {
    /// The packet type.
    @usableFromInline package let type: PacketType
    /// The low four bits of the first byte.
    @usableFromInline package let flags: UInt8
    /// Bytes of the fixed header itself, 2…5.
    @usableFromInline package let headerBytes: Int
    /// The remaining length: bytes that follow the fixed header, 0…268 435 455.
    @usableFromInline package let bodyBytes: Int

    /// A header as read or about to be written.
    @inlinable
    package init(type: PacketType, flags: UInt8, headerBytes: Int, bodyBytes: Int) {
        self.type = type
        self.flags = flags
        self.headerBytes = headerBytes
        self.bodyBytes = bodyBytes
    }

    /// Bytes of the whole packet.
    @inlinable
    package var totalBytes: Int { self.headerBytes + self.bodyBytes }
}
