import Broker
import MQTTWire
import Pacing
import Sessions
import Shadows
import Timeline
import Topics

/// What the engine asks for, done on the core.
extension CoreRun {
    func perform(_ action: PlanAction) {
        switch action {
        case .open(let step, let spec):
            self.dispatched(step)
            self.open(spec, step: step)
        case .reopen(let spec):
            self.open(spec, step: nil)
        case .close(let step, let name, let reason):
            if let step { self.dispatched(step) }
            self.close(name, reason: reason)
            if let step { self.happened(.plan(.stepSent(step, cause: nil))) }
        case .drop(let step, let name, let how):
            self.dispatched(step)
            self.drop(name, how: how)
            self.happened(.plan(.stepSent(step, cause: nil)))
        case .subscribe(let step, let name, let filters, let qos):
            self.dispatched(step)
            let subscriptions = filters.map { Subscription(filter: $0.string, qos: QoS(rawValue: qos) ?? .atMostOnce) }
            self.ask(name, step: step) { $0.subscribe(subscriptions) }
        case .unsubscribe(let step, let name, let filters):
            self.dispatched(step)
            self.ask(name, step: step) { $0.unsubscribe(filters.map(\.string)) }
        case .publish(let publish):
            self.dispatched(publish.step)
            self.publish(publish)
        case .readShadow(let step, let id):
            self.readShadow(id, step: step)
        case .advanceClock(let step, let duration):
            self.dispatched(step)
            self.advanceClock(by: duration, step: step)
        case .ended(let record):
            self.tell(.ended(record))
        case .wake(let instant):
            self.wake(at: instant)
        case .note(let text):
            self.note(text)
        case .paused(let place):
            self.tell(.paused(at: place))
        case .finished:
            self.finished()
        }
    }

    // MARK: Clients

    /// - Parameter step: `nil` for a client that comes back.
    private func open(_ spec: ConnectSpec, step: StepNumber?) {
        let connect: Connect
        do {
            connect = try spec.packet(seed: self.plan.settings.seed)
        } catch {
            if let step { self.happened(.plan(.stepFailed(step, reason: error.text))) }
            return
        }
        self.clientNames[ClientID(spec.id)] = spec.client
        let client = self.clients[spec.client] ?? self.makeClient(spec.client)
        client.connectionEnded()
        client.client.repeatsByItself = !spec.reconnects
        client.client.open(connect)
    }

    private func makeClient(_ name: String) -> RunClient {
        let client = RunClient(self.hosts.make(name, door: self.door) { [weak self] event in self?.took(event, from: name) })
        self.clients[name] = client
        return client
    }

    private func took(_ event: LocalClient.Event, from name: String) {
        guard let client = self.clients[name] else { return }
        switch event {
        case .connected:
            if let id = client.client.clientID { self.clientNames[id] = name }
            self.happened(.plan(.clientConnected(client: name)))
        case .message(let message, let cause):
            self.happened(.read(client: name, message, cause))
        case .acknowledged(let id, let reason):
            guard let sent = client.acknowledged(id) else { return }
            self.happened(.plan(.stepAcked(sent.step, reason: reason.rawValue, attempt: sent.attempt)))
        case .subscribed(let id, let reasons):
            if let step = client.answered(id) { self.happened(.plan(.subscribed(step, results: reasons.map(\.rawValue)))) }
        case .unsubscribed(let id, let reasons):
            if let step = client.answered(id) { self.happened(.plan(.unsubscribed(step, results: reasons.map(\.rawValue)))) }
        case .closed(let closing):
            self.closed(name, closing)
        }
    }

    private func closed(_ name: String, _ closing: LocalClient.Closing) {
        if let connack = closing.connack {
            let code = connack.reason.isError ? connack.reason.rawValue : connack.returnCode.rawValue
            self.happened(.plan(.clientRefused(client: name, ConnectRefusal(code: code, text: closing.text))))
        } else if closing.text == ConnectionEnd.takenOver.text {
            self.happened(.plan(.clientTakenOver(client: name)))
        } else {
            let told = closing.disconnect.map { " (DISCONNECT: \($0.reason.name))" } ?? ""
            self.happened(.plan(.clientLost(client: name, reason: closing.text + told)))
        }
    }

    private func close(_ name: String, reason: UInt8?) {
        guard let client = self.clients[name] else { return }
        client.connectionEnded()
        client.client.disconnect(reason.map { Reason(rawValue: $0) } ?? .normalDisconnection)
    }

    private func drop(_ name: String, how: DropKind) {
        guard let client = self.clients[name] else { return }
        client.connectionEnded()
        switch how {
        case .close, .reset:
            client.client.tearOff()
        case .silent:
            client.client.fallSilent()
        }
    }

