package import Pacing

/// Something that happened in a run, for whoever follows it.
package struct RunEvent: Sendable {
    package enum What: Sendable {
        case started
        /// Sent, connected, subscribed, torn off.
        case dispatched(StepName)
        /// A step settled, failed, was skipped or cancelled.
        case ended(StepRecord)
        /// Nothing more is dispatched until it is told to go on: it was told so, or it has come to a breakpoint or done the one step
        /// it was to do, before the step or the mark named.
        case paused(at: String?)
        case resumed
        /// A note of the file, or of the run itself.
        case note(String)
        /// The last one: both are final.
        case finished(RunReport.State, exitCode: Int32)
    }

    /// How people know a step.
    package struct StepName: Sendable {
        package let id: String
        package let line: Int
        package let verb: String
    }

    package let what: What
    /// On the run's clock, since its start.
    package let at: Duration
}
