package import Broker
import NIOCore
package import Pacing

/// Runs of plans inside a broker that serves others at the same time: its clients and those of the runs see each other's messages.
///
/// Async code starts runs, follows and ends them; what they do is done on the core's loop. When the broker sends its clients away, runs
/// end as they stand.
package final class RunService: Sendable {
    private let broker: Broker
    private let runs: NIOLoopBoundBox<ServedRuns?>

    package init(_ broker: Broker) {
        self.broker = broker
        self.runs = .makeEmptyBox(valueType: ServedRuns.self, eventLoop: broker.loop)
    }

    /// What runs go by.
    package var clock: ClockKind {
        get async throws { try await self.broker.clock.state().kind }
    }

    /// A name for a new run.
    package static func freshID() -> String {
        var random = SystemRandomNumberGenerator()
        return "run-\(FreshID.uuid(using: &random).prefix(8))"
    }

    /// Starts a run; returns when its first steps are under way.
    package func start(_ request: RunRequest) async throws {
        try await self.submit { runs in try runs.start(request) }
    }

    /// Running and finished, in the order they began. Of the finished ones only the latest are kept.
    package func statuses() async throws -> [RunStatus] {
        try await self.submit { $0.statuses }
    }

    package func status(of id: String) async throws -> RunStatus {
        try await self.submit { runs in try runs.status(of: id) }
    }

    /// The report so far; final once the run has finished.
    package func report(of id: String) async throws -> RunReport {
        try await self.submit { runs in try runs.report(of: id) }
    }

    /// Ends a run early. Nothing new is dispatched when this returns; what is in flight has its grace to settle.
    package func cancel(_ id: String) async throws -> RunStatus { try await self.command(id, .cancelled) }

    /// Nothing new is dispatched when this returns, until ``resume(_:lane:_:)``.
    ///
    /// - Parameter lane: `nil` for the whole run.
    package func pause(_ id: String, lane: String? = nil) async throws -> RunStatus { try await self.command(id, .paused(lane: lane)) }

    package func resume(_ id: String, lane: String? = nil, _ rule: ResumeRule = .shift) async throws -> RunStatus {
        try await self.command(id, .resumed(lane: lane, rule))
    }

    /// Lets a run dispatch the next step in file order, at its time, and then pause.
    package func stepOnce(_ id: String) async throws -> RunStatus { try await self.command(id, .steppedOnce) }

    private func command(_ id: String, _ command: PlanEvent) async throws -> RunStatus {
        try await self.submit { runs in try runs.command(id, command) }
    }

    /// The lanes of all runs that go on.
    package func lanes() async throws -> [RunLane] {
        try await self.submit { $0.lanes }
    }

    /// Changes a lane, or with `*` at its end all whose key begins like this, where the settings say something.
    ///
    /// - Parameter id: `nil` for all runs that go on.
    package func change(lane: String, to settings: LaneSettings, of id: String? = nil) async throws {
        try await self.submit { runs in try runs.change(lane, to: settings, of: id) }
    }

    /// Forgets a run that has finished.
    package func forget(_ id: String) async throws {
        try await self.submit { runs in try runs.forget(id) }
    }

    /// The events of a run from number `start` on.
    ///
    /// - Parameter patience: how long to wait for one if there is none yet, in real time; then the page is empty.
    package func events(of id: String, from start: Int, patience: Duration) async throws -> RunEventPage {
        let result: Result<RunEventPage, RunRefusal> = try await self.broker.ask { core, answer in
            do throws(RunRefusal) {
                try self.runs(of: core).events(of: id, from: start, patience: TimeAmount(patience)) { answer(.success($0)) }
            } catch {
                answer(.failure(error))
            }
        }
        return try result.get()
    }

    /// Somebody follows the run from now on, until ``readerLeft(_:)``.
    package func readerCame(_ id: String) async throws {
        try await self.submit { runs in try runs.readerCame(id) }
    }

    /// An attached run that nobody follows any more is cancelled soon.
    package func readerLeft(_ id: String) async {
        try? await self.submit { runs in runs.readerLeft(id) }
    }

    private func submit<Value: Sendable>(_ body: @escaping @Sendable (ServedRuns) throws -> Value) async throws -> Value {
        try await self.broker.submit { core in try body(self.runs(of: core)) }
    }

    private func runs(of core: BrokerCore) -> ServedRuns {
        if let runs = self.runs.value { return runs }
        let runs = ServedRuns(core: core, loop: self.broker.loop)
        self.runs.value = runs
        return runs
    }
}
