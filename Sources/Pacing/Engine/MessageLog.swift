import Timeline

/// The last messages of a run, for observers that look back and for the texts of failures.
struct MessageLog: Sendable {
    struct Entry: Sendable {
        var at: Instant
        var message: ObservedMessage

        fileprivate var bytes: Int { self.message.payload.count + self.message.topic.utf8.count }
    }

    private static let maximumEntries = 10_000
    private static let maximumBytes = 16 << 20

    /// A ring of `maximumEntries` places, made as they are needed; the oldest entry is at `head`.
    private var storage: [Entry?] = []
    private var head = 0
    private var count = 0
    private var bytes = 0
    /// Messages no longer kept.
    private(set) var forgotten = 0
    /// When the last of those passed.
    private(set) var forgottenUntil: Instant?

    /// Oldest first.
    var entries: some BidirectionalCollection<Entry> { self.entries(from: 0) }

    /// Those that came at `instant` or later, oldest first. O(log n).
    func entries(since instant: Instant) -> some BidirectionalCollection<Entry> {
        var (low, high) = (0, self.count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].at < instant { low = middle + 1 } else { high = middle }
        }
        return self.entries(from: low)
    }

    mutating func append(_ message: ObservedMessage, at now: Instant) {
        let entry = Entry(at: now, message: message)
        while self.count == Self.maximumEntries || (self.bytes + entry.bytes > Self.maximumBytes && self.count > 0) { self.forgetFirst() }
        let place = (self.head + self.count) % Self.maximumEntries
        if place == self.storage.count { self.storage.append(entry) } else { self.storage[place] = entry }
        self.count += 1
        self.bytes += entry.bytes
    }

    private mutating func forgetFirst() {
        let entry = self[0]
        self.storage[self.head] = nil
        self.bytes -= entry.bytes
        self.forgotten += 1
        self.forgottenUntil = entry.at
        self.head = (self.head + 1) % Self.maximumEntries
        self.count -= 1
    }

    private func entries(from place: Int) -> some BidirectionalCollection<Entry> {
        (place..<self.count).lazy.map { self[$0] }
    }

    /// The entry that came after `index` older ones.
    private subscript(_ index: Int) -> Entry {
        guard let entry = self.storage[(self.head + index) % Self.maximumEntries] else {
            preconditionFailure("the message log has no entry \(index) of \(self.count)")
        }
        return entry
    }
}
