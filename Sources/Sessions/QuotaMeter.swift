package import Timeline

/// Something that is measured for a holder only while it is busy.
package protocol QuotaState {
    /// Whether nothing is lost by forgetting it.
    func isAtRest(now: Instant) -> Bool
}

/// Tells the first excess after a rest from those that follow, so that a long one is told of once.
package struct ExcessEpisode: Sendable {
    /// How long nothing may go beyond a quota for the next excess to be a new one.
    package static let rest: Duration = .seconds(60)

    private var latest: Instant?

    package init() {}

    /// Something went beyond the quota.
    ///
    /// - Returns: whether it is the first in a while.
    package mutating func noted(now: Instant) -> Bool {
        defer { self.latest = now }
        return self.isOver(now: now)
    }

    package func isOver(now: Instant) -> Bool {
        guard let latest else { return true }
        return now - latest >= Self.rest
    }
}

/// A quota of so many a second, for one holder: a connection, a shadow, a client id.
///
/// Up to a second's worth may come at once. While it is exceeded in mode `warn`, what goes beyond is what would be refused.
package struct QuotaMeter: QuotaState, Sendable {
    private let mode: QuotaMode
    private var bucket: TokenBucket
    private var episode = ExcessEpisode()

    package init(_ quota: Quota, now: Instant) {
        self.mode = quota.mode
        self.bucket = TokenBucket(capacity: quota.limitInForce, refillPerSecond: quota.limitInForce, now: now)
    }

    /// One more. Cost: one test when off, else that of ``TokenBucket/take(_:now:)``.
    @inline(__always)
    package mutating func charge(now: Instant) -> QuotaRuling {
        if self.mode == .off || self.bucket.take(1, now: now) { return .within }
        return self.exceeded(now: now)
    }

    private mutating func exceeded(now: Instant) -> QuotaRuling {
        .exceeded(isRefused: self.mode == .enforce, begins: self.episode.noted(now: now))
    }

    package func isAtRest(now: Instant) -> Bool {
        self.bucket.available(now: now) == self.bucket.capacity && self.episode.isOver(now: now)
    }
}

/// A quota of so many at a time, for one holder.
package struct InFlightMeter: QuotaState, Sendable {
    package private(set) var count = 0
    private var episode = ExcessEpisode()

    package init() {}

    /// One more begins, unless it is refused.
    package mutating func enter(_ quota: Quota, now: Instant) -> QuotaRuling {
        if self.count < quota.limitInForce {
            self.count += 1
            return .within
        }
        if quota.mode != .enforce { self.count += 1 }
        return .exceeded(isRefused: quota.mode == .enforce, begins: self.episode.noted(now: now))
    }

    /// One that had begun is done. (One that began when there were too many holders to measure was not counted.)
    package mutating func leave() {
        self.count = max(0, self.count - 1)
    }

    package func isAtRest(now: Instant) -> Bool { self.count == 0 && self.episode.isOver(now: now) }
}
