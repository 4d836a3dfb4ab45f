import Timeline

/// Why a step was not dispatched at its planned time. Source: scheduler §3.
package enum WaitingCause: String, CaseIterable, Sendable {
    case time, lane, gap, settle, after, slot, quota, publisher, paused, clock
}

/// A cause and how long it held a step.
package struct Wait: Equatable, Sendable {
    package var cause: WaitingCause
    package var duration: Duration

    package init(cause: WaitingCause, duration: Duration) {
        self.cause = cause
        self.duration = duration
    }
}

/// A stretch of time during which a cause held.
struct WaitInterval: Sendable {
    var cause: WaitingCause
    /// Nil is as far back as it matters.
    var start: Instant?
    var end: Instant

    /// What held a step between its base and its dispatch, in order. At each moment it is the cause that ends last;
    /// what nothing explains is the clock (a timer that fired late). The durations add up to the lateness.
    static func waits(from base: Instant, to dispatch: Instant, _ intervals: [WaitInterval]) -> [Wait] {
        var waits: [Wait] = []
        var moment = base
        while moment < dispatch {
            let holding = intervals.filter { ($0.start ?? base) <= moment && $0.end > moment }
            let last = holding.max { $0.end < $1.end }
            // A cause that starts later may end later still, so nothing is decided beyond the next start.
            let starts = intervals.compactMap(\.start).filter { $0 > moment }
            let next = min(dispatch, min(last?.end ?? dispatch, starts.min() ?? dispatch))
            let cause = last?.cause ?? .clock
            if waits.last?.cause == cause {
                waits[waits.count - 1].duration += next - moment
            } else {
                waits.append(Wait(cause: cause, duration: next - moment))
            }
            moment = next
        }
        return waits
    }
}
