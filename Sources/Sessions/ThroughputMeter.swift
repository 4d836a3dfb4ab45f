package import Timeline

/// The quota of bytes a second from one connection. What goes beyond it is not refused but has to wait.
package struct ThroughputMeter: Sendable {
    package enum Action: Equatable, Sendable {
        case none
        /// Too much came, and passes.
        case exceeded(begins: Bool)
        /// Too much came: take nothing more from the connection before this instant, then call ``resumed(now:)``.
        case delay(until: Instant, begins: Bool)
    }

    private let mode: QuotaMode
    private var bucket: TokenBucket
    private var episode = ExcessEpisode()
    /// Bytes that were taken and for which there was no allowance yet.
    private var owed = 0

    package init(_ quota: Quota, now: Instant) {
        self.mode = quota.mode
        self.bucket = TokenBucket(capacity: quota.limitInForce, refillPerSecond: quota.limitInForce, now: now)
    }

    /// Bytes that may be taken now; the packet that goes beyond them is the last for a while. `nil` when none may be taken.
    package func allowance(now: Instant) -> Int? {
        guard self.mode == .enforce else { return .max }
        return self.owed > 0 ? nil : self.bucket.available(now: now)
    }

    /// Bytes were taken, since there was an allowance.
    package mutating func received(_ bytes: Int, now: Instant) -> Action {
        if self.mode == .off { return .none }
        if self.bucket.take(bytes, now: now) { return .none }
        let begins = self.episode.noted(now: now)
        guard self.mode == .enforce else { return .exceeded(begins: begins) }
        self.owed = bytes
        guard let until = self.pay(now: now) else { return .none }
        return .delay(until: until, begins: begins)
    }

    /// The delay is over.
    ///
    /// - Returns: until when to wait on; `nil` when the connection may go on.
    package mutating func resumed(now: Instant) -> Instant? {
        self.pay(now: now)
    }

    /// Pays what can be paid of the debt, which may be more than a whole bucket.
    private mutating func pay(now: Instant) -> Instant? {
        let part = min(self.owed, self.bucket.available(now: now))
        if self.bucket.take(part, now: now) { self.owed -= part }
        return self.owed == 0 ? nil : self.bucket.availableAt(min(self.owed, self.bucket.capacity), now: now)
    }
}
