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
    let feed = RunFeed()
    /// Those who follow its events now.
    var readers = 0
    private var phase: Phase
    private let startedAt: WallTime
    private let counts: Counts

    private final class Counts {
        var dispatched = 0
        var ended: [StepRecord.State: Int] = [:]
    }

    /// Begins at once.
    init(_ request: RunRequest, on hosts: LocalClients, onNews: @escaping () -> Void) {
        let feed = self.feed
        let counts = Counts()
        self.request = request
        self.counts = counts
        self.startedAt = hosts.core.wallTime
        let run = CoreRun(request.plan, id: request.id, on: hosts, stepsAtOnce: Self.stepsAtOnce, onNews: onNews) { event in
            switch event.what {
            case .dispatched: counts.dispatched += 1
            case .ended(let record): counts.ended[record.state, default: 0] += 1
            case .started, .paused, .note, .finished: break
            }
            feed.append(event)
        }
        self.phase = .running(run)
        hosts.core.waitingBegan()
    }

    /// While it goes on.
    var run: CoreRun? {
        if case .running(let run) = self.phase { run } else { nil }
    }

    var report: RunReport {
        switch self.phase {
        case .running(let run): run.report()
        case .finished(let report): report
        }
    }

    var status: RunStatus {
        let report: (state: RunReport.State, duration: Duration) =
            switch self.phase {
            case .running(let run): (.running, run.elapsed)
            case .finished(let report): (report.state, report.duration)
            }
        return RunStatus(
            id: self.request.id, name: self.request.plan.settings.name, state: report.state, startedAt: self.startedAt,
            elapsed: report.duration, steps: self.request.plan.stepCount ?? 0, dispatched: self.counts.dispatched, ended: self.counts.ended)
    }

    /// Takes it off the core when it has come to its end.
    func finish() {
        guard case .running(let run) = self.phase else { return }
        run.leave()
        run.core.waitingEnded()
        let report = run.report()
        self.phase = .finished(report)
        self.feed.append(RunEvent(what: .finished(report.state, exitCode: report.exitCode), at: run.elapsed))
    }
}

@available(*, unavailable)
extension ServedRun: Sendable {}
