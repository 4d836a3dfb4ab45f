import Pacing

/// What is kept of a served run for those who ask: its latest events, how its steps have ended, and what became of each.
final class RunLedger {
    /// Of a run with more steps, the last ones are kept one by one; its figures are over all.
    static let maximumSteps = 100_000

    let feed = RunFeed()
    private(set) var dispatched = 0
    private(set) var ended: [StepRecord.State: Int] = [:]
    /// What the run has given away of its report.
    private var steps: [StepRecord] = []

    func happened(_ event: RunEvent) {
        switch event.what {
        case .dispatched: self.dispatched += 1
        case .ended(let record): self.ended[record.state, default: 0] += 1
        case .started, .paused, .resumed, .note, .finished: break
        }
        self.feed.append(event)
    }

    /// Takes a part of the report.
    func take(_ part: RunReport) {
        self.steps += part.steps
        if self.steps.count >= 2 * Self.maximumSteps { self.steps.removeFirst(self.steps.count - Self.maximumSteps) }
    }

    /// The whole report, given what the run has not given away of it.
    func whole(_ rest: RunReport) -> RunReport {
        guard !self.steps.isEmpty else { return rest }
        var report = rest
        report.steps = Array((self.steps + rest.steps).suffix(Self.maximumSteps))
        return report
    }
}

@available(*, unavailable)
extension RunLedger: Sendable {}
