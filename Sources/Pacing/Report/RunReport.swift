package import Timeline

/// What a run did, step by step and in sum. Source: scheduler §14.
///
/// A report may come in parts while the run goes on: each part has the steps that are finished since the one before, and the figures
/// over all so far; the last one has the state in which the run ended. ``ReportWriter`` takes them in.
package struct RunReport: Sendable {
    package enum State: String, Sendable { case running, passed, failed, cancelled, incomplete }

    package var name: String
    package var runID: String
    package var profile: String
    package var clock: String
    package var seed: UInt64
    package var state: State
    /// On the run's clock, from the start of the run to its end, or to now.
    package var duration: Duration
    /// The scenario time that passed meanwhile; nil where speed or pauses make no difference, and at speed `max`, where none passes.
    package var scenarioDuration: Duration?
    /// In the order of the file.
    package var steps: [StepRecord]
    /// The figures over all steps, those of former parts among them.
    package var tally: RunTally
    package var ordering: OrderingSummary
    /// How near the run came to the quotas of its profile.
    package var quotas: [QuotaHeadroom] = []
    /// A client could not connect or was not authorised.
    package var couldNotConnect: Bool
    /// Set by whoever runs it; not in the engine's knowledge.
    package var emulatorVersion = ""
    package var startedAt: WallTime?
    /// Real time the run took, where it is another than ``duration`` and anybody measured it.
    package var wallDuration: Duration?

    /// Process exit code. Source: scheduler §14; 2 (bad file) comes before there is a report.
    package var exitCode: Int32 {
        switch self.state {
        case .passed: 0
        case .failed: self.couldNotConnect ? 3 : 1
        case .running, .incomplete: 4
        case .cancelled: 130
        }
    }

    /// The first hundred failures.
    package var failures: [StepFailure] { self.tally.failures }
}
