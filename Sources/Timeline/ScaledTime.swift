/// A clock that runs a fixed number of times as fast as real time; monotonic and wall time move together.
///
/// A value that maps readings of the real monotonic clock. It never goes backwards, whatever readings come, and stands still at
/// ``WallTime/horizon``. Source: reference scheduler §8.
@usableFromInline
package struct ScaledTime: Sendable {
    private let realOrigin: Instant
    private let origin: VirtualTime
    /// How many times as fast as real time it runs.
    package let factor: TimeFactor

    /// A clock that shows `time` when the real clock shows `real`, and runs on from there.
    package init(from time: VirtualTime, at real: Instant, factor: TimeFactor) {
        self.realOrigin = real
        self.origin = time
        self.factor = factor
    }

    /// What both its times are when the real clock shows `real`.
    package func time(at real: Instant) -> VirtualTime {
        let elapsed = Int128(max(0, real.nanoseconds.subtractingSaturated(self.realOrigin.nanoseconds)))
        var time = self.origin
        time.advance(upTo: .nanoseconds(Int64(clamping: elapsed * Int128(self.factor.thousandths) / 1000)))
        return time
    }

    /// The first real instant at which this clock has come to `instant`; ``Instant/distantFuture`` when it never does.
    package func real(for instant: Instant) -> Instant {
        if instant > self.origin.end { return .distantFuture }
        let ahead = Int128(max(0, instant.nanoseconds.subtractingSaturated(self.origin.now.nanoseconds)))
        let factor = Int128(self.factor.thousandths)
        return self.realOrigin + .nanoseconds(Int64(clamping: (ahead * 1000 + factor - 1) / factor))
    }

    /// The clock that goes on from `real` at another speed: the time does not jump.
    package func running(_ factor: TimeFactor, from real: Instant) -> ScaledTime {
        ScaledTime(from: self.time(at: real), at: max(real, self.realOrigin), factor: factor)
    }
}
