/// All parent-to-child steps of a trie in one hash table: open addressing, linear probing, no tombstones.
///
/// One table for the whole trie instead of one per node: a node costs no allocation, and a step down
/// usually touches one cache line here.
struct ChildTable: Sendable {
    struct Entry {
        var low: UInt64
        var high: UInt64
        var parent: UInt32
        /// `ChildTable.free` marks an unused place.
        var child: UInt32
    }

    static let free = UInt32.max
    private static let smallest = 16
    private static let unused = Entry(low: 0, high: 0, parent: Self.free, child: Self.free)

    private(set) var entries = [Entry](repeating: Self.unused, count: Self.smallest)
    private(set) var count = 0

    /// The child of `parent` by `key`. For long keys `isSame` compares the bytes of a candidate.
    @inline(__always)
    static func child(
        of parent: UInt32, by key: LevelKey, in entries: UnsafeBufferPointer<Entry>, isSame: (UInt32) -> Bool
    ) -> UInt32? {
        let mask = entries.count - 1
        var place = Int(truncatingIfNeeded: key.hash(below: parent)) & mask
        while true {
            let entry = entries[place]
            if entry.child == Self.free { return nil }
            if entry.low == key.low, entry.high == key.high, entry.parent == parent, !key.isLong || isSame(entry.child) {
                return entry.child
            }
            place = (place + 1) & mask
        }
    }

    /// Adds a step that is not there yet.
    mutating func insert(_ child: UInt32, below parent: UInt32, by key: LevelKey) {
        if (self.count + 1) * 8 > self.entries.count * 5 { self.resize(to: self.entries.count * 2) }
        self.place(Entry(low: key.low, high: key.high, parent: parent, child: child))
        self.count += 1
    }

    /// Takes out a step that is there, and moves later entries of the same run back.
    mutating func remove(_ child: UInt32, below parent: UInt32, by key: LevelKey) {
        let mask = self.entries.count - 1
        var gap = Int(truncatingIfNeeded: key.hash(below: parent)) & mask
        while self.entries[gap].child != child {
            precondition(self.entries[gap].child != Self.free, "trie node \(child) is missing from its table")
            gap = (gap + 1) & mask
        }
        var place = (gap + 1) & mask
        while self.entries[place].child != Self.free {
            let home = self.home(of: self.entries[place], mask: mask)
            if (place &- home) & mask >= (place &- gap) & mask {
                self.entries[gap] = self.entries[place]
                gap = place
            }
            place = (place + 1) & mask
        }
        self.entries[gap] = Self.unused
        self.count -= 1
        if self.entries.count > Self.smallest, self.count * 8 < self.entries.count {
            self.resize(to: self.entries.count / 2)
        }
    }

    private func home(of entry: Entry, mask: Int) -> Int {
        Int(truncatingIfNeeded: LevelKey(low: entry.low, high: entry.high).hash(below: entry.parent)) & mask
    }

    private mutating func place(_ entry: Entry) {
        let mask = self.entries.count - 1
        var place = self.home(of: entry, mask: mask)
        while self.entries[place].child != Self.free { place = (place + 1) & mask }
        self.entries[place] = entry
    }

    private mutating func resize(to capacity: Int) {
        let old = self.entries
        self.entries = [Entry](repeating: Self.unused, count: capacity)
        for entry in old where entry.child != Self.free { self.place(entry) }
    }
}
