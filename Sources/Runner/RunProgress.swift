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
    /// Steps of the plan, those that only observe among them.
    package let steps: Int
}
