import JSON
import Pacing
import Shadows
import Timeline
import Topics

/// A shell on virtual time with a pretended broker: it answers what a plan does after set delays.
final class VirtualShell {
    /// What the pretended broker does with one publish; nil is nothing.
    struct Response {
        var sendDelay = Duration.zero
        var ackDelay: Duration? = .zero
        var ackReason: UInt8 = 0
        var answerDelay: Duration? = .zero
        var answer = StepAnswer.accepted(version: 1)
        /// Delay of the delivery to subscribers after the answer was emitted.
        var deliveryDelay = Duration.zero
    }

    private enum Arrival {
        case event(PlanEvent)
        case delivery(ObservedMessage)
    }

    var respond: (StepPublish) -> Response = { _ in Response() }
    var connectDelay: (String) -> Duration? = { _ in .zero }
    var refusal: (String) -> ConnectRefusal? = { _ in nil }
    var subscribeDelay: Duration? = .zero
    var grantedCodes: [UInt8]?
    /// Called with every action, after it was carried out.
    var onAction: (PlanAction, Instant) -> Void = { _, _ in }
    /// Takes the report in parts, after every event and at the end.
    var onPart: ((RunReport) -> Void)?

    private var engine: PlanEngine
    private(set) var now: Instant
    private var arrivals = DeadlineQueue<Arrival>()
    private var wake: Instant?
    private var filters: [String: [String]] = [:]
    private(set) var actions: [(at: Instant, action: PlanAction)] = []
    private(set) var publishes: [(at: Instant, publish: StepPublish)] = []
    private(set) var notes: [String] = []
    private(set) var isFinished = false

    static let wall = WallTime(secondsSinceEpoch: 1_767_323_045)

    init(_ plan: Plan, options: PlanEngine.Options = .init(), startingAt now: Instant = Instant(nanoseconds: 7_000_000_123)) {
        self.engine = PlanEngine(plan: plan, options: options)
        self.now = now
    }

    convenience init(_ text: String, seed: UInt64? = nil) throws {
        try self.init(Plan.parse(text, seed: seed))
    }

    func schedule(_ event: PlanEvent, after delay: Duration) {
        _ = self.arrivals.schedule(.event(event), at: self.now + delay, kind: .connection)
    }

    func start() {
        self.feed(.started(wall: Self.wall))
    }

    /// Runs to the end, or until nothing can happen any more.
    @discardableResult
    func run() -> RunReport {
        self.start()
        while !self.isFinished, self.turn() {}
        guard let onPart, let last = self.engine.takeReport() else { return self.engine.report() }
        onPart(last)
        return last
    }

    var report: RunReport { self.engine.report() }

    func turn() -> Bool {
        let next = self.arrivals.next
        if let next, next <= self.wake ?? .distantFuture {
            self.now = max(self.now, next)
            guard let arrival = self.arrivals.popDue(now: self.now) else { return false }
            switch arrival {
            case .event(let event): self.feed(event)
            case .delivery(let message): self.feed(.observed(message))
            }
            return true
        }
        guard let wake else { return false }
        self.wake = nil
        self.now = max(self.now, wake)
        self.feed(.timerFired)
        return true
    }

    func feed(_ event: PlanEvent) {
        var actions: [PlanAction] = []
        self.engine.handle(event, now: self.now, actions: &actions)
        for action in actions {
            self.perform(action)
            self.actions.append((self.now, action))
            self.onAction(action, self.now)
        }
        if let onPart, !self.isFinished, let part = self.engine.takeReport() { onPart(part) }
    }

