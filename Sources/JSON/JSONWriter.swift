/// A growing JSON text. Kept and cleared between messages it allocates nothing.
///
/// It appends what it is told; that the pieces form a document is the caller's business.
package struct JSONWriter: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Bytes written so far.
    package private(set) var count: Int

    package init(capacity: Int = 512) {
        self.capacity = max(capacity, 64)
        self.base = .allocate(capacity: self.capacity)
        self.count = 0
    }

    deinit {
        self.base.deallocate()
    }

    /// Forgets everything written and keeps the room.
    package mutating func clear() {
        self.count = 0
    }

    /// Takes back what was written after `count`.
    package mutating func truncate(to count: Int) {
        precondition(count <= self.count, "a text cannot be truncated to more than it has")
        self.count = count
    }

    /// What was written, from `start` on.
    package func copy(from start: Int = 0) -> [UInt8] {
        Array(UnsafeBufferPointer(start: self.base + start, count: self.count - start))
    }

    @inline(__always)
    package mutating func byte(_ byte: UInt8) {
        self.reserve(1)
        self.base[self.count] = byte
        self.count += 1
    }

    /// `text` as it stands.
    package mutating func literal(_ text: StaticString) {
        self.append(text.utf8Start, text.utf8CodeUnitCount)
    }

    /// Text that is JSON already.
    package mutating func raw(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { self.append($0) }
    }

    /// What another writer holds.
    package mutating func raw(_ other: borrowing JSONWriter) {
        self.append(other.base, other.count)
    }

    package mutating func integer(_ value: Int64) {
        self.reserve(20)
        var rest = value.magnitude
        var digits = 1
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        if value < 0 {
            self.base[self.count] = UInt8(ascii: "-")
            self.count += 1
        }
        rest = value.magnitude
        for place in stride(from: self.count + digits - 1, through: self.count, by: -1) {
            self.base[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        self.count += digits
    }

    /// A string in quotes. Only quotes, backslashes and control characters are escaped (RFC 8259 §7).
    package mutating func quoted(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ self.escaped($0) }) == nil {
            Array(text.utf8).withUnsafeBufferPointer { self.escaped($0) }
        }
    }

    /// A member name with its colon.
    package mutating func key(_ key: JSONKey) {
        self.quoted(key.text)
        self.byte(UInt8(ascii: ":"))
    }

    /// The compact text of a value: no white space, members in order, numbers as written.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: self.literal("null")
        case .bool(true): self.literal("true")
        case .bool(false): self.literal("false")
        case .number(let number): self.unquoted(number.text)
        case .string(let text): self.quoted(text)
        case .array(let elements):
            self.byte(UInt8(ascii: "["))
            for place in elements.indices {
                if place > 0 { self.byte(UInt8(ascii: ",")) }
                self.value(elements[place])
            }
            self.byte(UInt8(ascii: "]"))
        case .object(let object):
            self.byte(UInt8(ascii: "{"))
            for place in object.members.indices {
                if place > 0 { self.byte(UInt8(ascii: ",")) }
                self.key(object.members[place].key)
                self.value(object.members[place].value)
            }
            self.byte(UInt8(ascii: "}"))
        }
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: self.base, count: self.count))
    }
}

extension JSONWriter {
    private mutating func unquoted(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ self.append($0) }) == nil {
            Array(text.utf8).withUnsafeBufferPointer { self.append($0) }
        }
    }

    private mutating func escaped(_ text: UnsafeBufferPointer<UInt8>) {
        let bytes = UnsafeRawBufferPointer(text)
        var end = JSONScan.plainEnd(of: bytes, from: 0)
        self.reserve(end + 2)
        self.base[self.count] = UInt8(ascii: "\"")
        self.count += 1
        if let start = text.baseAddress {
            (self.base + self.count).update(from: start, count: end)
            self.count += end
        }
        while end < bytes.count {
            self.escape(bytes[end])
            let start = end + 1
            end = JSONScan.plainEnd(of: bytes, from: start)
            self.append(UnsafeBufferPointer(rebasing: text[start..<end]))
        }
        self.byte(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): self.literal("\\\"")
        case UInt8(ascii: "\\"): self.literal("\\\\")
        case 0x08: self.literal("\\b")
        case 0x09: self.literal("\\t")
        case 0x0A: self.literal("\\n")
        case 0x0C: self.literal("\\f")
        case 0x0D: self.literal("\\r")
        default:
            self.literal("\\u00")
            self.byte(UInt8(ascii: "0") + byte >> 4)
            let low = byte & 0x0F
            self.byte(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "A") + low - 10)
        }
    }

    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        self.append(start, bytes.count)
    }

    @inline(__always)
    private mutating func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        self.reserve(count)
        (self.base + self.count).update(from: bytes, count: count)
        self.count += count
    }

    @inline(__always)
    private mutating func reserve(_ extra: Int) {
        if self.count + extra > self.capacity { self.grow(extra) }
    }

    @inline(never)
    private mutating func grow(_ extra: Int) {
        let larger = max(self.capacity * 2, self.count + extra)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: self.base, count: self.count)
        self.base.deallocate()
        self.base = moved
        self.capacity = larger
    }
}
