/// A point on the monotonic time line of one process, in nanoseconds from an arbitrary zero.
///
/// It never goes backwards and says nothing about the date; see ``WallTime`` for that.
/// Arithmetic saturates at the ends of `Int64` (about 292 years either way), so "never" can be
/// expressed by adding a very long duration.
@usableFromInline
package struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds from the zero of this time line.
    @usableFromInline package var nanoseconds: Int64

    /// The instant `nanoseconds` after the zero of this time line.
    @inlinable
    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The zero of this time line.
    @inlinable
    package static var zero: Instant { Instant(nanoseconds: 0) }

    /// The last instant there is; a deadline that never comes.
    @inlinable
    package static var distantFuture: Instant { Instant(nanoseconds: .max) }

    @inlinable
    package static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Saturates at the ends of the time line.
    @inlinable
    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.addingSaturated(duration.wholeNanoseconds))
    }

    /// Saturates at the ends of the time line.
    @inlinable
    package static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.subtractingSaturated(duration.wholeNanoseconds))
    }

    /// The time from `right` to `left`; negative when `left` is earlier. Saturates.
    @inlinable
    package static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(left.nanoseconds.subtractingSaturated(right.nanoseconds))
    }

    /// Saturates at the ends of the time line.
    @inlinable
    package static func += (instant: inout Instant, duration: Duration) {
        instant = instant + duration
    }
}
