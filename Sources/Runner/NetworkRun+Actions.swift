import MQTTClient
import MQTTWire
import NIOCore
import Pacing
import Shadows
import Topics

/// What the engine asks for, done over the network. What takes time is an errand; its outcome comes back as an event.
extension NetworkRun {
    func perform(_ action: PlanAction, _ errands: inout DiscardingTaskGroup) {
        switch action {
        case .open(let step, let spec):
            self.countDispatch()
            self.open(spec, step: step, &errands)
        case .reopen(let spec):
            self.open(spec, step: nil, &errands)
        case .close(let step, let name, let reason):
            if step != nil { self.countDispatch() }
            let reason = reason.map { Reason(rawValue: $0) } ?? .normalDisconnection
            self.leave(name, step: step, &errands) { await $0.disconnect(reason) }
        case .drop(let step, let name, .silent):
            self.countDispatch()
            self.connections.silence(name)?.fallSilent()
            self.report(.stepSent(step, cause: nil))
        case .drop(let step, let name, .close), .drop(let step, let name, .reset):
            self.countDispatch()
            self.leave(name, step: step, &errands) { await $0.drop() }
        case .subscribe(let step, let name, let filters, let qos):
            self.countDispatch()
            let subscriptions = filters.map { Subscription(filter: $0.string, qos: QoS(rawValue: qos) ?? .atMostOnce) }
            self.ask(name, step: step, &errands) { client throws(MQTTClientError) in
                let answer = try await client.subscribe(subscriptions)
                return NetworkEvent(.plan(.subscribed(step, results: answer.reasons.map(\.rawValue))), at: answer.acknowledgedAt)
            }
        case .unsubscribe(let step, let name, let filters):
            self.countDispatch()
            self.ask(name, step: step, &errands) { client throws(MQTTClientError) in
                let answer = try await client.unsubscribe(filters.map(\.string))
                return NetworkEvent(.plan(.unsubscribed(step, results: answer.reasons.map(\.rawValue))), at: answer.acknowledgedAt)
            }
        case .publish(let publish):
            self.countDispatch()
            self.publish(publish, &errands)
        case .readShadow(let step, let id):
            self.readShadow(id, step: step, &errands)
        case .advanceClock(let step, _):
            self.countDispatch()
            self.report(.stepFailed(step, reason: "time at a remote target is its own; run it inside the process on a virtual clock"))
        case .ended:
            break
        case .wake(let instant):
            self.wake(at: instant)
        case .note(let text):
            self.progress(.note(text))
        case .paused(let place):
            self.progress(.note("paused before \(place)"))
        case .finished:
            self.finished()
        }
    }

    private func report(_ event: PlanEvent) {
        self.events.yield(NetworkEvent(.plan(event)))
    }

    // MARK: Clients

    /// - Parameter step: `nil` for a client that comes back.
    private func open(_ spec: ConnectSpec, step: StepNumber?, _ errands: inout DiscardingTaskGroup) {
        var configuration: MQTTClientConfiguration
        do throws(LateWill) {
            configuration = try self.target.configuration(of: spec, seed: self.seed)
        } catch {
            if let step { self.report(.stepFailed(step, reason: error.text)) }
            return
        }
        let name = spec.client
        if let last = self.connections.take(name) { errands.addTask { await last.drop() } }
        let generation = self.connections.opening(name)
        let events = self.events
        let loop = self.loop
        configuration.onMessage = { events.yield(NetworkEvent(.plan(.observed(ObservedMessage($0, client: name))), at: $0.receivedAt)) }
        configuration.onEnd = { events.yield(NetworkEvent(.ended(client: name, generation: generation, $0))) }
        let settings = configuration
        errands.addTask {
            do throws(MQTTClientError) {
                let client = try await MQTTClient.connect(settings, on: loop)
                events.yield(NetworkEvent(.opened(client: name, generation: generation, client), at: client.grant.acknowledgedAt))
            } catch {
                events.yield(NetworkEvent(.plan(.clientRefused(client: name, ConnectRefusal(error)))))
            }
        }
    }

