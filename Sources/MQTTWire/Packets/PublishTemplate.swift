public import NIOCore

/// Writes PUBLISH packets from raw pieces, for a message that is encoded once and goes to many.
///
/// Nothing here is checked against the protocol; the pieces come from packets that were. Nothing allocates but the
/// destination's growth, which is asked for once.
@usableFromInline
package enum PublishTemplate {
    /// Bytes of the packet that ``writePublish(firstByte:topic:packetID:properties:messageExpirySeconds:topicAlias:payload:into:)``
    /// would append, to compare with what a receiver accepts.
    @inlinable
    package static func encodedBytes(
        topicBytes: Int, hasPacketID: Bool, propertyBytes: Int?, hasMessageExpiry: Bool, hasTopicAlias: Bool, payloadBytes: Int
    ) -> Int {
        let properties = (propertyBytes ?? 0) + (hasMessageExpiry ? 5 : 0) + (hasTopicAlias ? 3 : 0)
        let propertyField = propertyBytes == nil ? 0 : VariableByteInteger.encodedBytes(properties) + properties
        let body = 2 + topicBytes + (hasPacketID ? 2 : 0) + propertyField + payloadBytes
        return 1 + VariableByteInteger.encodedBytes(body) + body
    }

    /// Appends a whole PUBLISH with one reservation.
    /// - Parameters:
    ///   - firstByte: DUP, QoS and RETAIN in the low four bits; the packet type is added.
    ///   - topic: at most 65 535 bytes; empty when an alias stands for it.
    ///   - packetID: given exactly when the QoS is above 0. When it will be patched, any number but nil.
    ///   - properties: nil for a receiver before MQTT 5; else the encoded properties without their length, alias and expiry,
    ///     as ``Publish/appendForwardedProperties(from:to:)`` or ``PublishProperties/encoded`` gives them; may be empty.
    ///   - messageExpirySeconds: added before `properties`; ignored when they are nil.
    ///   - topicAlias: added before `properties`; ignored when they are nil.
    ///   - payload: the message.
    /// - Returns: the offset of the packet identifier from the packet's first byte, or 0 when the packet has none.
    @inlinable
    @discardableResult
    package static func writePublish(
        firstByte: UInt8, topic: UnsafeRawBufferPointer, packetID: UInt16?, properties: UnsafeRawBufferPointer?,
        messageExpirySeconds: UInt32?, topicAlias: UInt16?, payload: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
    ) -> Int {
        precondition(topic.count <= Int(UInt16.max), "a topic holds at most 65535 bytes, this one has \(topic.count)")
        var propertyBytes = 0
        var bodyBytes = 2 + topic.count + (packetID == nil ? 0 : 2) + payload.count
        if let properties {
            propertyBytes = properties.count + (messageExpirySeconds == nil ? 0 : 5) + (topicAlias == nil ? 0 : 3)
            bodyBytes += VariableByteInteger.encodedBytes(propertyBytes) + propertyBytes
        }
        precondition(bodyBytes <= VariableByteInteger.maximum, "a packet body of \(bodyBytes) bytes cannot be written")
        let headerBytes = 1 + VariableByteInteger.encodedBytes(bodyBytes)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: headerBytes + bodyBytes) { space in
            guard var cursor = space.baseAddress else { return 0 }
            cursor.storeBytes(of: PacketType.publish.rawValue << 4 | firstByte & 0x0F, as: UInt8.self)
            cursor += 1
            cursor += VariableByteInteger.store(bodyBytes, at: cursor)
            cursor.storeBytes(of: UInt16(truncatingIfNeeded: topic.count).bigEndian, as: UInt16.self)
            cursor += 2
            Self.copy(topic, to: &cursor)
            if let packetID {
                cursor.storeBytes(of: packetID.bigEndian, as: UInt16.self)
                cursor += 2
            }
            if let properties {
                cursor += VariableByteInteger.store(propertyBytes, at: cursor)
                if let messageExpirySeconds {
                    cursor.storeBytes(of: PropertyID.messageExpiryInterval.rawValue, as: UInt8.self)
                    cursor.storeBytes(of: messageExpirySeconds.bigEndian, toByteOffset: 1, as: UInt32.self)
                    cursor += 5
                }
                if let topicAlias {
                    cursor.storeBytes(of: PropertyID.topicAlias.rawValue, as: UInt8.self)
                    cursor.storeBytes(of: topicAlias.bigEndian, toByteOffset: 1, as: UInt16.self)
                    cursor += 3
                }
                Self.copy(properties, to: &cursor)
            }
            Self.copy(payload, to: &cursor)
            return headerBytes + bodyBytes
        }
        return packetID == nil ? 0 : headerBytes + 2 + topic.count
    }

    /// Appends a copy of a whole encoded PUBLISH with its own flags and packet identifier.
    /// - Parameters:
    ///   - packet: the encoded packet, with or without an identifier as `firstByte`'s QoS wants it.
    ///   - firstByte: DUP, QoS and RETAIN in the low four bits. The QoS may change between 1 and 2 but not to or from 0.
    ///   - packetIDOffset: what `writePublish` returned for `packet`; 0 leaves `packetID` unused.
    ///   - packetID: the identifier for this receiver.
    @inlinable
    package static func appendCopy(
        of packet: UnsafeRawBufferPointer, firstByte: UInt8, packetIDOffset: Int, packetID: UInt16, to buffer: inout ByteBuffer
    ) {
        precondition(packetIDOffset + 2 <= packet.count, "packet identifier offset \(packetIDOffset) lies outside the packet")
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: packet.count) { space in
            guard let start = space.baseAddress, let source = packet.baseAddress else { return 0 }
            start.copyMemory(from: source, byteCount: packet.count)
            start.storeBytes(of: PacketType.publish.rawValue << 4 | firstByte & 0x0F, as: UInt8.self)
            if packetIDOffset > 0 {
                start.storeBytes(of: packetID.bigEndian, toByteOffset: packetIDOffset, as: UInt16.self)
            }
            return packet.count
        }
    }

    /// Copies `bytes` to `cursor` and moves it past them.
    @inlinable
    static func copy(_ bytes: UnsafeRawBufferPointer, to cursor: inout UnsafeMutableRawPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        cursor.copyMemory(from: source, byteCount: bytes.count)
        cursor += bytes.count
    }
}
