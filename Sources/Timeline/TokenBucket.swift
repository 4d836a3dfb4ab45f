/// An allowance that is spent in whole tokens and grows back steadily.
///
/// It starts full. The level is held in billionths of a token, so that `refillPerSecond` of them grow per nanosecond and no
/// rounding ever happens: over any sequence of takes, at most `capacity + refillPerSecond · t` tokens pass in any time `t`,
/// and splitting a span of time into steps changes nothing. A take at the instant of the one before costs two compares and a
/// subtraction, a later one a multiplication more; nothing is allocated.
@usableFromInline
package struct TokenBucket: Hashable, Sendable {
    /// The largest capacity, in tokens: its billionths still fit in an `Int64`.
    @inlinable
    package static var largestCapacity: Int { Int(Int64.max / Self.unit) }

    /// The tokens of a full bucket: what may pass at once after a rest.
    @inlinable
    package var capacity: Int { Int(self.fullLevel / Self.unit) }

    /// The tokens that grow back in a second, until the bucket is full.
    @usableFromInline package let refillPerSecond: Int

    /// Billionths of a token in a token.
    @inlinable
    static var unit: Int64 { 1_000_000_000 }

    @usableFromInline let fullLevel: Int64
    /// What there was at `levelInstant`, in billionths of a token.
    @usableFromInline var level: Int64
    @usableFromInline var levelInstant: Instant

    /// A full bucket at `now`.
    ///
    /// - Parameter capacity: in tokens, from 0 to ``largestCapacity``.
    /// - Parameter refillPerSecond: in tokens, not negative; 0 makes an allowance that is spent once.
    @inlinable
    package init(capacity: Int, refillPerSecond: Int, now: Instant) {
        precondition(capacity >= 0 && capacity <= Self.largestCapacity, "a bucket cannot hold \(capacity) tokens")
        precondition(refillPerSecond >= 0, "a bucket cannot lose \(refillPerSecond) tokens a second")
        self.refillPerSecond = refillPerSecond
        self.fullLevel = Int64(capacity) * Self.unit
        self.level = self.fullLevel
        self.levelInstant = now
    }

    /// The whole tokens there are at `now`.
    @inlinable
    package func available(now: Instant) -> Int {
        Int(self.level(now: now) / Self.unit)
    }

    /// Takes `count` tokens if there are as many at `now`; takes none otherwise.
    ///
    /// A `now` before an earlier one counts as that earlier one: time that went back gives nothing twice.
    /// - Parameter count: not negative. More than ``capacity`` never succeeds, 0 always does.
    /// - Returns: whether they were taken.
    @inlinable
    package mutating func take(_ count: Int, now: Instant) -> Bool {
        precondition(count >= 0, "a bucket cannot be given \(count) tokens")
        // Many takes of one tick pay for one growth.
        if now > self.levelInstant {
            self.level = self.level(now: now)
            self.levelInstant = now
        }
        let (cost, overflow) = Int64(count).multipliedReportingOverflow(by: Self.unit)
        guard !overflow, cost <= self.level else { return false }
        self.level -= cost
        return true
    }

    /// The earliest instant, not before `now`, at which `take(count, now:)` succeeds if nothing else is taken first.
    ///
    /// Exact: one nanosecond earlier it fails. ``Instant/distantFuture`` when it never will.
    @inlinable
    package func availableAt(_ count: Int, now: Instant) -> Instant {
        guard count <= self.capacity else { return .distantFuture }
        let missing = Int64(count) * Self.unit - self.level(now: now)
        guard missing > 0 else { return now }
        guard self.refillPerSecond > 0 else { return .distantFuture }
        let (whole, rest) = missing.quotientAndRemainder(dividingBy: Int64(self.refillPerSecond))
        let wait = rest == 0 ? whole : whole + 1
        return Instant(nanoseconds: max(now, self.levelInstant).nanoseconds.addingSaturated(wait))
    }

    /// The level at `now`, grown since `levelInstant`.
    @inlinable
    func level(now: Instant) -> Int64 {
        let elapsed = max(0, now.nanoseconds.subtractingSaturated(self.levelInstant.nanoseconds))
        let grown = elapsed.multipliedSaturated(by: Int64(self.refillPerSecond))
        return min(self.fullLevel, self.level.addingSaturated(grown))
    }
}
