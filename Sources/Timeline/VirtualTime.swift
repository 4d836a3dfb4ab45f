/// A clock that moves only when it is told to; monotonic and wall time move together.
///
/// Drives keep alive, will delay, expiry, pacing and shadow timestamps in tests and in
/// accelerated runs (reference: scheduler §8).
@usableFromInline
package struct VirtualTime: Sendable {
    /// The present on the monotonic time line; starts at ``Instant/zero``.
    package private(set) var now: Instant

    /// The present date.
    package private(set) var wall: WallTime

    /// A clock standing at `wall`.
    package init(wall: WallTime) {
        self.now = .zero
        self.wall = wall
    }

    /// Moves both times forward by `duration`, which must not be negative.
    package mutating func advance(by duration: Duration) {
        precondition(duration >= .zero, "virtual time cannot go back: advance(by: \(duration))")
        self.now = self.now + duration
        self.wall = self.wall + duration
    }

    /// Moves both times forward to `instant`, which must not lie in the past.
    package mutating func advance(to instant: Instant) {
        precondition(instant >= self.now, "virtual time cannot go back: advance(to: \(instant)) at \(self.now)")
        self.advance(by: instant - self.now)
    }
}
