import Broker
import Timeline

/// The one place that waits for real time.
enum RealClock {
    static var now: Instant { Broker.monotonicNow() }

    /// Returns at `instant`, or at once when the task is cancelled.
    static func wait(until instant: Instant) async {
        let left = instant - Self.now
        guard left > .zero else { return }
        try? await Task.sleep(for: left, tolerance: .zero)
    }

    /// Returns at `instant` even when the task has been cancelled: what follows a cancellation needs its time.
    static func waitThroughCancellation(until instant: Instant) async {
        await Task { await Self.wait(until: instant) }.value
    }
}
