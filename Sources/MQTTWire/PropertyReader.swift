/// Walks the properties of one packet and checks each against the table (MQTT 5 §2.2.2).
///
/// Ask ``next()`` for an identifier, then read exactly its value; a value cannot reach past the property length.
struct PropertyReader {
    /// Reads the values; its end is the end of the properties.
    var frame: FrameReader
    /// Where the properties stand.
    let context: PropertyContext
    /// One bit per identifier seen.
    private var seen: UInt64 = 0

    init(_ frame: FrameReader, context: PropertyContext) {
        self.frame = frame
        self.context = context
    }

    /// The next identifier, or nil at the end.
    mutating func next() throws(WireError) -> PropertyID? {
        guard !self.frame.isAtEnd else { return nil }
        let number = try self.frame.variableByteInteger()
        guard let byte = UInt8(exactly: number), let id = PropertyID(rawValue: byte) else { throw .unknownProperty(number) }
        guard id.isAllowed(in: self.context) else { throw .propertyNotAllowed(id, in: self.context) }
        let bit: UInt64 = 1 << UInt64(byte)
        guard self.seen & bit == 0 || id.mayRepeat(in: self.context) else { throw .duplicateProperty(id) }
        self.seen |= bit
        return id
    }

    /// A byte that is 0 or 1.
    mutating func boolean(_ id: PropertyID) throws(WireError) -> Bool {
        let byte = try self.frame.byte()
        guard byte <= 1 else { throw .invalidPropertyValue(id, value: UInt32(byte)) }
        return byte == 1
    }

    /// A two byte integer that is not 0.
    mutating func nonZeroUInt16(_ id: PropertyID) throws(WireError) -> UInt16 {
        let value = try self.frame.uint16()
        guard value != 0 else { throw .invalidPropertyValue(id, value: 0) }
        return value
    }

    /// A four byte integer that is not 0.
    mutating func nonZeroUInt32(_ id: PropertyID) throws(WireError) -> UInt32 {
        let value = try self.frame.uint32()
        guard value != 0 else { throw .invalidPropertyValue(id, value: 0) }
        return value
    }

    /// A subscription identifier, 1…268 435 455 (MQTT 5 §3.8.2.1.2).
    mutating func subscriptionIdentifier() throws(WireError) -> UInt32 {
        let value = try self.frame.variableByteInteger()
        guard value != 0 else { throw .invalidPropertyValue(.subscriptionIdentifier, value: 0) }
        return value
    }

    /// A topic to answer to: some text without wildcards. [MQTT-3.3.2-14]
    mutating func responseTopic() throws(WireError) -> Range<Int> {
        let range = try self.frame.rangeOfString()
        guard !range.isEmpty else { throw .invalidResponseTopic }
        for byte in self.frame.bytes[range] where byte == UInt8(ascii: "+") || byte == UInt8(ascii: "#") {
            throw .invalidResponseTopic
        }
        return range
    }

    /// The refusal for an identifier that ``next()`` returned and the packet has no field for; the table makes it unreachable.
    func refuse(_ id: PropertyID) -> WireError {
        .propertyNotAllowed(id, in: self.context)
    }
}

extension FrameReader {
    /// Takes the property length and returns a reader of that many bytes; this reader moves past them.
    mutating func properties(in context: PropertyContext) throws(WireError) -> PropertyReader {
        let count = Int(try self.variableByteInteger())
        let part = try self.range(count)
        return PropertyReader(FrameReader(part: part, of: self), context: context)
    }

    /// Reads the text of a range that was checked already.
    func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: self.bytes[range]), as: UTF8.self)
    }
}
