import Timeline

/// The last messages of a run, for observers that look back and for the texts of failures.
struct MessageLog: Sendable {
    struct Entry: Sendable {
        var at: Instant
        var message: ObservedMessage
    }

    private static let maximumEntries = 10_000
    private static let maximumBytes = 16 << 20

    private var storage: [Entry] = []
    private var head = 0
    private var bytes = 0
    /// Messages no longer kept.
    private(set) var forgotten = 0
    /// When the last of those passed.
    private(set) var forgottenUntil: Instant?

    var entries: ArraySlice<Entry> { self.storage[self.head...] }

    mutating func append(_ message: ObservedMessage, at now: Instant) {
        self.storage.append(Entry(at: now, message: message))
        self.bytes += message.payload.count + message.topic.utf8.count
        while self.storage.count - self.head > Self.maximumEntries || (self.bytes > Self.maximumBytes && self.storage.count - self.head > 1)
        {
            self.forgetFirst()
        }
    }

    private mutating func forgetFirst() {
        let entry = self.storage[self.head]
        self.bytes -= entry.message.payload.count + entry.message.topic.utf8.count
        self.forgotten += 1
        self.forgottenUntil = entry.at
        self.head += 1
        if self.head >= Self.maximumEntries {
            self.storage.removeFirst(self.head)
            self.head = 0
        }
    }
}