    private func ask(_ name: String, step: StepNumber, _ body: (LocalClient) -> PacketID?) {
        guard let client = self.clients[name], client.client.isConnected else {
            self.happened(.plan(.stepFailed(step, reason: "\(name) is not connected")))
            return
        }
        guard let id = body(client.client) else {
            self.happened(.plan(.stepFailed(step, reason: "every packet id of \(name) is in use")))
            return
        }
        client.asked(step, id)
    }

    // MARK: Shadows and time

    /// What the journal does not have yet is not shown.
    private func readShadow(_ id: ShadowID, step: StepNumber) {
        self.core.whenSafe { [weak self] in
            guard let self else { return }
            let record = self.core.record(of: id)
            self.happened(.plan(.shadowRead(step, ShadowReading(state: record?.wholeState, version: record?.version))))
        }
    }

    private func advanceClock(by duration: Duration, step: StepNumber) {
        let answer: (String?) -> Void = { [weak self] fault in
            self?.happened(.plan(fault.map { .stepFailed(step, reason: $0) } ?? .stepSent(step, cause: nil)))
        }
        if let moveClock { return moveClock(duration, answer) }
        guard self.plan.settings.clock == .virtual else {
            return answer("the clock of this run moves by itself; run it on a virtual clock")
        }
        // Whoever moves the clock of this core comes by there, and does what is due on the way first.
        self.core.schedule(at: self.core.instant + duration, kind: .recorder) { answer(nil) }
    }

    // MARK: Publishing

    private func publish(_ publish: StepPublish) {
        switch publish.publisher {
        case .service: self.inject(publish)
        case .client(let name): self.send(publish, by: name)
        }
    }

    private func inject(_ publish: StepPublish) {
        do throws(TopicError) {
            let topic = try TopicName(publish.topic)
            let place = self.eventPlace
            let cause = self.following(publish) {
                self.core.inject(topic: topic, payload: publish.payload, qos: publish.packetQoS, retain: publish.retain)
            }
            self.sent(publish, cause: cause, before: place)
        } catch {
            self.failed(publish, "\"\(publish.topic)\" is not a topic: \(error.text)")
        }
    }

    private func send(_ publish: StepPublish, by name: String) {
        guard let client = self.clients[name], client.client.isConnected else {
            self.failed(publish, "\(name) is not connected")
            return
        }
        let place = self.eventPlace
        let before = self.core.latestCause
        let packet = OutgoingPublish(
            topic: Array(publish.topic.utf8), payload: publish.payload, qos: publish.packetQoS, retain: publish.retain,
            properties: publish.properties.map { PublishProperties($0) } ?? .init())
        let former = publish.isDuplicate ? client.packetID(of: publish.step) : nil
        let id = self.following(publish) {
            former.map { client.client.publishAgain(packet, $0) } ?? client.client.publish(packet)
        }
        if let id {
            client.published(.init(step: publish.step, attempt: publish.attempt), id)
        } else if packet.qos != .atMostOnce {
            self.failed(publish, "every packet id of \(name) is in use")
            return
        }
        // A publish that ended its connection was not taken in: a cause given meanwhile is that of the will.
        let after = self.core.latestCause
        self.sent(publish, cause: client.client.isConnected && after != before ? after : nil, before: place)
    }

    /// Sends a publish, and reports what becomes of it at each session where the step waits for that.
    private func following<Value>(_ publish: StepPublish, _ body: () -> Value) -> Value {
        guard publish.gates.contains(.delivered) else { return body() }
        let (step, attempt) = (publish.step, publish.attempt)
        let watch = DeliveryWatch { [weak self] outcome in
            switch outcome {
            case .delivered:
                self?.happened(.plan(.gateMet(step, .delivered, attempt: attempt)))
            case .missed(let client, let why):
                self?.happened(
                    .plan(.gateMissed(step, .delivered, reason: "\(self?.clientNames[client] ?? client.text): \(why)", attempt: attempt)))
            case .waiting(let what):
                self?.happened(.plan(.gateAwaits(step, .delivered, what: what)))
            }
        }
        return self.core.following(watch, body)
    }

    /// The engine hears of the dispatch before it hears of anything that came of it.
    private func sent(_ publish: StepPublish, cause: CauseID?, before place: Int) {
        if let cause {
            self.causes.dispatched(cause, by: publish.publisher.text, .init(step: publish.step, attempt: publish.attempt))
        }
        self.happened(.plan(.stepSent(publish.step, cause: cause?.rawValue, attempt: publish.attempt)), before: place)
    }

    private func failed(_ publish: StepPublish, _ reason: String) {
        self.happened(.plan(.stepFailed(publish.step, reason: reason, attempt: publish.attempt)))
    }
}
