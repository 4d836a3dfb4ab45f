/// Finds packets in a stream of bytes (MQTT 5 §2.1; 3.1.1 §2.2).
@usableFromInline
package enum PacketFramer {
    /// The largest packet the wire can express: a five byte header and four bytes' worth of remaining length.
    @inlinable package static var largestPacketBytes: Int { VariableByteInteger.maximum + 5 }

    /// Reads the fixed header at the start of `bytes`.
    ///
    /// What is already wrong throws at once, so that nobody waits for, or makes room for, a body that will be refused.
    /// Does not allocate. Looks at five bytes at most; the body may be missing still.
    /// - Parameters:
    ///   - maximumPacketBytes: the largest whole packet that is accepted.
    ///   - version: the connection's version once known. 3.1 leaves header flags of packets but PUBLISH unused, and so
    ///     unchecked; only 5.0 has AUTH and demands the shortest form of lengths. With nil either is accepted, with flags as in 3.1.1.
    /// - Returns: nil when the header is not complete.
    @inlinable
    package static func header(
        of bytes: UnsafeRawBufferPointer, maximumPacketBytes: Int, version: ProtocolVersion? = nil
    ) throws(WireError) -> FrameHeader? {
        guard bytes.count > 0 else { return nil }
        let first = bytes[0]
        guard let type = PacketType(rawValue: first >> 4) else { throw .unknownPacketType(first >> 4) }
        let flags = first & 0x0F
        if type != .publish || flags & 0b0110 == 0b0110 {
            try Self.check(type, flags: flags, version: version)
        }

        guard bytes.count > 1 else { return nil }
        var length = Int(bytes[1] & 0x7F)
        var headerBytes = 2
        if bytes[1] >= 0x80 {
            var shift = 7
            while true {
                guard headerBytes < 5 else { throw .variableByteIntegerTooLong }
                guard headerBytes < bytes.count else { return nil }
                let byte = bytes[headerBytes]
                length |= Int(byte & 0x7F) << shift
                shift += 7
                headerBytes += 1
                if byte < 0x80 {
                    if byte == 0, version == .v5 { throw .variableByteIntegerNotMinimal }
                    break
                }
            }
        }
        let header = FrameHeader(type: type, flags: flags, headerBytes: headerBytes, bodyBytes: length)
        guard header.totalBytes <= maximumPacketBytes else {
            throw .packetTooLarge(bytes: header.totalBytes, limit: maximumPacketBytes)
        }
        return header
    }

    /// Checks type and flags of a first byte. [MQTT-2.1.3-1] [MQTT-3.3.1-4]
    @usableFromInline
    package static func check(_ type: PacketType, flags: UInt8, version: ProtocolVersion?) throws(WireError) {
        if type == .publish {
            guard flags & 0b0110 != 0b0110 else { throw .invalidQoS(3) }
            return
        }
        if type == .auth, let version, version != .v5 { throw .unknownPacketType(type.rawValue) }
        guard flags == type.requiredFlags || version == .v31 else { throw .reservedFlags(type, flags: flags) }
    }
}
