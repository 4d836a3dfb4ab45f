/// The most that passed in any one second, and when: how near a quota of so many a second came.
///
/// Exact: every window that ends with an event is looked at, and one from `t` to just before `t + 1 s` holds two events that are
/// less than a second apart. Keeps one entry for each instant of the last second at which something passed, at most
/// ``maximumInstants``; beyond that, what comes is added to the latest one and moves it, so that the peak may be told too high
/// but never too low.
package struct PeakRate: Sendable {
    /// Instants of one second that are told apart.
    package static let maximumInstants = 65_536

    /// The window, half open.
    package static let window: Duration = .seconds(1)

    private struct Entry {
        var instant: Instant
        var count: Int
    }

    /// The most in one second; 0 before anything passed.
    package private(set) var peak = 0

    /// The instant at which the peak was reached first; `nil` before anything passed.
    package private(set) var peakAt: Instant?

    private var entries: [Entry] = []
    /// The first entry of the window; those before are given back when they are half of all.
    private var first = 0
    private var sum = 0

    /// Nothing has passed.
    package init() {}

    /// `count` more passed at `now`, which is not before the instant of the call before. Amortised O(1).
    package mutating func passed(_ count: Int = 1, now: Instant) {
        guard count > 0 else { return }
        self.forget(before: now - Self.window)
        if let last = self.entries.indices.last, last >= self.first,
            self.entries[last].instant >= now || self.entries.count - self.first >= Self.maximumInstants
        {
            self.entries[last].instant = max(now, self.entries[last].instant)
            self.entries[last].count += count
        } else {
            self.entries.append(Entry(instant: now, count: count))
        }
        self.sum += count
        if self.sum > self.peak {
            self.peak = self.sum
            self.peakAt = now
        }
    }

    /// Drops entries at or before `limit`: an event exactly a second old is no part of the window.
    private mutating func forget(before limit: Instant) {
        while self.first < self.entries.count, self.entries[self.first].instant <= limit {
            self.sum -= self.entries[self.first].count
            self.first += 1
        }
        if self.first * 2 > self.entries.count {
            self.entries.removeFirst(self.first)
            self.first = 0
        }
    }
}
