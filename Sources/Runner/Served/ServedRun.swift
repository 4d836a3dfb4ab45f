import Broker
import Pacing
import Timeline

/// A run of a served core: while it goes on, and what is left of it then.
final class ServedRun {
    private enum Phase {
        case running(CoreRun)
        case finished(RunReport)
    }

    /// Taking in a step costs some microseconds.
    private static let stepsAtOnce = 50

    let request: RunRequest
    /// Those who follow its events now.
    var readers = 0
    private let ledger = RunLedger()
    private var phase: Phase
    private let startedAt: WallTime

    /// Begins at once.
    init(_ request: RunRequest, on hosts: LocalClients, onNews: @escaping () -> Void) {
        self.request = request
        self.startedAt = hosts.core.wallTime
        let ledger = self.ledger
        let run = CoreRun(
            request.plan, id: request.id, on: hosts, seek: request.seek, breakpoints: request.breakpoints, stepsAtOnce: Self.stepsAtOnce,
            tellsEndings: true, onNews: onNews
        ) { ledger.happened($0) }
        run.onPart = { ledger.take($0) }
        self.phase = .running(run)
        hosts.core.waitingBegan()
    }

    /// While it goes on.
    var run: CoreRun? {
        if case .running(let run) = self.phase { run } else { nil }
    }

    var feed: RunFeed { self.ledger.feed }

    var report: RunReport {
        switch self.phase {
        case .running(let run): self.ledger.whole(run.report())
        case .finished(let report): report
        }
    }

    var status: RunStatus {
        let (state, elapsed): (RunReport.State, Duration) =
            switch self.phase {
            case .running(let run): (.running, run.elapsed)
            case .finished(let report): (report.state, report.duration)
            }
        return RunStatus(
            id: self.request.id, name: self.request.plan.settings.name, state: state, isPaused: self.run?.isPaused ?? false,
            startedAt: self.startedAt, elapsed: elapsed, steps: self.request.plan.stepCount, dispatched: self.ledger.dispatched,
            ended: self.ledger.ended)
    }

    /// Takes it off the core when it has come to its end.
    func finish() {
        guard case .running(let run) = self.phase else { return }
        run.leave()
        run.core.waitingEnded()
        let report = self.ledger.whole(run.report())
        self.phase = .finished(report)
        self.ledger.happened(RunEvent(what: .finished(report.state, exitCode: report.exitCode), at: run.elapsed))
    }
}

@available(*, unavailable)
extension ServedRun: Sendable {}
