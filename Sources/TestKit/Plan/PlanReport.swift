import JSON
import Pacing
import Timeline

/// What the run of a plan did, step by step and in sum. Printed, it is the table of `sundial run`.
public struct PlanReport: Sendable, CustomStringConvertible {
    /// How a run ended.
    public enum State: String, Sendable {
        /// Every step settled, every expectation was met.
        case passed
        /// A step or an expectation failed.
        case failed
        /// It was ended early.
        case cancelled
        /// Its time was over before its steps were.
        case incomplete
    }

    /// What became of one step. Times count from the start of the run.
    public struct Step: Sendable {
        /// How a step ended.
        public enum State: String, Sendable {
            /// Its gate was met, or what it watched for was seen.
            case settled
            /// ``PlanReport/failures`` says why.
            case failed
            /// It was left out.
            case skipped
            /// The run ended before it did.
            case cancelled
        }

        /// As the plan calls it, or its verb and count.
        public let id: String
        /// The line of the test, or of the scenario file, that it stands in.
        public let line: Int
        /// As scenario files write it: `update`, `expect`, …
        public let verb: String
        /// The serial queue it was in; `nil` for those that only watch.
        public let lane: String?
        /// What it published to, or watched for.
        public let topic: String?
        /// How it ended.
        public let state: State
        /// When it was to be sent.
        public let planned: Duration
        /// When it was.
        public let dispatched: Duration?
        /// When it settled or failed.
        public let ended: Duration?
        /// Since the one before it in its lane.
        public let gap: Duration?
        /// The version that an accepted answer gave.
        public let version: Int?
        /// The code and message of a rejected answer.
        public let rejection: (code: Int, message: String)?
    }

    /// Why a step failed.
    public struct Failure: Sendable, CustomStringConvertible {
        /// The id of the step.
        public let step: String
        /// The line of the test, or of the scenario file, that it stands in.
        public let line: Int
        /// What it published to, or watched for.
        public let topic: String
        /// What was awaited.
        public let awaited: String
        /// What came instead.
        public let got: String
        /// All of it, and the last messages that have to do with it.
        public let description: String
    }

    /// The proof that answers were seen in the order of their requests.
    public struct Ordering: Sendable, CustomStringConvertible {
        /// Shadow requests sent.
        public let steps: Int
        /// Clients that saw their answers.
        public let subscribers: Int
        /// Pairs of answers that somebody saw in the wrong order.
        public let inversions: Int
        /// The least time between two successive requests of a lane.
        public let leastGap: Duration?
        /// `order: 2 steps, 1 subscriber, 0 inversions   (least gap used 1000 ms)`.
        public let description: String
    }

    private let report: Pacing.RunReport

    /// - Parameter line: the line that people know for one of the scenario's.
    init(_ report: Pacing.RunReport, line: (Int) -> Int) {
        var report = report
        for place in report.steps.indices { report.steps[place].line = line(report.steps[place].line) }
        for place in report.tally.failures.indices { report.tally.failures[place].line = line(report.tally.failures[place].line) }
        self.report = report
    }

    /// How it ended.
    public var state: State { State(self.report.state) }
    /// Every step settled, every expectation was met.
    public var passed: Bool { self.state == .passed }
    /// From its start to its end, on the kit's clock.
    public var duration: Duration { self.report.duration }
    /// In the order of the plan.
    public var steps: [Step] { self.report.steps.map { Step($0) } }
    /// The first hundred, in the order they failed.
    public var failures: [Failure] { self.report.failures.map { Failure($0) } }
    /// Whether answers came in order.
    public var ordering: Ordering { Ordering(self.report.ordering) }
    /// The report of `sundial run --json`.
    public var json: JSON { JSON(self.report.document) }
    /// The report as JUnit XML, for CI servers.
    public var junit: String { String(decoding: self.report.written(.junit), as: UTF8.self) }
    /// The table that people read.
    public var description: String { self.report.table() }

    /// The step of that id; `nil` when there is none.
    public subscript(id: String) -> Step? {
        self.report.steps.first { $0.id == id }.map { Step($0) }
    }
}