    private func leave(
        _ name: String, step: StepNumber?, _ errands: inout DiscardingTaskGroup, _ body: @escaping @Sendable (MQTTClient) async -> Void
    ) {
        let client = self.connections.take(name)
        let events = self.events
        errands.addTask {
            if let client { await body(client) }
            if let step { events.yield(NetworkEvent(.plan(.stepSent(step, cause: nil)))) }
        }
    }

    private func ask(
        _ name: String, step: StepNumber, _ errands: inout DiscardingTaskGroup,
        _ body: @escaping @Sendable (MQTTClient) async throws(MQTTClientError) -> NetworkEvent
    ) {
        guard let client = self.connections[name] else {
            self.report(.stepFailed(step, reason: "\(name) is not connected"))
            return
        }
        let events = self.events
        errands.addTask {
            do throws(MQTTClientError) {
                events.yield(try await body(client))
            } catch {
                events.yield(NetworkEvent(.plan(.stepFailed(step, reason: error.text))))
            }
        }
    }

    /// Asks for the shadow; the answer comes as a message of the tap.
    private func readShadow(_ id: ShadowID, step: StepNumber, _ errands: inout DiscardingTaskGroup) {
        let token = self.reads.begin(step)
        let events = self.events
        let tap = self.tap
        errands.addTask {
            do throws(MQTTClientError) {
                try await tap.ask(for: id, token: token)
            } catch {
                events.yield(NetworkEvent(.plan(.stepFailed(step, reason: error.text))))
            }
        }
    }

    // MARK: Publishing

    private func publish(_ publish: StepPublish, _ errands: inout DiscardingTaskGroup) {
        guard case .client(let name) = publish.publisher, let client = self.connections[name] else {
            let reason = "\(publish.publisher.text) is not connected"
            self.report(.stepFailed(publish.step, reason: reason, attempt: publish.attempt))
            return
        }
        let events = self.events
        let (step, attempt) = (publish.step, publish.attempt)
        let loop = self.loop
        let pending = client.publishing(
            ClientPublish(
                topic: publish.topic, payload: publish.payload, qos: publish.packetQoS, retain: publish.retain,
                properties: publish.properties.map { PublishProperties($0) } ?? .init()))
        if publish.packetQoS != .atMostOnce {
            self.awaitAcknowledgement(of: step)
            // The packet is written by what was just handed to the loop, and flushed right after: what is noted behind both is never
            // earlier than the packet, so that the gap to the next one holds on the wire too.
            loop.execute { loop.execute { events.yield(NetworkEvent(.plan(.stepSent(step, cause: nil, attempt: attempt)))) } }
        }
        errands.addTask {
            do throws(MQTTClientError) {
                let answer = try await pending.acknowledgement()
                if publish.packetQoS == .atMostOnce {
                    events.yield(NetworkEvent(.plan(.stepSent(step, cause: nil, attempt: attempt)), at: answer.sentAt))
                } else {
                    let acked = PlanEvent.stepAcked(step, reason: answer.reason.rawValue, attempt: attempt)
                    events.yield(NetworkEvent(.plan(acked), at: answer.acknowledgedAt))
                }
            } catch {
                // The end of the connection is an event of its own, and what the service has taken in may still be answered.
                if error.isEndOfConnection { return }
                events.yield(NetworkEvent(.plan(.stepFailed(step, reason: error.text, attempt: attempt))))
            }
        }
    }
}

extension MQTTClientError {
    fileprivate var isEndOfConnection: Bool {
        switch self {
        case .connectionLost, .closedByServer, .protocolViolation, .webSocketViolation, .closedByUs, .notConnected: true
        case .invalidURL, .invalidConfiguration, .connectFailed, .tlsFailed, .upgradeRefused, .connectionRefused, .timedOut,
            .notSupportedByServer, .invalidTopic, .packetTooLarge, .tooManyWaiting:
            false
        }
    }
}

extension ConnectRefusal {
    /// A refusal by CONNACK has its code; all others, an HTTP 403 with its explanation among them, are words.
    init(_ error: MQTTClientError) {
        if case .connectionRefused(let code, _, _) = error {
            self.init(code: code, text: error.text)
        } else {
            self.init(text: error.text)
        }
    }
}
