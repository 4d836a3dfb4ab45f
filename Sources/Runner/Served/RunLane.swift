package import Pacing

/// A lane of a run that goes on.
package struct RunLane: Sendable {
    /// The id of the run.
    package let run: String
    package let lane: LaneView
}
