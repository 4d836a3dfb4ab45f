import JSON
import Pacing
import Timeline

extension PlanReport {
    /// - Parameter line: the line that people know for one of the scenario's.
    init(_ report: Pacing.RunReport, line: (Int) -> Int) {
        var report = report
        for place in report.steps.indices {
            report.steps[place].line = line(report.steps[place].line)
        }
        for place in report.tally.failures.indices { report.tally.failures[place].line = line(report.tally.failures[place].line) }
        self.init(
            state: State(report.state), duration: report.duration, steps: report.steps.map { Step($0) },
            failures: report.failures.map { Failure($0) }, ordering: Ordering(report.ordering), json: JSON(report.document),
            description: report.table())
    }
}

extension PlanReport.State {
    fileprivate init(_ state: Pacing.RunReport.State) {
        switch state {
        case .passed: self = .passed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case .running, .incomplete: self = .incomplete
        }
    }
}

extension PlanReport.Step {
    fileprivate init(_ record: StepRecord) {
        let state: State =
            switch record.state {
            case .settled: .settled
            case .failed: .failed
            case .skipped: .skipped
            case .cancelled: .cancelled
            }
        var version: Int?
        var rejection: (code: Int, message: String)?
        switch record.answer {
        case .accepted(let number): version = number.map { Int($0) }
        case .rejected(let code, let message): rejection = (code, message)
        case nil: break
        }
        self.init(
            id: record.id, line: record.line, verb: record.verb, lane: record.lane, topic: record.topic, state: state,
            planned: record.planned, dispatched: record.dispatched, ended: record.ended, gap: record.gap, version: version,
            rejection: rejection)
    }
}

extension PlanReport.Failure {
    fileprivate init(_ failure: StepFailure) {
        self.init(
            step: failure.step, line: failure.line, topic: failure.topic, awaited: failure.awaited, got: failure.got,
            description: failure.text)
    }
}

extension PlanReport.Ordering {
    fileprivate init(_ ordering: OrderingSummary) {
        self.init(
            steps: ordering.steps, subscribers: ordering.inversionsBySubscriber.count, inversions: ordering.inversions,
            leastGap: ordering.leastGap, description: ordering.line)
    }
}
