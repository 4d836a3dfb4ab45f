/// A date and time of day: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Used for what people and the service's documents see (shadow metadata, signature dates, expiry
/// that counts while the process is down). Timers use ``Instant``. The range is the years 1677 to
/// 2262; arithmetic and conversions saturate at its ends.
@usableFromInline
package struct WallTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since the epoch; negative before 1970.
    @usableFromInline package var nanosecondsSinceEpoch: Int64

    /// The time `nanosecondsSinceEpoch` after the epoch.
    @inlinable
    package init(nanosecondsSinceEpoch: Int64) {
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
    }

    /// The time `secondsSinceEpoch` after the epoch, saturating.
    @inlinable
    package init(secondsSinceEpoch: Int64) {
        self.nanosecondsSinceEpoch = secondsSinceEpoch.multipliedSaturated(by: 1_000_000_000)
    }

    /// The time `millisecondsSinceEpoch` after the epoch, saturating.
    @inlinable
    package init(millisecondsSinceEpoch: Int64) {
        self.nanosecondsSinceEpoch = millisecondsSinceEpoch.multipliedSaturated(by: 1_000_000)
    }

    /// Whole seconds since the epoch, rounded down.
    @inlinable
    package var secondsSinceEpoch: Int64 {
        self.nanosecondsSinceEpoch.dividedRoundingDown(by: 1_000_000_000)
    }

    /// Whole milliseconds since the epoch, rounded down.
    @inlinable
    package var millisecondsSinceEpoch: Int64 {
        self.nanosecondsSinceEpoch.dividedRoundingDown(by: 1_000_000)
    }

    @inlinable
    package static func < (left: WallTime, right: WallTime) -> Bool {
        left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch
    }

    /// Saturates at the ends of the range.
    @inlinable
    package static func + (time: WallTime, duration: Duration) -> WallTime {
        WallTime(nanosecondsSinceEpoch: time.nanosecondsSinceEpoch.addingSaturated(duration.wholeNanoseconds))
    }

    /// Saturates at the ends of the range.
    @inlinable
    package static func - (time: WallTime, duration: Duration) -> WallTime {
        WallTime(nanosecondsSinceEpoch: time.nanosecondsSinceEpoch.subtractingSaturated(duration.wholeNanoseconds))
    }

    /// The time from `right` to `left`; negative when `left` is earlier. Saturates.
    @inlinable
    package static func - (left: WallTime, right: WallTime) -> Duration {
        .nanoseconds(left.nanosecondsSinceEpoch.subtractingSaturated(right.nanosecondsSinceEpoch))
    }
}

extension Int64 {
    /// The quotient by a positive `divisor`, rounded towards negative infinity.
    @inlinable
    func dividedRoundingDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
