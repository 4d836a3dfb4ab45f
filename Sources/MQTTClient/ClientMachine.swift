import DequeModule
import MQTTWire
import Timeline

/// The client's side of MQTT 3.1, 3.1.1 and 5.0: packets and requests in, what to do out. It knows no socket and no clock.
///
/// One machine is one connection. What the caller asked for is known by its ``CallID`` until it is completed or failed, which
/// happens exactly once.
struct ClientMachine: ~Copyable {
    /// One request of the caller.
    struct CallID: Hashable, Sendable {
        let number: UInt64
    }

    enum Action: Equatable {
        case send(AnyPacket)
        /// CONNACK came and is good.
        case connected(ConnectionGrant)
        case deliver(ReceivedMessage)
        case published(CallID, PublishAcknowledgement)
        case answered(CallID, SubscriptionAcknowledgement)
        case fail(CallID, MQTTClientError)
        /// Flush, close, and tell everybody. Nothing follows it.
        case end(ConnectionEnd)
    }

    /// What waits for an acknowledgement under a packet id. `call` is nil once the caller was told that it took too long:
    /// the id stays taken, since the server may still use it.
    private enum Flight {
        case publish(call: CallID?, sentAt: Instant, qos: QoS)
        /// QoS 2 after PUBREC.
        case released(call: CallID?, sentAt: Instant)
        case subscribe(call: CallID?)
        case unsubscribe(call: CallID?)
    }

    private enum State {
        case idle
        case connecting
        case connected(ServerLimits)
        case ended
    }

    private struct Waiting {
        let publish: OutgoingPublish
        let call: CallID
    }

    private let settings: ClientMachineSettings
    private var state = State.idle
    private var flights: [UInt16: Flight] = [:]
    private var publishesInFlight = 0
    private var waiting: Deque<Waiting> = []
    private var deadlines: Deque<(at: Instant, call: CallID)> = []
    private var openCalls: Set<CallID> = []
    private var lastPacketID: UInt16 = 0
    /// QoS 2 messages delivered and not yet released by the server.
    private var receivedIDs: Set<PacketID> = []
    private var aliases: [UInt16: [UInt8]] = [:]
    private var connectDeadline = Instant.distantFuture
    private var lastSentAt = Instant.zero
    private var keepAlive: Duration?
    private var pingSentAt: Instant?

    init(_ settings: ClientMachineSettings) {
        self.settings = settings
    }

    /// When ``timerFired(now:)`` is wanted next.
    var nextDeadline: Instant {
        switch self.state {
        case .idle, .ended: return .distantFuture
        case .connecting: return self.connectDeadline
        case .connected:
            var next = self.deadlines.first?.at ?? .distantFuture
            if let keepAlive = self.keepAlive { next = min(next, (self.pingSentAt ?? self.lastSentAt) + keepAlive) }
            return next
        }
    }

    /// CONNECT was sent, and not answered yet.
    var isConnecting: Bool {
        if case .connecting = self.state { true } else { false }
    }

    mutating func timerFired(now: Instant) -> [Action] {
        switch self.state {
        case .idle, .ended: return []
        case .connecting:
            guard now >= self.connectDeadline else { return [] }
            return self.finish(.failed(.timedOut("CONNACK", after: self.settings.connectTimeout)))
        case .connected:
            var actions = self.expireCalls(now)
            guard let keepAlive = self.keepAlive else { return actions }
            if let pingSentAt = self.pingSentAt {
                if now >= pingSentAt + keepAlive { actions += self.finish(.failed(.timedOut("PINGRESP", after: keepAlive))) }
            } else if now >= self.lastSentAt + keepAlive {
                self.pingSentAt = now
                self.lastSentAt = now
                actions.append(.send(.pingreq(Pingreq())))
            }
            return actions
        }
    }

    private mutating func expireCalls(_ now: Instant) -> [Action] {
        var actions: [Action] = []
        while let first = self.deadlines.first, first.at <= now {
            self.deadlines.removeFirst()
            guard self.openCalls.remove(first.call) != nil, let timeout = self.settings.requestTimeout else { continue }
            self.waiting.removeAll { $0.call == first.call }
            actions.append(.fail(first.call, .timedOut("the server's acknowledgement", after: timeout)))
        }
        return actions
    }

    /// The way to the server is open: TCP, TLS and WebSocket as needed.
    mutating func opened(now: Instant) -> [Action] {
        guard case .idle = self.state else { preconditionFailure("opened twice") }
        self.state = .connecting
        self.connectDeadline = now + self.settings.connectTimeout
        self.lastSentAt = now
        return [.send(.connect(self.settings.connect))]
    }

