import Timeline

/// What waits for a run's engine, with the instant it happened, in order.
struct EventQueue {
    typealias Entry = (event: CoreRun.Event, at: Instant)

    private var entries: [Entry] = []
    private var head = 0
    /// Events taken out and thrown away of the storage so far.
    private var before = 0

    var count: Int { self.entries.count - self.head }
    /// The place of the next event.
    var end: Int { self.before + self.entries.count }

    mutating func append(_ event: CoreRun.Event, at instant: Instant) {
        self.entries.append((event, instant))
    }

    /// Puts an event at a place that was the end not long ago, before those that came since.
    mutating func insert(_ event: CoreRun.Event, at instant: Instant, place: Int) {
        self.entries.insert((event, instant), at: place - self.before)
    }

    mutating func popFirst() -> Entry? {
        guard self.head < self.entries.count else { return nil }
        let entry = self.entries[self.head]
        self.head += 1
        if self.head == self.entries.count || self.head >= 1024 && self.head * 2 > self.entries.count {
            self.before += self.head
            self.entries.removeFirst(self.head)
            self.head = 0
        }
        return entry
    }
}
