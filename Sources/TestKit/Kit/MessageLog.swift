import Topics

/// Messages in the order they passed, the latest of them, each marked with who has taken it.
///
/// An expectation takes the messages that meet it, so that the next one wants others.
struct MessageLog {
    /// Those who take messages independently of each other.
    struct Takers: OptionSet {
        let rawValue: UInt8

        static let expectations = Takers(rawValue: 1)
        static let shadows = Takers(rawValue: 2)
    }

    private struct Entry {
        let message: Sundial.Message
        /// What set it off, by the broker's number; 0 when it is not known.
        let cause: UInt64
        var takers: Takers = []
    }

    private let limit: Int
    private var entries: [Entry] = []
    /// Messages dropped so far.
    private var dropped = 0

    /// - Parameter limit: the least number of messages kept; there may be up to twice as many.
    init(limit: Int) {
        self.limit = limit
    }

    /// The latest, oldest first.
    var messages: [Sundial.Message] { self.entries.suffix(self.limit).map(\.message) }
    /// The number of the next message; the first of all had 0.
    var end: Int { self.dropped + self.entries.count }

    mutating func add(_ message: Sundial.Message, cause: UInt64 = 0) {
        if self.entries.count >= 2 * self.limit {
            self.entries.removeFirst(self.limit)
            self.dropped += self.limit
        }
        self.entries.append(Entry(message: message, cause: cause))
    }

    /// The numbers of messages from `start` on that nobody of `taker` has taken and that match.
    func find(from start: Int, for taker: Takers, where matches: (Sundial.Message) -> Bool) -> [Int] {
        let first = max(start - self.dropped, 0)
        guard first < self.entries.count else { return [] }
        return (first..<self.entries.count).filter {
            !self.entries[$0].takers.contains(taker) && matches(self.entries[$0].message)
        }.map { $0 + self.dropped }
    }

    /// Those of the messages that are still kept.
    mutating func take(_ numbers: some Sequence<Int>, for taker: Takers) -> [Sundial.Message] {
        numbers.compactMap { number in
            guard number >= self.dropped else { return nil }
            self.entries[number - self.dropped].takers.insert(taker)
            return self.entries[number - self.dropped].message
        }
    }

    /// Takes the latest message with this cause and topic.
    mutating func take(cause: UInt64, topic: String, for taker: Takers) -> Sundial.Message? {
        guard let place = self.entries.lastIndex(where: { $0.cause == cause && $0.message.topic == topic }) else { return nil }
        self.entries[place].takers.insert(taker)
        return self.entries[place].message
    }

    /// The last `count` on topics of `filter`, or on any, oldest first.
    func last(_ count: Int, on filter: TopicFilter?) -> [Sundial.Message] {
        var found: [Sundial.Message] = []
        for entry in self.entries.reversed() where filter?.matches(entry.message.topic) ?? true {
            found.append(entry.message)
            if found.count == count { break }
        }
        return found.reversed()
    }
}