    /// Says goodbye. Whatever is unacknowledged fails.
    mutating func disconnect(reason: Reason, sessionExpirySeconds: UInt32?) -> [Action] {
        switch self.state {
        case .ended: return []
        case .idle, .connecting: return self.finish(.disconnected)
        case .connected:
            let isV5 = self.settings.version == .v5
            let packet = Disconnect(reason: reason, sessionExpirySeconds: isV5 ? sessionExpirySeconds : nil)
            return [.send(.disconnect(packet))] + self.finish(.disconnected)
        }
    }

    /// Ends without a word: closed by the caller, by the network, or because of what came.
    mutating func lost(_ end: ConnectionEnd) -> [Action] {
        if case .connecting = self.state, case .failed(.connectionLost(let cause)) = end {
            return self.finish(.failed(.connectionLost("\(cause) before it answered CONNECT")))
        }
        return self.finish(end)
    }

    /// From now on nothing is said that the caller does not ask for: no pings, so that the server's keep alive runs out.
    mutating func fellSilent() {
        self.keepAlive = nil
    }

    /// What the server sent breaks the protocol: says so where the protocol has words for it, and ends (MQTT 5 §4.13).
    mutating func violated(_ fault: String, reason: Reason = .protocolError) -> [Action] {
        var actions: [Action] = []
        if case .connected = self.state, self.settings.version == .v5 { actions = [.send(.disconnect(Disconnect(reason: reason)))] }
        return actions + self.finish(.failed(.protocolViolation(fault)))
    }

    private mutating func finish(_ end: ConnectionEnd) -> [Action] {
        if case .ended = self.state { return [] }
        self.state = .ended
        let calls = self.openCalls.sorted { $0.number < $1.number }
        self.openCalls = []
        self.flights = [:]
        self.waiting = []
        self.deadlines = []
        return calls.map { .fail($0, end.error) } + [.end(end)]
    }

    mutating func publish(_ message: ClientPublish, call: CallID, now: Instant) -> [Action] {
        guard case .connected(let limits) = self.state else { return [.fail(call, .notConnected)] }
        var packet = OutgoingPublish(
            topic: Array(message.topic.utf8), payload: message.payload, qos: message.qos, retain: message.retain,
            packetID: message.qos > .atMostOnce ? PacketID(1) : nil,
            properties: self.settings.version == .v5 ? message.properties : PublishProperties())
        if let error = limits.fault(of: packet, version: self.settings.version) { return [.fail(call, error)] }
        guard message.qos > .atMostOnce else {
            packet.packetID = nil
            self.lastSentAt = now
            let acknowledgement = PublishAcknowledgement(reason: .success, reasonString: nil, sentAt: now, acknowledgedAt: now)
            return [.send(.publish(packet)), .published(call, acknowledgement)]
        }
        guard self.waiting.count < self.settings.waitingPublishLimit else {
            return [.fail(call, .tooManyWaiting(limit: self.settings.waitingPublishLimit))]
        }
        self.track(call, now)
        self.waiting.append(Waiting(publish: packet, call: call))
        return self.sendWaiting(limits, now)
    }

    mutating func subscribe(
        _ filters: [Subscription], identifier: UInt32?, userProperties: [UserProperty] = [], call: CallID, now: Instant
    ) -> [Action] {
        guard case .connected = self.state else { return [.fail(call, .notConnected)] }
        guard !filters.isEmpty else { return [.fail(call, .invalidTopic("SUBSCRIBE needs a filter"))] }
        guard let id = self.freePacketID() else { return [.fail(call, .tooManyWaiting(limit: 65535))] }
        self.flights[id.rawValue] = .subscribe(call: call)
        self.track(call, now)
        self.lastSentAt = now
        let isV5 = self.settings.version == .v5
        let packet = Subscribe(
            id: id, filters: filters, subscriptionIdentifier: isV5 ? identifier : nil, userProperties: isV5 ? userProperties : [])
        return [.send(.subscribe(packet))]
    }

    mutating func unsubscribe(_ filters: [String], call: CallID, now: Instant) -> [Action] {
        guard case .connected = self.state else { return [.fail(call, .notConnected)] }
        guard !filters.isEmpty else { return [.fail(call, .invalidTopic("UNSUBSCRIBE needs a filter"))] }
        guard let id = self.freePacketID() else { return [.fail(call, .tooManyWaiting(limit: 65535))] }
        self.flights[id.rawValue] = .unsubscribe(call: call)
        self.track(call, now)
        self.lastSentAt = now
        return [.send(.unsubscribe(Unsubscribe(id: id, filters: filters)))]
    }

    private mutating func track(_ call: CallID, _ now: Instant) {
        self.openCalls.insert(call)
        if let timeout = self.settings.requestTimeout { self.deadlines.append((at: now + timeout, call: call)) }
    }

