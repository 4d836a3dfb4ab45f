package import Broker
import MQTTWire
package import Pacing
import Sessions
import Shadows
import Timeline

/// One run of a plan on a core in the same process: its engine, its clients, and what it sees of the core.
///
/// It has no time of its own and does nothing by itself. Its wake-ups are deadlines of the core, so whoever drives the core's clock drives
/// the run: after ``LocalClients/settle()`` comes ``timePassed()``, then ``work()`` as long as there is any, settling in between.
/// Several runs share a core without knowing of each other.
package final class CoreRun {
    /// Names the run in the report, in `${run}`, and to those who ask for it.
    package let id: String
    let plan: Plan
    let hosts: LocalClients
    let door: Door
    private var engine: PlanEngine
    private let start: Instant
    private let startedAt: WallTime
    private let onEvent: (RunEvent) -> Void
    private let onNews: () -> Void
    private var observer: RunObserver?

    private var actions: [PlanAction] = []
    private var nextAction = 0
    private var events = EventQueue()
    private var wake: DeadlineToken?
    private var wakeIsDue = false
    package private(set) var isFinished = false
    /// Ended as it stood, before its engine had finished.
    private var abortedAs: RunReport.State?
    /// Takes the parts of the report while the run goes on, all but the last; without it the run keeps every record itself.
    package var onPart: ((RunReport) -> Void)?
    /// Moves the clock that drives the core, where it can be moved, and then calls its second argument: with why not if it could not.
    package var moveClock: ((Duration, _ answer: @escaping (_ fault: String?) -> Void) -> Void)?

    var causes = CauseTable()
    var clients: [String: RunClient] = [:]
    /// The scenario's names of client ids.
    var clientNames: [ClientID: String] = [:]

    var core: BrokerCore { self.hosts.core }

    /// Begins at once.
    ///
    /// - Parameters:
    ///   - hosts: where the plan's clients come to live.
    ///   - seek: the mark it begins at.
    ///   - breakpoints: ids of steps and texts of marks before which it pauses.
    ///   - stepsAtOnce: how many steps the engine takes in at a time, where others wait meanwhile.
    ///   - tellsEndings: whether `onEvent` is told of each step that ends.
    ///   - onNews: called when there is something to do, from within the core too.
    ///   - onEvent: called outside the core's tick.
    package init(
        _ plan: Plan, id: String, on hosts: LocalClients, seek: String? = nil, breakpoints: Set<String> = [], stepsAtOnce: Int = .max,
        tellsEndings: Bool = false, onNews: @escaping () -> Void = {}, onEvent: @escaping (RunEvent) -> Void
    ) {
        var options = PlanEngine.Options()
        options.runID = id
        options.seek = seek
        options.breakpoints = breakpoints
        options.stepsAtOnce = stepsAtOnce
        options.tellsEndings = tellsEndings
        self.id = id
        self.plan = plan
        self.hosts = hosts
        self.door = Door(name: "local", profile: plan.settings.profile == .aws ? .aws : .plain)
        self.engine = PlanEngine(plan: plan, options: options)
        self.start = hosts.core.instant
        self.startedAt = hosts.core.wallTime
        self.onNews = onNews
        self.onEvent = onEvent
        let observer = RunObserver { [weak self] sight in self?.happened(.seen(sight)) }
        self.observer = observer
        hosts.core.add(observer)
        self.tell(.started)
        self.happened(.plan(.started(wall: self.startedAt)))
    }

    /// Ends the run early: what waits is cancelled, what is in flight may still settle.
    package func cancel() { self.happened(.plan(.cancelled)) }

    /// Obeys at once, whatever else waits for the engine: a command of whoever watches the run. Not to be called from `onEvent`.
    func obey(_ command: PlanEvent) {
        while self.nextAction < self.actions.count { _ = self.work() }
        let wasPaused = self.isPaused
        self.handle(command, at: self.core.instant)
        if self.isPaused != wasPaused { self.tell(wasPaused ? .resumed : .paused(at: nil)) }
    }

    package var isPaused: Bool { self.engine.isPaused }
    package var lanes: [LaneView] { self.engine.laneViews() }

    /// Ends the run at once, as it stands.
    func abort(_ why: String, as state: RunReport.State) {
        guard !self.isFinished else { return }
        self.note(why)
        self.handle(.cancelled, at: self.core.instant)
        for action in self.actions[self.nextAction...] {
            if case .ended(let record) = action { self.tell(.ended(record)) }
        }
        self.actions = []
        self.nextAction = 0
        self.events = EventQueue()
        self.abortedAs = state
        self.isFinished = true
    }

    /// Takes the run off the core: nothing of it is left there but what its clients' sessions keep.
    package func leave() {
        if let observer { self.core.remove(observer) }
        self.observer = nil
        if let wake { self.core.cancel(wake) }
        self.wake = nil
        for name in self.clients.keys.sorted() { self.clients[name]?.client.leave() }
        self.clients = [:]
    }

    /// Does one thing of what there is to do at this instant.
    ///
    /// - Returns: whether there was one. What it set off on the core is not settled.
    package func work() -> Bool {
        if self.nextAction < self.actions.count {
            let action = self.actions[self.nextAction]
            self.nextAction += 1
            self.perform(action)
            return true
        }
        self.actions.removeAll(keepingCapacity: true)
        self.nextAction = 0
        // What came with the last message of the run is still for the report.
        guard let (event, instant) = self.events.popFirst() else { return false }
        if let event = self.planEvent(event) { self.handle(event, at: instant) }
        return true
    }

    private func handle(_ event: PlanEvent, at instant: Instant) {
        self.engine.handle(event, now: instant, actions: &self.actions)
        guard let onPart, !self.engine.isFinished, let part = self.engine.takeReport() else { return }
        onPart(self.completed(part))
    }

    /// Tells the engine that its time has come, if it has: what the core did at the same instant comes first (scheduler §8).
    ///
    /// - Returns: whether it has.
    @discardableResult
    package func timePassed() -> Bool {
        guard self.wakeIsDue else { return false }
        self.wakeIsDue = false
        self.happened(.plan(.timerFired))
        return true
    }

    /// The report so far; final once finished. Its steps are those that ``onPart`` has not taken.
    package func report() -> RunReport { self.completed(self.engine.report()) }

    private func completed(_ report: RunReport) -> RunReport {
        var report = report
        report.startedAt = self.startedAt
        if let abortedAs { report.state = abortedAs }
        return report
    }

    /// Since its start.
    var elapsed: Duration { self.core.instant - self.start }

    /// What waits for its engine.
    var backlog: Int { self.events.count }

    // MARK: Events

    /// What waits for the engine.
    enum Event {
        case plan(PlanEvent)
        case seen(RunObserver.Sight)
        case read(client: String, DecodedPublish, CauseID?)
    }

    func happened(_ event: Event) {
        self.events.append(event, at: self.core.instant)
        self.onNews()
    }

    /// Where the next event will stand; for ``happened(_:before:)``.
    var eventPlace: Int { self.events.end }

    /// Puts an event before those that came since `place` was read.
    func happened(_ event: Event, before place: Int) {
        self.events.insert(event, at: self.core.instant, place: place)
        self.onNews()
    }

    /// `nil` for what is none of this run's business.
    private func planEvent(_ event: Event) -> PlanEvent? {
        switch event {
        case .plan(let event):
            return event
        case .seen(.published(let message)):
            let publisher = message.publisher.map { self.clientNames[$0] ?? $0.text } ?? Publisher.service.text
            self.causes.published(message.cause, by: publisher)
            let dispatch = self.causes.dispatch(of: message.cause)
            return .observed(
                Pacing.ObservedMessage(
                    topic: message.topic, payload: message.payload, qos: message.qos.rawValue, retain: message.retain, publisher: publisher,
                    causedBy: dispatch?.step, attempt: dispatch?.attempt, properties: MessageProperties(message.properties)))
        case .seen(.answered(let cause, let result)):
            guard let dispatch = self.causes.dispatch(of: cause) else { return nil }
            let answer: StepAnswer =
                switch result {
                case .success(let version): .accepted(version: version)
                case .failure(let error): .rejected(code: error.code, message: error.message(over: .mqtt))
                }
            return .stepAnswered(dispatch.step, answer, attempt: dispatch.attempt)
        case .read(let client, let message, let cause):
            let dispatch = cause.flatMap { self.causes.dispatch(of: $0) }
            return .observed(
                Pacing.ObservedMessage(
                    topic: message.topicText, payload: message.payload, qos: message.qos.rawValue, retain: message.retain, client: client,
                    publisher: cause.flatMap { self.publisher(of: message, cause: $0) }, causedBy: dispatch?.step,
                    attempt: dispatch?.attempt, properties: MessageProperties(message.properties)))
        }
    }

    /// An answer is the service's, whoever asked.
    private func publisher(of message: DecodedPublish, cause: CauseID) -> String? {
        if let shadow = ShadowTopic(message.topicText), !shadow.isRequest { return Publisher.service.text }
        return self.causes.publisher(of: cause)
    }

    // MARK: For actions

    func tell(_ what: RunEvent.What) {
        self.onEvent(RunEvent(what: what, at: self.elapsed))
    }

    func note(_ text: String) { self.tell(.note(text)) }

    func dispatched(_ number: StepNumber) {
        let step = self.engine.step(number)
        self.tell(.dispatched(.init(id: step?.id ?? "", line: step?.line ?? 0, verb: step?.verb ?? "")))
    }

    func wake(at instant: Instant) {
        if let wake { self.core.cancel(wake) }
        self.wake = nil
        guard instant > self.core.instant else {
            // Not by way of the core, whose clock may stand still.
            self.wakeIsDue = true
            return self.onNews()
        }
        self.wake = self.core.schedule(at: instant, kind: .plan) { [weak self] in
            self?.wake = nil
            self?.wakeIsDue = true
            self?.onNews()
        }
    }

    func finished() {
        self.isFinished = true
    }
}

@available(*, unavailable)
extension CoreRun: Sendable {}
