import Synchronization

/// What the writers of a crash test sent and what was acknowledged, for each of their streams of numbers.
final class CrashLedger: Sendable {
    struct Line: Sendable {
        /// The highest number that may have arrived.
        var sent = 0
        /// The highest number that was acknowledged.
        var acknowledged = 0
        /// Every number that was acknowledged.
        var promised: Set<Int> = []
        /// Numbers that a subscriber has seen, for streams that have one.
        var seen: Set<Int> = []
    }

    private let lines = Mutex<[String: Line]>([:])
    private let news: AsyncStream<Void>
    private let tell: AsyncStream<Void>.Continuation

    init() {
        (self.news, self.tell) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    subscript(_ name: String) -> Line { self.lines.withLock { $0[name] ?? Line() } }

    func sent(_ number: Int, on name: String) {
        self.lines.withLock { $0[name, default: Line()].sent = number }
    }

    func acknowledged(_ number: Int, on name: String) {
        self.lines.withLock { lines in
            lines[name, default: Line()].promised.insert(number)
            lines[name, default: Line()].acknowledged = max(lines[name]?.acknowledged ?? 0, number)
        }
        self.tell.yield()
    }

    func seen(_ number: Int, on name: String) {
        self.lines.withLock { _ = $0[name, default: Line()].seen.insert(number) }
        self.tell.yield()
    }

    /// After a restart: numbers start after what is there.
    func goOn(from number: Int, on name: String) {
        self.lines.withLock { lines in
            lines[name, default: Line()].sent = number
            lines[name, default: Line()].acknowledged = number
        }
    }

    /// Waits for so many acknowledgements or sightings.
    func wait(for count: Int) async {
        var left = count
        for await _ in self.news {
            left -= 1
            if left <= 0 { return }
        }
    }

    /// Waits until a number was seen.
    func waitUntilSeen(_ number: Int, on name: String) async {
        while !self[name].seen.contains(number) { await self.wait(for: 1) }
    }
}
