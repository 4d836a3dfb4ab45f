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
        /// Counted from the dispatch like the answer; `previous` is the version there was before.
        var documentsDelay: Duration?
        var previous: Int64?
        var deltaDelay: Duration?
        var deltaVersion: Int64 = 1
        /// Delay of the delivery to subscribers after the answer was emitted.
        var deliveryDelay = Duration.zero
        /// What the gate `delivered` sees.
        var deliveredDelay: Duration?
    }

    /// One event that the engine was told of, with what it asked for.
    struct Turn {
        var at: Instant
        var event: PlanEvent
        var actions: [PlanAction]
    }

    private enum Arrival {
        case event(PlanEvent)
        /// Comes over the connection of a client, and is lost with it.
        case packet(PlanEvent, client: String, connection: Int)
        case loss(client: String, reason: String)
    }

    var respond: (StepPublish) -> Response = { _ in Response() }
    var connectDelay: (String) -> Duration? = { _ in .zero }
    var refusal: (String) -> ConnectRefusal? = { _ in nil }
    /// What becomes of a try to connect again.
    var reopening: (String) -> PlanEvent? = { .clientConnected(client: $0) }
    var subscribeDelay: Duration? = .zero
    var grantedCodes: [UInt8]?
    var read: (ShadowID) -> ShadowReading? = { _ in ShadowReading(state: nil, version: nil) }
    var readDelay = Duration.zero
    /// Whether answers say which attempt they are for.
    var knowsAttempts = true
    /// Called with every action, after it was carried out.
    var onAction: (PlanAction, Instant) -> Void = { _, _ in }
    /// Takes the report in parts, after every event and at the end.
    var onPart: ((RunReport) -> Void)?

    private var engine: PlanEngine
    private(set) var now: Instant
    let startedAt: Instant
    private var arrivals = DeadlineQueue<Arrival>()
    private var wake: Instant?
    private var filters: [String: [String]] = [:]
    private var connections: [String: Int] = [:]
    private(set) var turns: [Turn] = []
    private(set) var actions: [(at: Instant, action: PlanAction)] = []
    private(set) var publishes: [(at: Instant, publish: StepPublish)] = []
    private(set) var notes: [String] = []
    private(set) var pauses: [String] = []
    private(set) var isFinished = false

    static let wall = WallTime(secondsSinceEpoch: 1_767_323_045)

    init(_ plan: Plan, options: PlanEngine.Options = .init(), startingAt now: Instant = Instant(nanoseconds: 7_000_000_123)) {
        self.engine = PlanEngine(plan: plan, options: options)
        self.now = now
        self.startedAt = now
    }

    convenience init(_ text: String, seed: UInt64? = nil) throws {
        try self.init(Plan.parse(text, seed: seed))
    }

    func schedule(_ event: PlanEvent, after delay: Duration) {
        self.arrive(.event(event), after: delay)
    }

    /// Tears a connection off, with everything that is under way on it.
    func lose(_ client: String, after delay: Duration, reason: String = "connection reset") {
        self.arrive(.loss(client: client, reason: reason), after: delay)
    }

    private func arrive(_ arrival: Arrival, after delay: Duration) {
        _ = self.arrivals.schedule(arrival, at: self.now + delay, kind: .connection)
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

    /// Runs until `time` after the start, or until nothing can happen any more.
    func run(until time: Duration) {
        while !self.isFinished, let next = self.next, next <= self.startedAt + time, self.turn() {}
        self.now = max(self.now, self.startedAt + time)
    }

    /// Time passes while nothing is looked at, as on a machine that sleeps.
    func sleep(_ duration: Duration) {
        self.now = self.now + duration
    }

    var report: RunReport { self.engine.report() }
    var isPaused: Bool { self.engine.isPaused }
    var lanes: [LaneView] { self.engine.laneViews() }

    private var next: Instant? {
        guard let wake else { return self.arrivals.next }
        return min(wake, self.arrivals.next ?? wake)
    }

    func turn() -> Bool {
        if let next = self.arrivals.next, next <= self.wake ?? .distantFuture {
            self.now = max(self.now, next)
            guard let arrival = self.arrivals.popDue(now: self.now) else { return false }
            switch arrival {
            case .event(let event): self.feed(event)
            case .packet(let event, let client, let connection): if self.connections[client, default: 0] == connection { self.feed(event) }
            case .loss(let client, let reason):
                self.connections[client, default: 0] += 1
                self.filters[client] = nil
                self.feed(.clientLost(client: client, reason: reason))
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
        self.turns.append(Turn(at: self.now, event: event, actions: actions))
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
            self.connections[spec.client, default: 0] += 1
            if let refusal = self.refusal(spec.client) {
                self.schedule(.clientRefused(client: spec.client, refusal), after: .zero)
            } else if let delay = self.connectDelay(spec.client) {
                self.schedule(.clientConnected(client: spec.client), after: delay)
            }
        case .reopen(let spec):
            if let event = self.reopening(spec.client) { self.schedule(event, after: .zero) }
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
        case .publish(let publish):
            self.publishes.append((self.now, publish))
            self.perform(publish, self.respond(publish))
        case .readShadow(let step, let shadow):
            if let reading = self.read(shadow) { self.schedule(.shadowRead(step, reading), after: self.readDelay) }
        case .advanceClock(let step, let duration):
            self.schedule(.stepSent(step, cause: nil), after: duration)
        case .wake(let at): self.wake = at
        case .note(let text): self.notes.append(text)
        case .ended: break
        case .paused(let place): self.pauses.append(place)
        case .finished: self.isFinished = true
        }
    }

    private func perform(_ publish: StepPublish, _ response: Response) {
        let attempt = self.knowsAttempts ? publish.attempt : nil
        var client: String?
        if case .client(let name) = publish.publisher { client = name }
        self.come(.stepSent(publish.step, cause: UInt64(publish.step.rawValue) + 100, attempt: attempt), to: client, response.sendDelay)
        if publish.qos > 0, let client, let delay = response.ackDelay {
            self.come(.stepAcked(publish.step, reason: response.ackReason, attempt: attempt), to: client, response.sendDelay + delay)
        }
        if publish.gates.contains(.delivered), let delay = response.deliveredDelay {
            self.schedule(.gateMet(publish.step, .delivered, attempt: attempt), after: delay)
        }
        guard let topic = ShadowTopic(publish.topic) else {
            self.deliver(publish.topic, publish.payload, publish, after: response.sendDelay, delivery: response.deliveryDelay)
            return
        }
        guard topic.isRequest else { return }
        self.answer(publish, response)
    }

    private func come(_ event: PlanEvent, to client: String?, _ delay: Duration) {
        guard let client else { return self.schedule(event, after: delay) }
        self.arrive(.packet(event, client: client, connection: self.connections[client, default: 0]), after: delay)
    }

    private func answer(_ publish: StepPublish, _ response: Response) {
        if let delay = response.answerDelay {
            let isAccepted = if case .accepted = response.answer { true } else { false }
            self.deliver(
                publish.topic + (isAccepted ? "/accepted" : "/rejected"), Self.document(response.answer), publish,
                after: response.sendDelay + delay, delivery: response.deliveryDelay)
        }
        if let delay = response.deltaDelay {
            let payload = Array("{\"version\":\(response.deltaVersion),\"state\":{}}".utf8)
            self.deliver(publish.topic + "/delta", payload, publish, after: response.sendDelay + delay, delivery: response.deliveryDelay)
        }
        if let delay = response.documentsDelay {
            let previous = response.previous.map { "{\"state\":{},\"version\":\($0)}" } ?? "null"
            let payload = Array("{\"previous\":\(previous),\"current\":{\"state\":{},\"version\":\((response.previous ?? 0) + 1)}}".utf8)
            self.deliver(
                publish.topic + "/documents", payload, publish, after: response.sendDelay + delay, delivery: response.deliveryDelay)
        }
    }

    private func deliver(_ topic: String, _ payload: [UInt8], _ publish: StepPublish, after delay: Duration, delivery: Duration) {
        var message = ObservedMessage(
            topic: topic, payload: payload, qos: publish.qos, retain: publish.retain, publisher: publish.publisher.text,
            causedBy: publish.step, attempt: self.knowsAttempts ? publish.attempt : nil)
        self.schedule(.observed(message), after: delay)
        for (client, filters) in self.filters.sorted(by: { $0.key < $1.key }) where filters.contains(where: { Self.matches($0, topic) }) {
            message.client = client
            self.schedule(.observed(message), after: delay + delivery)
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
