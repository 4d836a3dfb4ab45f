import Broker
import MQTTClient
import MQTTWire
import NIOCore
import NIOPosix
package import Pacing
import Timeline

/// Runs a plan with network clients against any broker, on the real clock. Source: scheduler §6, §7.
///
/// There are no cause ids there, so answers are told apart by their clientToken, which a ``NetworkTap`` sees.
package final class NetworkRun {
    let target: NetworkTarget
    let loop: any EventLoop
    let events: AsyncStream<NetworkEvent>.Continuation
    var connections = NetworkConnections()
    var tap = NetworkTap()
    var reads: NetworkReads
    private let plan: Plan
    private let runID: String
    private let onProgress: @Sendable (RunProgress) -> Void
    private let onPart: (@Sendable (RunReport) -> Void)?
    private var engine: PlanEngine
    private var actions: [PlanAction] = []
    private var timer: Task<Void, Never>?
    private var start = Instant.zero
    private var startedAt = WallTime(secondsSinceEpoch: 0)
    private var dispatched = 0
    /// QoS 1 and 2 publishes whose acknowledgement has not come.
    private var unacknowledged: Set<StepNumber> = []
    private var isFinished = false

    /// Runs the plan to its end. A cancelled task cancels the run, which then ends in order.
    ///
    /// - Parameters:
    ///   - plan: read with `ScenarioOptions.isRemote`.
    ///   - onPart: takes the parts of the report while the run goes on, so that a long one need not be kept.
    /// - Returns: the report, or its last part.
    /// - Throws: when the run could not begin; what goes wrong later is in the report.
    package static func run(
        _ plan: Plan, target: NetworkTarget, runID: String, onProgress: @escaping @Sendable (RunProgress) -> Void = { _ in },
        onPart: (@Sendable (RunReport) -> Void)? = nil
    ) async throws(TapFailure) -> RunReport {
        let (stream, events) = AsyncStream.makeStream(of: NetworkEvent.self)
        // A stream ends for a cancelled task, but a cancelled run still has clients to say goodbye to: it gets a task of its own.
        let task = Task { () -> Result<RunReport, TapFailure> in
            do throws(TapFailure) {
                let run = NetworkRun(plan, target: target, runID: runID, events: events, onProgress: onProgress, onPart: onPart)
                return .success(try await run.report(stream))
            } catch {
                return .failure(error)
            }
        }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            events.yield(NetworkEvent(.plan(.cancelled)))
        }
        return try result.get()
    }

    private init(
        _ plan: Plan, target: NetworkTarget, runID: String, events: AsyncStream<NetworkEvent>.Continuation,
        onProgress: @escaping @Sendable (RunProgress) -> Void, onPart: (@Sendable (RunReport) -> Void)?
    ) {
        var options = PlanEngine.Options()
        options.runID = runID
        options.isRemote = true
        self.plan = plan
        self.target = target
        self.runID = runID
        self.events = events
        self.onProgress = onProgress
        self.onPart = onPart
        self.reads = NetworkReads(runID: runID)
        self.loop = MultiThreadedEventLoopGroup.singleton.next()
        self.engine = PlanEngine(plan: plan, options: options)
    }

    private func report(_ stream: AsyncStream<NetworkEvent>) async throws(TapFailure) -> RunReport {
        let events = self.events
        self.tap = try await NetworkTap.open(
            for: self.plan, target: self.target, runID: self.runID, on: self.loop,
            onMessage: { message in
                events.yield(NetworkEvent(.plan(.observed(Pacing.ObservedMessage(message, client: nil))), at: message.receivedAt))
            },
            onEnd: { events.yield(NetworkEvent(.tapEnded($0))) })
        self.startedAt = Broker.systemWallTime()
        await withDiscardingTaskGroup { errands in
            await self.conduct(stream, wall: self.startedAt, &errands)
            self.timer?.cancel()
            // Requests that nobody answered end with their connections.
            for client in self.connections.takeAll() { errands.addTask { await client.drop() } }
        }
        await self.tap.close()
        return self.dated(self.engine.report())
    }

    private func dated(_ report: RunReport) -> RunReport {
        var report = report
        report.startedAt = self.startedAt
        return report
    }

    /// Handles events until the engine has finished.
    private func conduct(_ stream: AsyncStream<NetworkEvent>, wall: WallTime, _ errands: inout DiscardingTaskGroup) async {
        self.start = RealClock.now
        self.engine.handle(.started(wall: wall), now: self.start, actions: &self.actions)
        var iterator = stream.makeAsyncIterator()
        while true {
            let actions = self.actions
            self.actions.removeAll(keepingCapacity: true)
            if actions.contains(where: \.isFinished) { await self.awaitAcknowledgements(&iterator) }
            for action in actions { self.perform(action, &errands) }
            guard !self.isFinished, let event = await iterator.next() else { return }
            self.handle(event)
        }
    }

    private func handle(_ event: NetworkEvent) {
        for known in self.planEvents(event.what) {
            if case .stepAcked(let step, _, _) = known { self.unacknowledged.remove(step) }
            self.engine.handle(known, now: event.at, actions: &self.actions)
        }
        if let onPart, !self.engine.isFinished, let part = self.engine.takeReport() { onPart(self.dated(part)) }
    }

    /// The answer that ends a run and the acknowledgement of its request come by different ways: what is still under way belongs into
    /// the report, so goodbyes wait for it, but not for long.
    private func awaitAcknowledgements(_ events: inout AsyncStream<NetworkEvent>.Iterator) async {
        let end = RealClock.now + .milliseconds(500)
        self.wake(at: end)
        while !self.unacknowledged.isEmpty, RealClock.now < end, let event = await events.next() { self.handle(event) }
    }

    private func planEvents(_ what: NetworkEvent.What) -> [PlanEvent] {
        switch what {
        case .plan(.observed(let message)):
            return [.observed(message)] + (self.reads.answer(in: message).map { [$0] } ?? [])
        case .plan(let event):
            return [event]
        case .opened(let name, let generation, let client):
            return self.connections.opened(name, generation, client)
        case .ended(let name, let generation, let end):
            return self.connections.ended(name, generation, end)
        case .tapEnded(let end):
            // Gates would wait for answers that nobody sees.
            self.progress(.note("the run's own connection was lost, so answers can no longer be seen: \(end.error.text)"))
            return [.cancelled]
        }
    }

    // MARK: For actions

    var seed: UInt64 { self.plan.settings.seed }

    func wake(at instant: Instant) {
        self.timer?.cancel()
        let events = self.events
        self.timer = Task {
            await RealClock.wait(until: instant)
            if !Task.isCancelled { events.yield(NetworkEvent(.plan(.timerFired))) }
        }
    }

    func finished() {
        self.isFinished = true
    }

    func awaitAcknowledgement(of step: StepNumber) {
        self.unacknowledged.insert(step)
    }

    func countDispatch() {
        self.dispatched += 1
        self.progress(.dispatched)
    }

    func progress(_ happening: RunProgress.Happening) {
        self.onProgress(
            RunProgress(
                happening: happening, elapsed: RealClock.now - self.start, dispatched: self.dispatched, steps: self.plan.stepCount))
    }
}

@available(*, unavailable)
extension NetworkRun: Sendable {}

extension PlanAction {
    fileprivate var isFinished: Bool {
        if case .finished = self { true } else { false }
    }
}

extension Pacing.ObservedMessage {
    /// As a client of the plan saw it; without one, as the tap did.
    init(_ message: ReceivedMessage, client: String?) {
        self.init(
            topic: message.topic, payload: message.payload, qos: message.qos.rawValue, retain: message.retain, client: client,
            properties: MessageProperties(message.properties))
    }
}