    /// Sends what the server's receive maximum allows (MQTT 5 §4.9).
    private mutating func sendWaiting(_ limits: ServerLimits, _ now: Instant) -> [Action] {
        var actions: [Action] = []
        while self.publishesInFlight < limits.receiveMaximum, let next = self.waiting.first, let id = self.freePacketID() {
            self.waiting.removeFirst()
            var packet = next.publish
            packet.packetID = id
            self.flights[id.rawValue] = .publish(call: next.call, sentAt: now, qos: packet.qos)
            self.publishesInFlight += 1
            self.lastSentAt = now
            actions.append(.send(.publish(packet)))
        }
        return actions
    }

    private mutating func freePacketID() -> PacketID? {
        guard self.flights.count < 65535 else { return nil }
        repeat { self.lastPacketID = self.lastPacketID == 65535 ? 1 : self.lastPacketID + 1 } while self.flights[self.lastPacketID] != nil
        return PacketID(self.lastPacketID)
    }

    mutating func received(_ packet: AnyPacket, now: Instant) -> [Action] {
        switch self.state {
        case .idle, .ended: return []
        case .connecting:
            switch packet {
            case .connack(let connack): return self.connackReceived(connack, now)
            case .disconnect, .auth, .connect, .publish, .puback, .pubrec, .pubrel, .pubcomp, .subscribe, .suback, .unsubscribe, .unsuback,
                .pingreq, .pingresp:
                return self.violated("\(packet.type.name) came before CONNACK")
            }
        case .connected(let limits):
            return self.received(packet, limits, now)
        }
    }

    private mutating func received(_ packet: AnyPacket, _ limits: ServerLimits, _ now: Instant) -> [Action] {
        switch packet {
        case .publish(let publish): return self.publishReceived(publish, now)
        case .puback(let ack): return self.pubackReceived(ack, limits, now)
        case .pubrec(let ack): return self.pubrecReceived(ack, limits, now)
        case .pubcomp(let ack): return self.pubcompReceived(ack, limits, now)
        case .pubrel(let release): return self.pubrelReceived(release)
        case .suback(let ack): return self.subackReceived(ack.id, ack.reasons, ack.reasonString, now)
        case .unsuback(let ack): return self.unsubackReceived(ack.id, ack.reasons, ack.reasonString, now)
        case .pingresp:
            self.pingSentAt = nil
            return []
        case .disconnect(let packet):
            return self.finish(.failed(.closedByServer(packet.reason, reasonString: packet.reasonString)))
        case .connack: return self.violated("a second CONNACK came")
        case .auth: return self.violated("AUTH came, though no authentication method was agreed on")
        case .connect, .subscribe, .unsubscribe, .pingreq: return self.violated("\(packet.type.name) is for clients to send")
        }
    }

    private mutating func connackReceived(_ connack: Connack, _ now: Instant) -> [Action] {
        let isV5 = self.settings.version == .v5
        let code = isV5 ? connack.reason.rawValue : connack.returnCode.rawValue
        guard code == 0 else {
            let name = isV5 ? connack.reason.name : connack.returnCode.name
            return self.finish(.failed(.connectionRefused(code: code, name: name, reasonString: connack.reasonString)))
        }
        let seconds = connack.serverKeepAliveSeconds ?? self.settings.connect.keepAliveSeconds
        self.keepAlive = seconds > 0 ? .seconds(Int64(seconds)) : nil
        self.state = .connected(ServerLimits(connack))
        self.lastSentAt = now
        return [
            .connected(
                ConnectionGrant(
                    sessionPresent: connack.sessionPresent, clientID: connack.assignedClientID ?? self.settings.connect.clientID,
                    keepAliveSeconds: seconds, connack: connack, acknowledgedAt: now))
        ]
    }

    /// Delivers, and answers as the QoS asks (MQTT 5 §4.3).
    private mutating func publishReceived(_ publish: OutgoingPublish, _ now: Instant) -> [Action] {
        var topic = publish.topic
        if let alias = publish.properties.topicAlias {
            guard alias <= self.settings.connect.topicAliasMaximum ?? 0 else {
                return self.violated("topic alias \(alias) is above our maximum", reason: .topicAliasInvalid)
            }
            if topic.isEmpty {
                guard let known = self.aliases[alias] else { return self.violated("topic alias \(alias) is not known") }
                topic = known
            } else {
                self.aliases[alias] = topic
            }
        }
        guard !topic.isEmpty else { return self.violated("a PUBLISH without a topic came", reason: .topicNameInvalid) }
        let message = ReceivedMessage(
            topic: String(decoding: topic, as: UTF8.self), payload: publish.payload, qos: publish.qos, retain: publish.retain,
            isDuplicate: publish.isDuplicate, properties: publish.properties, receivedAt: now)
        guard let id = publish.packetID else { return [.deliver(message)] }
        self.lastSentAt = now
        switch publish.qos {
        case .atMostOnce: return [.deliver(message)]
        case .atLeastOnce: return [.deliver(message), .send(.puback(Puback(id: id)))]
        case .exactlyOnce:
            let isNew = self.receivedIDs.insert(id).inserted
            return (isNew ? [.deliver(message)] : []) + [.send(.pubrec(Pubrec(id: id)))]
        }
    }

