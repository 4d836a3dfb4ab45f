/// The order of a ``DeadlineQueue`` without its payloads: a binary heap of instants whose entries
/// know their slot, and slots that know where in the heap their entry is.
///
/// Not generic, so that it is compiled once; the generic queue on top is thin.
@usableFromInline
struct DeadlineHeap: Sendable {
    /// `order` is the kind in the upper 8 bits and the creation number in the lower 56.
    private struct Entry {
        var nanoseconds: Int64
        var order: UInt64
        var slot: UInt32

        func isBefore(_ other: Entry) -> Bool {
            self.nanoseconds != other.nanoseconds ? self.nanoseconds < other.nanoseconds : self.order < other.order
        }
    }

    /// `position` is the entry's place in the heap; in a free slot, the next free slot.
    private struct Slot {
        var position: UInt32
        var generation: UInt32
    }

    private static let noSlot = UInt32.max

    private var entries: [Entry] = []
    private var slots: [Slot] = []
    private var firstFreeSlot = Self.noSlot
    private var creations: UInt64 = 0

    @usableFromInline init() {}

    @usableFromInline var count: Int { self.entries.count }

    @usableFromInline var next: Instant? {
        self.entries.isEmpty ? nil : Instant(nanoseconds: self.entries[0].nanoseconds)
    }

    @usableFromInline static func slot(of token: DeadlineToken) -> Int { Int(token.slot) }

    @usableFromInline
    mutating func insert(at instant: Instant, kind: DeadlineKind) -> DeadlineToken {
        let slot = self.takeSlot()
        let order = UInt64(kind.rawValue) << 56 | self.creations
        self.creations += 1
        let entry = Entry(nanoseconds: instant.nanoseconds, order: order, slot: slot)
        self.entries.append(entry)
        self.siftUp(entry, from: self.entries.count - 1)
        return DeadlineToken(slot: slot, generation: self.slots[Int(slot)].generation)
    }

    /// The slot of the removed entry, or nil when the token names nothing any more.
    @usableFromInline
    mutating func remove(_ token: DeadlineToken) -> Int? {
        let slot = Int(token.slot)
        guard slot < self.slots.count, self.slots[slot].generation == token.generation else { return nil }
        self.removeEntry(at: Int(self.slots[slot].position))
        return slot
    }

    /// The slot of the first entry if it is due, which is removed.
    @usableFromInline
    mutating func removeFirst(dueAt now: Instant) -> Int? {
        guard let first = self.entries.first, first.nanoseconds <= now.nanoseconds else { return nil }
        self.removeEntry(at: 0)
        return Int(first.slot)
    }

    private mutating func takeSlot() -> UInt32 {
        guard self.firstFreeSlot != Self.noSlot else {
            precondition(self.slots.count < Int(Self.noSlot), "a deadline queue holds at most 4294967294 entries")
            self.slots.append(Slot(position: 0, generation: 0))
            return UInt32(self.slots.count - 1)
        }
        let slot = self.firstFreeSlot
        self.firstFreeSlot = self.slots[Int(slot)].position
        return slot
    }

    private mutating func removeEntry(at position: Int) {
        let slot = Int(self.entries[position].slot)
        // A new generation makes every token given out for this slot name nothing.
        self.slots[slot] = Slot(position: self.firstFreeSlot, generation: self.slots[slot].generation &+ 1)
        self.firstFreeSlot = UInt32(slot)

        let last = self.entries.removeLast()
        guard position < self.entries.count else { return }
        if position > 0, last.isBefore(self.entries[(position - 1) / 2]) {
            self.siftUp(last, from: position)
        } else {
            self.siftDown(last, from: position)
        }
    }

    /// Puts `entry` at `start` or above it, moving later entries down.
    private mutating func siftUp(_ entry: Entry, from start: Int) {
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard entry.isBefore(self.entries[parent]) else { break }
            self.place(self.entries[parent], at: position)
            position = parent
        }
        self.place(entry, at: position)
    }

    /// Puts `entry` at `start` or below it, moving earlier entries up.
    private mutating func siftDown(_ entry: Entry, from start: Int) {
        var position = start
        while true {
            var child = 2 * position + 1
            guard child < self.entries.count else { break }
            if child + 1 < self.entries.count, self.entries[child + 1].isBefore(self.entries[child]) {
                child += 1
            }
            guard self.entries[child].isBefore(entry) else { break }
            self.place(self.entries[child], at: position)
            position = child
        }
        self.place(entry, at: position)
    }

    private mutating func place(_ entry: Entry, at position: Int) {
        self.entries[position] = entry
        self.slots[Int(entry.slot)].position = UInt32(position)
    }
}
