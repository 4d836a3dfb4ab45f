import Broker
package import Logging
import MQTTWire
package import Pacing
import Sessions
import Shadows
package import Timeline

/// Runs a plan on a broker of its own inside the process: no sockets, no event loop. Source: scheduler §8, §9.
///
/// On the virtual clock the run takes no real waiting and repeats to the byte (G6): its time jumps to the next thing to happen
/// whenever nothing is left to do, which with clients in the process is exact.
package final class LocalRun {
    package struct Options: Sendable {
        /// Names the run in the report and in `${run}`.
        package var runID = "run"
        /// The date at which virtual time begins; one and the same unless told otherwise, so that runs repeat.
        package var virtualStart = WallTime(secondsSinceEpoch: 1_767_225_600)
        package var logger: Logger

        package init(logger: Logger) {
            self.logger = logger
        }
    }

    let plan: Plan
    let broker: LocalBroker
    let door: Door
    private(set) var observer: RunObserver?
    private var engine: PlanEngine
    private let start: Instant
    private let startedAt: WallTime
    private let onProgress: (RunProgress) -> Void

    private var actions: [PlanAction] = []
    private var nextAction = 0
    private var events: [(event: Event, at: Instant)] = []
    private var nextEvent = 0
    private var engineWake: Instant?
    package private(set) var isFinished = false

    var causes = CauseTable()
    var clients: [String: RunClient] = [:]
    /// The scenario's names of client ids.
    var clientNames: [ClientID: String] = [:]
    private var dispatched = 0

    /// What waits for the engine.
    enum Event {
        case plan(PlanEvent)
        case seen(RunObserver.Sight)
        case read(client: String, DecodedPublish, CauseID?)
    }

    package init(_ plan: Plan, options: Options, onProgress: @escaping (RunProgress) -> Void = { _ in }) {
        var engineOptions = PlanEngine.Options()
        engineOptions.runID = options.runID
        self.plan = plan
        self.onProgress = onProgress
        let clock: LocalBroker.Clock = plan.settings.clock == .virtual ? .virtual(startingAt: options.virtualStart) : .real
        self.broker = LocalBroker(clock: clock, seed: plan.settings.seed, logger: options.logger)
        let profile: ServiceProfile = plan.settings.profile == .aws ? .aws : .plain
        self.door = Door(name: "local", profile: profile)
        self.engine = PlanEngine(plan: plan, options: engineOptions)
        self.start = self.broker.now
        self.startedAt = self.broker.wallTime
        let observer = RunObserver { [weak self] sight in self?.happened(.seen(sight)) }
        self.observer = observer
        self.broker.core.observer = observer
        self.happened(.plan(.started(wall: self.startedAt)))
    }

    /// Runs the plan to its end, on the clock it names. A cancelled task cancels the run, which then ends in order.
    package static func run(
        _ plan: Plan, options: Options, onProgress: @escaping (RunProgress) -> Void = { _ in }
    ) async -> RunReport {
        let run = LocalRun(plan, options: options, onProgress: onProgress)
        var wasCancelled = false
        while true {
            run.work()
            if run.isFinished { return run.report() }
            if Task.isCancelled, !wasCancelled {
                wasCancelled = true
                run.cancel()
                continue
            }
            guard let next = run.nextInstant else { preconditionFailure("the run waits for nothing and has not ended") }
            if plan.settings.clock == .virtual {
                run.advance(to: next)
            } else {
                await wasCancelled ? RealClock.waitThroughCancellation(until: next) : RealClock.wait(until: next)
                run.timePassed()
            }
        }
    }

    /// Ends the run early: what waits is cancelled, what is in flight may still settle.
    package func cancel() {
        self.happened(.plan(.cancelled))
    }

    /// Does everything that can be done at this instant.
    package func work() {
        while true {
            if self.nextAction < self.actions.count {
                let action = self.actions[self.nextAction]
                self.nextAction += 1
                self.perform(action)
                self.broker.settle()
                continue
            }
            self.actions.removeAll(keepingCapacity: true)
            self.nextAction = 0
            guard self.nextEvent < self.events.count else {
                self.events.removeAll(keepingCapacity: true)
                self.nextEvent = 0
                return
            }
            // What came with the last message of the run is still for the report.
            let (event, instant) = self.events[self.nextEvent]
            self.nextEvent += 1
            self.engine.handle(self.planEvent(event), now: instant, actions: &self.actions)
        }
    }

    /// When something will happen by itself; the engine always waits for something until it has finished.
    package var nextInstant: Instant? {
        guard let engineWake else { return self.broker.nextDeadline }
        return min(engineWake, self.broker.nextDeadline ?? engineWake)
    }

    /// Lets virtual time come to `instant`; follow with ``work()``.
    package func advance(to instant: Instant) {
        self.broker.advance(to: max(instant, self.broker.now))
        self.timePassed()
    }

    /// Does what has become due, the broker's part first (scheduler §8: the plan comes last at one instant).
    private func timePassed() {
        self.broker.fireDue()
        let now = self.broker.now
        guard let wake = self.engineWake, wake <= now else { return }
        self.engineWake = nil
        self.happened(.plan(.timerFired))
    }

    /// The report so far; final once finished.
    package func report() -> RunReport {
        var report = self.engine.report()
        // Virtual dates mean nothing to the reader, and would differ if the start did.
        if self.plan.settings.clock == .real { report.startedAt = self.startedAt }
        return report
    }

    // MARK: Events

    func happened(_ event: Event) {
        self.events.append((event, self.broker.now))
    }

    /// Where the next event will stand; for ``happened(_:before:)``.
    var eventPlace: Int { self.events.count }

    /// Puts an event before those that came since `place` was read.
    func happened(_ event: Event, before place: Int) {
        self.events.insert((event, self.broker.now), at: place)
    }

    private func planEvent(_ event: Event) -> PlanEvent {
        switch event {
        case .plan(let event):
            return event
        case .seen(.published(let message)):
            let publisher = message.publisher.map { self.clientNames[$0] ?? $0.text } ?? Publisher.service.text
            self.causes.published(message.cause, by: publisher)
            return .observed(
                Pacing.ObservedMessage(
                    topic: message.topic, payload: message.payload, qos: message.qos.rawValue, retain: message.retain, publisher: publisher,
                    causedBy: self.causes.step(of: message.cause)))
        case .seen(.answered(let cause, let result)):
            guard let step = self.causes.step(of: cause) else { return .stepsAppended }
            switch result {
            case .success(let version): return .stepAnswered(step, .accepted(version: version))
            case .failure(let error): return .stepAnswered(step, .rejected(code: error.code, message: error.message(over: .mqtt)))
            }
        case .read(let client, let message, let cause):
            return .observed(
                Pacing.ObservedMessage(
                    topic: message.topicText, payload: message.payload, qos: message.qos.rawValue, retain: message.retain, client: client,
                    publisher: cause.flatMap { self.publisher(of: message, cause: $0) },
                    causedBy: cause.flatMap { self.causes.step(of: $0) }))
        }
    }

    /// An answer is the service's, whoever asked.
    private func publisher(of message: DecodedPublish, cause: CauseID) -> String? {
        if let shadow = ShadowTopic(message.topicText), !shadow.isRequest { return Publisher.service.text }
        return self.causes.publisher(of: cause)
    }

    // MARK: Progress

    func countDispatch() {
        self.dispatched += 1
        self.progress(.dispatched)
    }

    func progress(_ happening: RunProgress.Happening) {
        self.onProgress(
            RunProgress(
                happening: happening, elapsed: self.broker.now - self.start, dispatched: self.dispatched, steps: self.plan.steps.count))
    }

    func wake(at instant: Instant) {
        self.engineWake = instant
    }

    func finished() {
        self.isFinished = true
    }
}

@available(*, unavailable)
extension LocalRun: Sendable {}