    private func perform(_ action: PlanAction) {
        switch action {
        case .open(_, let spec):
            if let refusal = self.refusal(spec.client) {
                self.schedule(.clientRefused(client: spec.client, refusal), after: .zero)
            } else if let delay = self.connectDelay(spec.client) {
                self.schedule(.clientConnected(client: spec.client), after: delay)
            }
        case .close(let step, let client, _):
            self.filters[client] = nil
            if let step { self.schedule(.stepSent(step, cause: nil), after: .zero) }
        case .drop(let step, let client, _):
            self.filters[client] = nil
            self.schedule(.stepSent(step, cause: nil), after: .zero)
        case .subscribe(let step, let client, let filters, let qos):
            self.filters[client, default: []] += filters.map(\.string)
            guard let subscribeDelay else { return }
            self.schedule(.subscribed(step, results: self.grantedCodes ?? filters.map { _ in qos }), after: subscribeDelay)
        case .unsubscribe(let step, let client, let filters):
            self.filters[client]?.removeAll { filters.map(\.string).contains($0) }
            self.schedule(.unsubscribed(step, results: filters.map { _ in 0 }), after: .zero)
        case .publish(let publish): self.perform(publish)
        case .readShadow(let step, _): self.schedule(.shadowRead(step, ShadowReading(state: nil, version: nil)), after: .zero)
        case .advanceClock(let step, _): self.schedule(.stepSent(step, cause: nil), after: .zero)
        case .reopen, .paused: break
        case .wake(let at): self.wake = at
        case .note(let text): self.notes.append(text)
        case .finished: self.isFinished = true
        }
    }

    private func perform(_ publish: StepPublish) {
        self.publishes.append((self.now, publish))
        let response = self.respond(publish)
        self.schedule(.stepSent(publish.step, cause: UInt64(publish.step.rawValue) + 100), after: response.sendDelay)
        if publish.qos > 0, publish.publisher != .service, let delay = response.ackDelay {
            self.schedule(.stepAcked(publish.step, reason: response.ackReason), after: response.sendDelay + delay)
        }
        guard let topic = ShadowTopic(publish.topic) else {
            self.deliver(publish.topic, publish.payload, publish, after: response.sendDelay, delivery: response.deliveryDelay)
            return
        }
        guard topic.isRequest, let delay = response.answerDelay else { return }
        let isAccepted = if case .accepted = response.answer { true } else { false }
        self.deliver(
            publish.topic + (isAccepted ? "/accepted" : "/rejected"), Self.document(response.answer), publish,
            after: response.sendDelay + delay, delivery: response.deliveryDelay)
    }

    private func deliver(_ topic: String, _ payload: [UInt8], _ publish: StepPublish, after delay: Duration, delivery: Duration) {
        var message = ObservedMessage(
            topic: topic, payload: payload, qos: publish.qos, retain: publish.retain, publisher: publish.publisher.text,
            causedBy: publish.step)
        _ = self.arrivals.schedule(.delivery(message), at: self.now + delay, kind: .connection)
        for (client, filters) in self.filters.sorted(by: { $0.key < $1.key }) where filters.contains(where: { Self.matches($0, topic) }) {
            message.client = client
            _ = self.arrivals.schedule(.delivery(message), at: self.now + delay + delivery, kind: .connection)
        }
    }

    private static func matches(_ filter: String, _ topic: String) -> Bool {
        filter == topic || (filter.hasSuffix("/+") && topic.hasPrefix(filter.dropLast(1)))
    }

    private static func document(_ answer: StepAnswer) -> [UInt8] {
        switch answer {
        case .accepted(let version): JSONValue.object(["version": version.map { .number(JSONNumber($0)) } ?? .null]).utf8
        case .rejected(let code, let message):
            JSONValue.object(["code": .number(JSONNumber(Int64(code))), "message": .string(message)]).utf8
        }
    }
}

extension Plan {
    static func parse(_ text: String, seed: UInt64? = nil, file: String = "test.scenario") throws -> Plan {
        var options = ScenarioOptions()
        options.seed = seed
        return try Plan.read(Array(text.utf8), file: file, options: options)
    }
}

extension RunReport {
    /// The record of a step by its id.
    func step(_ id: String) -> StepRecord? { self.steps.first { $0.id == id } }
}
