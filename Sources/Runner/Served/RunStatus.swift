package import Pacing
package import Timeline

/// How far a run of a served broker is.
package struct RunStatus: Sendable {
    package let id: String
    /// Of its scenario; may be empty.
    package let name: String
    package let state: RunReport.State
    /// It goes on, and dispatches nothing new until it is told to.
    package let isPaused: Bool
    package let startedAt: WallTime
    /// From its start to its end, or to now.
    package let elapsed: Duration
    /// Of the plan, a block counting one; `nil` when nobody knows.
    package let steps: Int?
    package let dispatched: Int
    /// Steps that have ended, by how.
    package let ended: [StepRecord.State: Int]
}
