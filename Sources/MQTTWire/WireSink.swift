package import NIOCore

/// Where the fields of a packet go: into a buffer, or into a count of their bytes.
///
/// Every packet describes its body once, to either; so sizes and bytes cannot disagree.
package protocol WireSink {
    /// Appends one byte.
    mutating func put(_ byte: UInt8)
    /// Appends two bytes, big-endian.
    mutating func put(_ value: UInt16)
    /// Appends four bytes, big-endian.
    mutating func put(_ value: UInt32)
    /// Appends bytes as they are.
    mutating func put(raw bytes: [UInt8])
    /// Appends the UTF-8 of a string, without a length.
    mutating func put(raw text: String)
}

extension ByteBuffer: WireSink {
    package mutating func put(_ byte: UInt8) { self.writeInteger(byte) }
    package mutating func put(_ value: UInt16) { self.writeInteger(value) }
    package mutating func put(_ value: UInt32) { self.writeInteger(value) }
    package mutating func put(raw bytes: [UInt8]) { self.writeBytes(bytes) }
    package mutating func put(raw text: String) { self.writeString(text) }
}

/// Counts what would be written.
struct CountingSink: WireSink {
    /// Bytes so far.
    private(set) var bytes = 0

    mutating func put(_ byte: UInt8) { self.bytes += 1 }
    mutating func put(_ value: UInt16) { self.bytes += 2 }
    mutating func put(_ value: UInt32) { self.bytes += 4 }
    mutating func put(raw bytes: [UInt8]) { self.bytes += bytes.count }
    mutating func put(raw text: String) { self.bytes += text.utf8.count }
}

/// Collects what is written.
struct ArraySink: WireSink {
    /// Everything so far.
    private(set) var bytes: [UInt8] = []

    mutating func put(_ byte: UInt8) { self.bytes.append(byte) }
    mutating func put(_ value: UInt16) {
        self.put(UInt8(truncatingIfNeeded: value >> 8))
        self.put(UInt8(truncatingIfNeeded: value))
    }
    mutating func put(_ value: UInt32) {
        self.put(UInt16(truncatingIfNeeded: value >> 16))
        self.put(UInt16(truncatingIfNeeded: value))
    }
    mutating func put(raw bytes: [UInt8]) { self.bytes.append(contentsOf: bytes) }
    mutating func put(raw text: String) { self.bytes.append(contentsOf: text.utf8) }
}

extension WireSink {
    /// A UTF-8 string with its length (MQTT 5 §1.5.4). Traps over 65 535 bytes: callers make sure.
    mutating func put(string text: String) {
        let count = text.utf8.count
        precondition(count <= Int(UInt16.max), "an MQTT string holds at most 65535 bytes, this one has \(count)")
        self.put(UInt16(count))
        self.put(raw: text)
    }

    /// Binary data with its length (MQTT 5 §1.5.6). Traps over 65 535 bytes: callers make sure.
    mutating func put(data bytes: [UInt8]) {
        precondition(bytes.count <= Int(UInt16.max), "MQTT binary data holds at most 65535 bytes, this has \(bytes.count)")
        self.put(UInt16(bytes.count))
        self.put(raw: bytes)
    }

    /// A variable byte integer in its shortest form (MQTT 5 §1.5.5).
    mutating func put(variableByteInteger value: Int) {
        precondition(0...VariableByteInteger.maximum ~= value, "\(value) does not fit a variable byte integer")
        var rest = value
        while rest >= 128 {
            self.put(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.put(UInt8(rest))
    }

    /// A one byte property, when there is one.
    mutating func put(_ id: PropertyID, _ value: Bool?) {
        guard let value else { return }
        self.put(id.rawValue)
        self.put(value ? 1 as UInt8 : 0)
    }

    /// A two byte property, when there is one.
    mutating func put(_ id: PropertyID, _ value: UInt16?) {
        guard let value else { return }
        self.put(id.rawValue)
        self.put(value)
    }

    /// A four byte property, when there is one.
    mutating func put(_ id: PropertyID, _ value: UInt32?) {
        guard let value else { return }
        self.put(id.rawValue)
        self.put(value)
    }

    /// A text property, when there is one.
    mutating func put(_ id: PropertyID, _ value: String?) {
        guard let value else { return }
        self.put(id.rawValue)
        self.put(string: value)
    }

    /// A binary property, when there is one.
    mutating func put(_ id: PropertyID, _ value: [UInt8]?) {
        guard let value else { return }
        self.put(id.rawValue)
        self.put(data: value)
    }

    /// A subscription identifier, when there is one.
    mutating func put(subscriptionIdentifier value: UInt32?) {
        guard let value else { return }
        self.put(PropertyID.subscriptionIdentifier.rawValue)
        self.put(variableByteInteger: Int(value))
    }

    /// User properties in their order.
    mutating func put(_ properties: [UserProperty]) {
        for property in properties {
            self.put(PropertyID.userProperty.rawValue)
            self.put(string: property.name)
            self.put(string: property.value)
        }
    }
}