    private mutating func pubrelReceived(_ release: Pubrel) -> [Action] {
        let isKnown = self.receivedIDs.remove(release.id) != nil
        let reason: Reason = isKnown || self.settings.version < .v5 ? .success : .packetIdentifierNotFound
        return [.send(.pubcomp(Pubcomp(id: release.id, reason: reason)))]
    }

    private mutating func pubackReceived(_ ack: Puback, _ limits: ServerLimits, _ now: Instant) -> [Action] {
        // An acknowledgement of nothing is let pass: servers that repeat one do no harm by it.
        guard case .publish(let call, let sentAt, .atLeastOnce) = self.flights[ack.id.rawValue] else { return [] }
        return self.publishDone(ack.id, call, sentAt, ack.reason, ack.reasonString, limits, now)
    }

    private mutating func pubrecReceived(_ ack: Pubrec, _ limits: ServerLimits, _ now: Instant) -> [Action] {
        switch self.flights[ack.id.rawValue] {
        case .publish(let call, let sentAt, .exactlyOnce):
            if ack.reason.isError { return self.publishDone(ack.id, call, sentAt, ack.reason, ack.reasonString, limits, now) }
            self.flights[ack.id.rawValue] = .released(call: call, sentAt: sentAt)
        case .released:
            break
        case .publish, .subscribe, .unsubscribe, nil:
            // A PUBREC of an earlier connection: release it, saying that we do not know it (MQTT 5 §4.3.3).
            let reason: Reason = self.settings.version < .v5 ? .success : .packetIdentifierNotFound
            return [.send(.pubrel(Pubrel(id: ack.id, reason: reason)))]
        }
        self.lastSentAt = now
        return [.send(.pubrel(Pubrel(id: ack.id)))]
    }

    private mutating func pubcompReceived(_ ack: Pubcomp, _ limits: ServerLimits, _ now: Instant) -> [Action] {
        guard case .released(let call, let sentAt) = self.flights[ack.id.rawValue] else { return [] }
        return self.publishDone(ack.id, call, sentAt, ack.reason, ack.reasonString, limits, now)
    }

    private mutating func publishDone(
        _ id: PacketID, _ call: CallID?, _ sentAt: Instant, _ reason: Reason, _ text: String?, _ limits: ServerLimits, _ now: Instant
    ) -> [Action] {
        self.flights[id.rawValue] = nil
        self.publishesInFlight -= 1
        var actions: [Action] = []
        if let call, self.closed(call) {
            actions = [.published(call, PublishAcknowledgement(reason: reason, reasonString: text, sentAt: sentAt, acknowledgedAt: now))]
        }
        return actions + self.sendWaiting(limits, now)
    }

    private mutating func subackReceived(_ id: PacketID, _ reasons: [Reason], _ text: String?, _ now: Instant) -> [Action] {
        guard case .subscribe(let call) = self.flights[id.rawValue] else { return [] }
        return self.answer(id, call, reasons, text, now)
    }

    private mutating func unsubackReceived(_ id: PacketID, _ reasons: [Reason], _ text: String?, _ now: Instant) -> [Action] {
        guard case .unsubscribe(let call) = self.flights[id.rawValue] else { return [] }
        return self.answer(id, call, reasons, text, now)
    }

    private mutating func answer(_ id: PacketID, _ call: CallID?, _ reasons: [Reason], _ text: String?, _ now: Instant) -> [Action] {
        self.flights[id.rawValue] = nil
        guard let call, self.closed(call) else { return [] }
        return [.answered(call, SubscriptionAcknowledgement(reasons: reasons, reasonString: text, acknowledgedAt: now))]
    }

    /// - Returns: false when the caller was told already that it took too long.
    private mutating func closed(_ call: CallID) -> Bool {
        guard self.openCalls.remove(call) != nil else { return false }
        // Answers come mostly in order, so this keeps the queue of deadlines short.
        while let first = self.deadlines.first, !self.openCalls.contains(first.call) { self.deadlines.removeFirst() }
        return true
    }
}
