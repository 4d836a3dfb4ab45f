package import Pacing
import Timeline

/// How far a run has come, for a terminal.
package struct RunProgress: Sendable {
    package enum Happening: Sendable {
        /// Something was sent, connected, subscribed or torn off.
        case dispatched
        /// A note of the file.
        case note(String)
    }

    package let happening: Happening
    /// On the run's clock, since its start.
    package let elapsed: Duration
    package let dispatched: Int
    /// Steps of the plan, those that only observe among them and a block counting one; nil when nobody knows.
    package let steps: Int?
    /// Where the run stands, now and then.
    package var standing: RunStanding?

    package init(happening: Happening, elapsed: Duration, dispatched: Int, steps: Int?) {
        self.happening = happening
        self.elapsed = elapsed
        self.dispatched = dispatched
        self.steps = steps
    }
}

extension RunProgress {
    /// - Parameter dispatched: counts along.
    /// - Returns: `nil` for what no terminal shows.
    init?(_ event: RunEvent, _ dispatched: inout Int, steps: Int?) {
        switch event.what {
        case .dispatched:
            dispatched += 1
            self.init(happening: .dispatched, elapsed: event.at, dispatched: dispatched, steps: steps)
        case .note(let text):
            self.init(happening: .note(text), elapsed: event.at, dispatched: dispatched, steps: steps)
        case .started, .ended, .paused, .resumed, .finished:
            return nil
        }
    }
}
