/// Reads the fields of one packet body, and never past its end.
///
/// Borrows the bytes: a reader must not outlive the pointer it was given. Positions are offsets from the start of the
/// body, also in the part that a ``PropertyReader`` reads. Reading numbers and ranges does not allocate, and is inlined always:
/// left to itself the compiler makes a call of each of these few instructions.
@usableFromInline
package struct FrameReader {
    /// The whole body, without the fixed header.
    @usableFromInline package let bytes: UnsafeRawBufferPointer
    /// The offset of the next byte.
    @usableFromInline package var position: Int
    /// The offset at which reading stops.
    @usableFromInline package let end: Int
    /// The low four bits of the packet's first byte.
    @usableFromInline package let flags: UInt8
    /// The connection's version; CONNECT sets it from what it reads.
    @usableFromInline package var version: ProtocolVersion

    /// A reader at the start of `body`.
    @inlinable
    package init(_ body: UnsafeRawBufferPointer, flags: UInt8, version: ProtocolVersion) {
        self.bytes = body
        self.position = 0
        self.end = body.count
        self.flags = flags
        self.version = version
    }

    /// A reader of `part` of the same body.
    @inlinable
    init(part: Range<Int>, of other: FrameReader) {
        self.bytes = other.bytes
        self.position = part.lowerBound
        self.end = part.upperBound
        self.flags = other.flags
        self.version = other.version
    }

    /// Nothing is left.
    @inlinable package var isAtEnd: Bool { self.position == self.end }

    /// Bytes that are left.
    @inlinable package var remainingBytes: Int { self.end - self.position }

    /// One byte (MQTT 5 §1.5.1).
    @inlinable @inline(__always)
    package mutating func byte() throws(WireError) -> UInt8 {
        guard self.remainingBytes >= 1 else { throw .truncated(need: 1, have: 0) }
        defer { self.position += 1 }
        return self.bytes[self.position]
    }

    /// A two byte integer, big-endian (MQTT 5 §1.5.2).
    @inlinable @inline(__always)
    package mutating func uint16() throws(WireError) -> UInt16 {
        guard self.remainingBytes >= 2 else { throw .truncated(need: 2, have: self.remainingBytes) }
        defer { self.position += 2 }
        return UInt16(bigEndian: self.bytes.loadUnaligned(fromByteOffset: self.position, as: UInt16.self))
    }

    /// A four byte integer, big-endian (MQTT 5 §1.5.3).
    @inlinable @inline(__always)
    package mutating func uint32() throws(WireError) -> UInt32 {
        guard self.remainingBytes >= 4 else { throw .truncated(need: 4, have: self.remainingBytes) }
        defer { self.position += 4 }
        return UInt32(bigEndian: self.bytes.loadUnaligned(fromByteOffset: self.position, as: UInt32.self))
    }

    /// A packet identifier, which is not 0. [MQTT-2.2.1-3]
    @inlinable @inline(__always)
    package mutating func packetID() throws(WireError) -> PacketID {
        guard let id = PacketID(try self.uint16()) else { throw .zeroPacketID }
        return id
    }

    /// A variable byte integer of at most four bytes, in its shortest form (MQTT 5 §1.5.5).
    @inlinable
    package mutating func variableByteInteger() throws(WireError) -> UInt32 {
        let first = try self.byte()
        guard first >= 0x80 else { return UInt32(first) }
        var value = UInt32(first & 0x7F)
        var shift: UInt32 = 7
        while shift < 28 {
            let byte = try self.byte()
            value |= UInt32(byte & 0x7F) << shift
            if byte < 0x80 {
                guard byte != 0 else { throw .variableByteIntegerNotMinimal }
                return value
            }
            shift += 7
        }
        throw .variableByteIntegerTooLong
    }

    /// Where a field of a two byte length and that many bytes has its bytes (MQTT 5 §1.5.6); no text check.
    @inlinable @inline(__always)
    package mutating func rangeOfData() throws(WireError) -> Range<Int> {
        let count = Int(try self.uint16())
        return try self.range(count)
    }

    /// Where a UTF-8 string has its bytes, checked (MQTT 5 §1.5.4).
    @inlinable
    package mutating func rangeOfString() throws(WireError) -> Range<Int> {
        let range = try self.rangeOfData()
        try self.checkText(range)
        return range
    }

    /// The next `count` bytes.
    @inlinable @inline(__always)
    package mutating func range(_ count: Int) throws(WireError) -> Range<Int> {
        guard count <= self.remainingBytes else { throw .truncated(need: count, have: self.remainingBytes) }
        let start = self.position
        self.position = start + count
        return Range(uncheckedBounds: (start, start + count))
    }

    /// All that is left.
    @inlinable @inline(__always)
    package mutating func rest() -> Range<Int> {
        let range = Range(uncheckedBounds: (self.position, self.end))
        self.position = self.end
        return range
    }

    /// A UTF-8 string (MQTT 5 §1.5.4).
    package mutating func string() throws(WireError) -> String {
        let range = try self.rangeOfString()
        return String(decoding: UnsafeRawBufferPointer(rebasing: self.bytes[range]), as: UTF8.self)
    }

    /// Binary data (MQTT 5 §1.5.6).
    package mutating func data() throws(WireError) -> [UInt8] {
        let range = try self.rangeOfData()
        return [UInt8](self.bytes[range])
    }

    /// A pair of UTF-8 strings (MQTT 5 §1.5.7).
    package mutating func userProperty() throws(WireError) -> UserProperty {
        let name = try self.string()
        return UserProperty(name: name, value: try self.string())
    }

    /// Ends reading: whatever is left should not be there.
    @inlinable
    package func finish() throws(WireError) {
        guard self.isAtEnd else { throw .trailingBytes(self.remainingBytes) }
    }

    /// Checks that the bytes of `range` are text MQTT allows.
    @usableFromInline
    func checkText(_ range: Range<Int>) throws(WireError) {
        let text = UnsafeRawBufferPointer(rebasing: self.bytes[range])
        if let offset = WireText.firstInvalidByte(in: text) { throw .invalidText(offset: range.lowerBound + offset) }
    }
}
