/// A clock that moves only when it is told to; monotonic and wall time move together.
///
/// Drives keep alive, will delay, expiry, pacing and shadow timestamps in tests and in accelerated runs (reference: scheduler §8). It
/// goes no further than ``WallTime/horizon``.
@usableFromInline
package struct VirtualTime: Equatable, Sendable {
    /// The present on the monotonic time line.
    package private(set) var now: Instant

    /// The present date.
    package private(set) var wall: WallTime

    /// A clock standing at `wall`.
    /// - Parameter now: where its monotonic time line begins.
    package init(now: Instant = .zero, wall: WallTime) {
        self.now = now
        self.wall = wall
    }

    /// The instant at which it shows ``WallTime/horizon``, where it ends.
    package var end: Instant { self.now + max(.zero, WallTime.horizon - self.wall) }

    /// Moves both times forward by `duration`, which must not be negative, or as far as they go.
    package mutating func advance(by duration: Duration) {
        precondition(duration >= .zero, "virtual time cannot go back: advance(by: \(duration))")
        self.advance(upTo: duration)
    }

    /// Moves both times forward to `instant`, which must not lie in the past, or as far as they go.
    package mutating func advance(to instant: Instant) {
        precondition(instant >= self.now, "virtual time cannot go back: advance(to: \(instant)) at \(self.now)")
        self.advance(upTo: instant - self.now)
    }

    mutating func advance(upTo duration: Duration) {
        let step = min(duration, self.end - self.now)
        self.now += step
        self.wall = self.wall + step
    }
}

extension WallTime {
    /// 2200-01-01T00:00:00Z, where scaled and virtual clocks end.
    ///
    /// Both time lines reach further, so that a timer that is due later, even by the longest session expiry of 136 years, is one that
    /// never comes instead of one that is always due.
    package static let horizon = WallTime(secondsSinceEpoch: 7_258_118_400)
}
