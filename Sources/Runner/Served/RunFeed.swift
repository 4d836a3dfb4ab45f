/// What happened in a run, the latest of it kept, for readers who each go at their own pace.
///
/// A reader that falls behind costs nothing: it is told how much it has missed.
final class RunFeed {
    /// Events kept: so far a reader may fall behind, and with the oldest of them begins one that comes late.
    static let maximumEvents = 10_000
    /// Events given to a reader at once.
    static let pageEvents = 200

    private var events: [RunEvent] = []
    /// Where the oldest event lies.
    private var oldest = 0
    /// The number of the oldest event kept; the first of all has 0.
    private var first = 0
    private(set) var isClosed = false
    private var waiting: [Int: (from: Int, give: (RunEventPage) -> Void)] = [:]
    private var lastWaiter = 0

    /// Readers that wait hear of it with ``tellReaders()``.
    func append(_ event: RunEvent) {
        precondition(!self.isClosed, "nothing happens in a run that has ended")
        if case .finished = event.what { self.isClosed = true }
        if self.events.count < Self.maximumEvents {
            self.events.append(event)
        } else {
            self.events[self.oldest] = event
            self.oldest = (self.oldest + 1) % Self.maximumEvents
            self.first += 1
        }
    }

    /// Gives the events from number `start` on: now if there are any or no more will come, otherwise when there are.
    ///
    /// - Returns: names the reader while it waits.
    func read(from start: Int, _ give: @escaping (RunEventPage) -> Void) -> Int? {
        let page = self.page(from: start)
        if !page.events.isEmpty || page.isLast {
            give(page)
            return nil
        }
        self.lastWaiter += 1
        self.waiting[self.lastWaiter] = (start, give)
        return self.lastWaiter
    }

    /// A reader has waited long enough: it gets nothing.
    func giveUp(_ waiter: Int) {
        if let (start, give) = self.waiting.removeValue(forKey: waiter) { give(self.page(from: start)) }
    }

    func tellReaders() {
        for (waiter, reader) in self.waiting {
            let page = self.page(from: reader.from)
            if page.events.isEmpty, !page.isLast { continue }
            self.waiting[waiter] = nil
            reader.give(page)
        }
    }

    private func page(from start: Int) -> RunEventPage {
        let end = self.first + self.events.count
        let from = min(max(start, self.first), end)
        let to = min(from + Self.pageEvents, end)
        let events = (from..<to).map { self.events[(self.oldest + $0 - self.first) % self.events.count] }
        return RunEventPage(first: from, missed: max(0, from - start), events: events, isLast: self.isClosed && to == end)
    }
}

@available(*, unavailable)
extension RunFeed: Sendable {}

/// Some events of a run, in order.
package struct RunEventPage: Sendable {
    /// The number of the first one; the first event of a run has 0.
    package let first: Int
    /// Events before it that the reader asked for and that are no longer kept.
    package let missed: Int
    package let events: [RunEvent]
    /// Nothing will follow.
    package let isLast: Bool

    /// Where to read on.
    package var next: Int { self.first + self.events.count }
}
