import Topics

/// Topics met before, found by their bytes: hash, then compare.
///
/// Bounded: when it is full, a sweep removes what was not used since the last sweep; if nothing was idle, every second topic goes. (Clearing
/// a full table was measured as slower than having none.)
struct TopicTable {
    private var slots: [Topic?]
    private var mask: Int
    private(set) var count = 0
    private var bytes = 0
    private let maximumCount: Int
    private let maximumBytes: Int

    init(maximumCount: Int = 200_000, maximumBytes: Int = 64 * 1024 * 1024) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
        self.slots = Array(repeating: nil, count: 1024)
        self.mask = 1023
    }

    /// The topic of these bytes, if it was met before. They need not be valid.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, hash: UInt64) -> Topic? {
        var index = Int(truncatingIfNeeded: hash) & self.mask
        while let topic = self.slots[index] {
            if topic.hash == hash, topic.bytes.count == bytes.count, TopicTable.equal(topic.bytes, bytes) { return topic }
            index = (index + 1) & self.mask
        }
        return nil
    }

    /// Adds a topic that `find` did not find.
    mutating func insert(_ topic: Topic) {
        if self.count >= self.maximumCount || self.bytes >= self.maximumBytes { self.sweep() }
        if self.count * 2 >= self.slots.count { self.rebuild(keeping: { _ in true }, size: self.slots.count * 2) }
        self.place(topic)
    }

    private mutating func place(_ topic: Topic) {
        var index = Int(truncatingIfNeeded: topic.hash) & self.mask
        while self.slots[index] != nil { index = (index + 1) & self.mask }
        self.slots[index] = topic
        self.count += 1
        self.bytes += topic.bytes.count
    }

    private mutating func sweep() {
        var idle = 0
        for case let topic? in self.slots where !topic.wasUsed { idle += 1 }
        if idle == 0 {
            var other = false
            self.rebuild(
                keeping: { _ in
                    other.toggle()
                    return other
                }, size: self.slots.count)
        } else {
            self.rebuild(keeping: { $0.wasUsed }, size: self.slots.count)
        }
        for case let topic? in self.slots { topic.wasUsed = false }
    }

    private mutating func rebuild(keeping keep: (Topic) -> Bool, size: Int) {
        let old = self.slots
        self.slots = Array(repeating: nil, count: size)
        self.mask = size - 1
        self.count = 0
        self.bytes = 0
        for case let topic? in old {
            if keep(topic) { self.place(topic) } else { topic.isInTable = false }
        }
    }

    @inline(__always)
    static func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let count = left.count
        guard count == right.count else { return false }
        guard let a = left.baseAddress, let b = right.baseAddress else { return true }
        var offset = 0
        while offset + 8 <= count {
            if a.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != b.loadUnaligned(fromByteOffset: offset, as: UInt64.self) {
                return false
            }
            offset += 8
        }
        while offset < count {
            if a.load(fromByteOffset: offset, as: UInt8.self) != b.load(fromByteOffset: offset, as: UInt8.self) { return false }
            offset += 1
        }
        return true
    }

    /// A multiply-and-fold hash over eight bytes at a time. Collisions cost a compare; they are never trusted.
    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        guard let base = bytes.baseAddress else { return seed }
        var state = seed ^ (UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15)
        var offset = 0
        let count = bytes.count
        while offset + 8 <= count {
            state = Self.fold(state ^ base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < count {
            tail = tail << 8 | UInt64(base.load(fromByteOffset: offset, as: UInt8.self))
            offset += 1
        }
        return Self.fold(state ^ tail)
    }

    @inline(__always)
    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}
