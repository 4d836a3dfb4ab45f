import Timeline

/// What became of one step. Times count from the start of the run. Source: scheduler §14.
package struct StepRecord: Sendable {
    package enum State: String, CaseIterable, Sendable { case settled, failed, skipped, cancelled }

    package var number: StepNumber
    package var id: String
    package var line: Int
    /// The included file that the line is of; nil is the scenario itself.
    package var file: String?
    package var verb: String
    package var lane: String?
    package var topic: String?
    package var publisher: String?
    package var payloadBytes: Int?
    package var planned: Duration
    /// Planned time on the run's clock, with jitter and speed.
    package var base: Duration
    package var dispatched: Duration?
    package var acked: Duration?
    /// When it settled or failed. Of several attempts `dispatched` is that of the first, `acked` and the answer those of the last.
    package var ended: Duration?
    /// Since the dispatch before it in its lane.
    package var gap: Duration?
    package var waits: [Wait] = []
    package var attempts = 0
    package var state: State
    /// Why it was skipped or cancelled; the text of a note.
    package var detail: String?
    package var answer: StepAnswer?
    /// An answer that came after the step had failed.
    package var lateAnswer: StepAnswer?
    package var lateAnswerAt: Duration?
    /// Gates that were met after the step had failed.
    package var lateGates: [LateGate] = []
    /// The attempts before the last one, at most the first 20.
    package var failedAttempts: [FailedAttempt] = []
    package var causeID: UInt64?
    package var failure: StepFailure?
    /// Whether this is a request that the shadow service answers.
    package var isShadowRequest = false

    /// Dispatch minus base; never negative.
    package var lateness: Duration? { self.dispatched.map { $0 - self.base } }
}

/// Gates that were met too late. Source: scheduler §6.
package struct LateGate: Equatable, Sendable {
    package var gates: Gates
    /// From the start of the run.
    package var at: Duration
}

/// An attempt after which the step was tried again; times count from the start of the run. Source: scheduler §11.
package struct FailedAttempt: Equatable, Sendable {
    package var dispatched: Duration
    package var ended: Duration
    package var got: String
}

/// Why a step failed, in full: step, line, topic, what was awaited, what came. Source: scheduler §11.
package struct StepFailure: Equatable, Sendable {
    package var step: String
    package var line: Int
    /// The included file that the line is of; nil is the scenario itself.
    package var file: String?
    package var verb: String
    package var topic: String
    package var awaited: String
    package var got: String
    /// The last related messages before, newest last.
    package var related: [String]

    /// Several lines, for people.
    package var text: String {
        var lines = [
            "step \(self.step) (\(self.verb), line \(self.line)\(self.file.map { " of \($0)" } ?? "")) failed",
            "  topic    \(self.topic)",
            "  awaited  \(self.awaited)",
            "  got      \(self.got)",
        ]
        for (place, event) in self.related.enumerated() { lines.append((place == 0 ? "  before   " : "           ") + event) }
        return lines.joined(separator: "\n")
    }
}
