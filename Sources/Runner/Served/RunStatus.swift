package import Pacing
package import Timeline

/// How far a run of a served broker is.
package struct RunStatus: Sendable {
    package let id: String
    /// Of its scenario; may be empty.
    package let name: String
    package let state: RunReport.State
    package let startedAt: WallTime
    /// From its start to its end, or to now.
    package let elapsed: Duration
    /// Of the plan.
    package let steps: Int
    package let dispatched: Int
    /// Steps that have ended, by how.
    package let ended: [StepRecord.State: Int]
}
