import Broker
import NIOCore
import Pacing
import Timeline

/// The runs of a served core, on its loop. They have their turns between the packets of everybody else.
final class ServedRuns {
    /// Runs that go on at the same time.
    static let maximumRunning = 64
    /// Of the finished ones, the latest are kept.
    static let maximumFinished = 100
    /// Steps of finished runs that are kept in all, so that many large ones do not fill the memory; the latest run is kept however large.
    static let maximumFinishedSteps = 200_000
    /// Events of one run that wait for its engine. Whoever is watched by a run may be much faster than it.
    static let maximumBacklog = 100_000
    /// How long the runs work before the loop looks at its sockets again.
    private static let workTime = Duration.milliseconds(1)
    private static let shortestRest = Duration.microseconds(100)

    private let core: BrokerCore
    private let loop: any EventLoop
    private let hosts: LocalClients
    /// In the order they began.
    private var runs: [ServedRun] = []
    /// Meanwhile the core is not idle.
    private var turnIsAsked = false {
        didSet {
            if self.turnIsAsked == oldValue { return }
            if self.turnIsAsked { self.core.workBegan() } else { self.core.workEnded() }
        }
    }
    /// Until when the loop is left to others.
    private var restEnd = Instant.zero
    private var isStopped = false

    init(core: BrokerCore, loop: any EventLoop) {
        self.core = core
        self.loop = loop
        self.hosts = LocalClients(of: core)
        self.hosts.onNews = { [weak self] in self?.askForTurn() }
        core.beforeShutDown { [weak self] in self?.stop() }
    }

    // MARK: What is asked for

    func start(_ request: RunRequest) throws(RunRefusal) {
        if self.isStopped { throw .stopping }
        guard self.runs.count(where: { $0.run != nil }) < Self.maximumRunning else { throw .tooMany(Self.maximumRunning) }
        let run = ServedRun(request, on: self.hosts) { [weak self] in self?.askForTurn() }
        self.runs.append(run)
        if request.isAttached { self.endUnlessFollowed(run, within: .seconds(10)) }
        self.turn()
    }

    var statuses: [RunStatus] { self.runs.map(\.status) }

    func status(of id: String) throws(RunRefusal) -> RunStatus { try self.find(id).status }

    func report(of id: String) throws(RunRefusal) -> RunReport { try self.find(id).report }

    /// Has a run obey, which it has when this returns.
    func command(_ id: String, _ command: PlanEvent) throws(RunRefusal) -> RunStatus {
        let served = try self.find(id)
        guard let run = served.run else { throw .hasFinished(id) }
        run.obey(command)
        self.turn()
        return served.status
    }

    /// The lanes of the runs that go on.
    var lanes: [RunLane] {
        self.runs.flatMap { served in (served.run?.lanes ?? []).map { RunLane(run: served.request.id, lane: $0) } }
    }

    /// Changes a lane, or all whose key begins like this, of one run or of all that go on.
    func change(_ lane: String, to settings: LaneSettings, of id: String?) throws(RunRefusal) {
        if let id {
            _ = try self.command(id, .laneChanged(lane, settings))
            return
        }
        for served in self.runs { served.run?.obey(.laneChanged(lane, settings)) }
        self.turn()
    }

    /// Forgets a run that has finished.
    func forget(_ id: String) throws(RunRefusal) {
        guard try self.find(id).run == nil else { throw .goesOn(id) }
        self.runs.removeAll { $0.request.id == id }
    }

    private func find(_ id: String) throws(RunRefusal) -> ServedRun {
        guard let run = self.runs.first(where: { $0.request.id == id }) else { throw .unknown(id) }
        return run
    }

    // MARK: Readers

    /// Gives events of a run, and waits for some for at most `patience`, of real time.
    func events(
        of id: String, from start: Int, patience: TimeAmount, _ give: @escaping (RunEventPage) -> Void
    ) throws(RunRefusal) {
        let feed = try self.find(id).feed
        guard let waiter = feed.read(from: start, give) else { return }
        _ = self.loop.assumeIsolated().scheduleTask(in: patience) { feed.giveUp(waiter) }
    }

    func readerCame(_ id: String) throws(RunRefusal) { try self.find(id).readers += 1 }

    func readerLeft(_ id: String) {
        guard let run = self.runs.first(where: { $0.request.id == id }) else { return }
        run.readers -= 1
        if run.request.isAttached, run.readers == 0 { self.endUnlessFollowed(run, within: .seconds(2)) }
    }

    private func endUnlessFollowed(_ run: ServedRun, within patience: TimeAmount) {
        _ = self.loop.assumeIsolated().scheduleTask(in: patience) { [weak self] in
            guard run.readers == 0 else { return }
            run.run?.note("nobody follows this run any more: it is cancelled")
            run.run?.cancel()
            self?.askForTurn()
        }
    }

    // MARK: Turns

    /// Asks for a turn soon.
    ///
    /// The loop does everything that is asked of it before it looks at its sockets again. So that runs which always have something to do
    /// leave it time for that, it is left alone after a turn for as long as that took.
    private func askForTurn() {
        guard !self.turnIsAsked else { return }
        self.turnIsAsked = true
        let loop = self.loop.assumeIsolated()
        if Broker.monotonicNow() < self.restEnd {
            _ = loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(self.restEnd.nanoseconds))) { self.turn() }
        } else {
            loop.execute { self.turn() }
        }
    }

    /// Lets every run do what it can at this instant, one thing after the other in turn, for a while.
    private func turn() {
        // What this turn asks for it does itself.
        self.turnIsAsked = true
        let start = Broker.monotonicNow()
        let end = start + Self.workTime
        var hasWork = true
        var hasFinished = false
        while hasWork, Broker.monotonicNow() < end {
            self.hosts.settle()
            hasWork = false
            for served in self.runs {
                guard let run = served.run else { continue }
                run.timePassed()
                if run.backlog > Self.maximumBacklog {
                    run.abort("more happened here than the run could look at: it ends incomplete", as: .incomplete)
                }
                if run.work() {
                    self.hosts.settle()
                    hasWork = true
                } else if run.isFinished {
                    served.finish()
                    hasFinished = true
                    hasWork = true
                }
            }
        }
        if hasFinished { self.dropOldest() }
        for run in self.runs { run.feed.tellReaders() }
        let now = Broker.monotonicNow()
        self.restEnd = now + max(now - start, Self.shortestRest)
        self.turnIsAsked = false
        if hasWork { self.askForTurn() }
    }

    private func dropOldest() {
        var finished = self.runs.filter { $0.run == nil }
        var steps = finished.reduce(0) { $0 + $1.report.steps.count }
        while finished.count > Self.maximumFinished || finished.count > 1 && steps > Self.maximumFinishedSteps {
            let oldest = finished.removeFirst()
            steps -= oldest.report.steps.count
            self.runs.removeAll { $0 === oldest }
        }
    }

    /// The clients are sent away: runs end as they stand, theirs with a goodbye.
    private func stop() {
        self.isStopped = true
        for served in self.runs {
            served.run?.abort("Sundial stops", as: .cancelled)
            served.finish()
            served.feed.tellReaders()
        }
    }
}

@available(*, unavailable)
extension ServedRuns: Sendable {}

/// Why a service does not do what is asked of it.
package enum RunRefusal: Error, Equatable, Sendable {
    case unknown(String)
    /// Only a finished run can be forgotten.
    case goesOn(String)
    case hasFinished(String)
    case tooMany(Int)
    case stopping
}
