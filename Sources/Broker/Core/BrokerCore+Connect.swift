import Logging
import MQTTWire
import NIOCore
import Sessions
import Timeline
import Topics

extension BrokerCore {
    /// MQTT 5 §3.1.4: judge, take over, resume or begin, answer.
    func connectReceived(_ connect: Connect, on connection: Connection) {
        let accepted: AcceptedConnect
        do {
            accepted = try connection.limits.judge(connect, freshClientID: self.shell.freshID)
            try self.check(accepted.will, on: connection)
            try self.chargeConnect(of: accepted, on: connection)
        } catch {
            self.refuse(error, version: connect.protocolVersion, on: connection)
            return
        }
        if let holder = self.sessions[accepted.clientID]?.connection {
            self.logger.record(
                .notice, "client id taken over",
                [.client: "\(accepted.clientID)", .connection: "\(connection.number)", .reason: "connection \(holder.number) had it"])
            self.end(holder, .takenOver)
        }
        if let timer = connection.timer { self.cancel(timer) }
        connection.timer = nil
        connection.machine.connected(accepted, now: self.now(on: connection.keepAliveLine))
        let (session, wasPresent) = self.session(for: accepted, on: connection)
        session.connection = connection
        connection.session = session
        connection.quotas = ConnectionQuotas(connection.door.profile.quotas, now: self.now)
        session.quotas = connection.quotas
        connection.will = accepted.will
        self.noteBeginning(of: connection, accepted)
        connection.wantsProblemInformation = accepted.wantsProblemInformation
        connection.largestPacketBytes = min(accepted.clientMaximumPacketBytes ?? .max, connection.limits.maximumPacketBytes)
        if let check = connection.machine.keepAlive.firstCheck {
            connection.timer = self.schedule(.keepAlive(connection), at: check, on: connection.keepAliveLine)
        }
        self.counters.connectionsAccepted += 1
        self.logger.record(
            .debug, "client connected",
            [
                .client: "\(accepted.clientID)", .connection: "\(connection.number)", .door: "\(connection.door.name)",
                .version: "\(accepted.version)", .peer: "\(connection.peer)", .principal: "\(connection.principal ?? "anonymous")",
            ])
        let connack = accepted.connack(sessionPresent: wasPresent, limits: connection.limits)
        self.send(to: connection) { connack.write(to: &$0, version: accepted.version) }
        if wasPresent { self.resume(session, on: connection) }
    }

    /// A client came back: what waits for it is sent, in order.
    ///
    /// With QoS 2 among it, that begins when the journal has what went before: a packet id that was promised must be safe.
    private func resume(_ session: ClientSession, on connection: Connection) {
        guard self.gate.isWaiting, session.state.outbound.holdsExactlyOnce else { return self.sendWaiting(of: session) }
        connection.isResuming = true
        self.whenSafe {
            connection.isResuming = false
            if session.connection === connection { self.sendWaiting(of: session) }
        }
    }

    /// A will goes only where its client may publish. (AWS IoT Developer Guide, "Lifecycle events": will topic not authorized.)
    private func check(_ will: Will?, on connection: Connection) throws(ConnectRefusal) {
        guard let will else { return }
        let kind = Array(will.topic.utf8).withUnsafeBytes { Topic.kind(of: $0) }
        let refuses = connection.limits.refusesReservedTopics
        guard let obstacle = ReservedTopics.obstacle(to: kind, retain: will.retain, refusesReserved: refuses) else { return }
        throw ConnectRefusal(
            reason: .topicNameInvalid, returnCode: .notAuthorized, text: "the will may not be published to \(will.topic): \(obstacle)")
    }

    /// The session this CONNECT goes on with, or a new one.
    private func session(for accepted: AcceptedConnect, on connection: Connection) -> (ClientSession, wasPresent: Bool) {
        let origin = SessionState.Origin(profile: connection.door.profile.name, version: accepted.version)
        if let old = self.sessions[accepted.clientID] {
            let obstacle = old.state.origin.obstacle(to: origin, limits: connection.limits)
            // A session that ended with its connection has kept nothing to go on with; one that was kept is resumed even by a
            // connection that will not keep it. [MQTT5-3.1.2-5]
            if !accepted.cleanStart, obstacle == nil, old.state.isKept {
                self.cancelTimers(of: old)
                old.pendingWill = nil
                old.state.resumed(by: accepted, origin: origin)
                self.gate.append(.sessionOpened(Self.record(of: old, will: accepted.will)))
                return (old, true)
            }
            if let obstacle, !accepted.cleanStart {
                self.logger.record(.notice, "session not resumed", [.client: "\(accepted.clientID)", .reason: "\(obstacle)"])
            }
            self.remove(old)
        }
        let session = self.add(SessionState(accepted: accepted, origin: origin, limits: connection.limits))
        if accepted.isKept { self.gate.append(.sessionOpened(Self.record(of: session, will: accepted.will))) }
        return (session, false)
    }

    /// Gives a session its place.
    ///
    /// - Parameter number: of a session that was kept; a new one gets the next.
    func add(_ state: SessionState, number: UInt64? = nil) -> ClientSession {
        self.lastSessionNumber = max(self.lastSessionNumber + 1, number ?? 0)
        let slot = self.freeSlots.popLast() ?? self.sessionsBySlot.count
        let session = ClientSession(slot: slot, number: number ?? self.lastSessionNumber, state: state)
        if slot == self.sessionsBySlot.count { self.sessionsBySlot.append(session) } else { self.sessionsBySlot[slot] = session }
        self.sessions[state.clientID] = session
        return session
    }

    /// A session as it begins or goes on, without what is journalled for itself.
    private static func record(of session: ClientSession, will: Will?) -> SessionRecord {
        SessionRecord(
            number: session.number, clientID: session.clientID, origin: session.state.origin,
            expirySeconds: session.state.expirySeconds, will: will)
    }

    /// Sends again what an earlier connection left unacknowledged, then what waits, as far as the window and the bytes not yet sent allow.
    /// [MQTT5-4.4.0-1]
    func sendWaiting(of session: ClientSession) {
        guard let connection = session.connection, !connection.isResuming else { return }
        while connection.out.count < connection.maximumUnsentBytes, let entry = session.state.outbound.nextResend() {
            self.resend(entry, of: session, on: connection)
        }
        while connection.out.count < connection.maximumUnsentBytes, let next = session.state.outbound.nextDelivery(now: self.now) {
            switch next {
            case .expired(let serial):
                self.journal(released: serial, of: session)
                if !self.watchedDeliveries.isEmpty {
                    self.watchedMessage(serial, of: session, isDelivered: false, "the message expired before it could be sent")
                }
            case .deliver(let delivery):
                if session.state.isKept {
                    self.gate.append(
                        delivery.id == 0
                            ? .released(session.number, serial: delivery.serial)
                            : .sent(session.number, serial: delivery.serial, packetID: delivery.id))
                }
                if connection.takes(delivery.message, qos: delivery.qos) {
                    self.write(
                        delivery.message, to: connection, id: delivery.id, qos: delivery.qos, retain: delivery.retain, isDuplicate: false)
                } else {
                    self.drop(tooLarge: delivery.id, qos: delivery.qos, of: session)
                }
            }
        }
    }

    private func resend(_ entry: OutboundFlight.Entry, of session: ClientSession, on connection: Connection) {
        switch entry.phase {
        case .awaitingPuback, .awaitingPubrec:
            guard let message = entry.message else { return }
            let qos: QoS = entry.phase == .awaitingPuback ? .atLeastOnce : .exactlyOnce
            if connection.takes(message, qos: qos) {
                self.send(to: connection) { buffer in
                    self.encode(message, id: entry.id, qos: qos, retain: entry.retain, isDuplicate: true, for: connection, into: &buffer)
                }
                self.noteDelivery(of: message, to: connection)
            } else {
                self.drop(tooLarge: entry.id, qos: qos, of: session)
            }
        case .awaitingPubcomp:
            guard let id = PacketID(entry.id) else { return }
            self.send(to: connection) { Pubrel(id: id).write(to: &$0, version: connection.version) }
        case .done:
            break
        }
    }

    /// A message larger than the client's Maximum Packet Size counts as delivered. [MQTT5-3.1.2-24] [MQTT5-3.1.2-25]
    private func drop(tooLarge id: UInt16, qos: QoS, of session: ClientSession) {
        self.counters.droppedTooLarge += 1
        let done =
            qos == .exactlyOnce
            ? session.state.outbound.pubrecReceived(id, failed: true) : session.state.outbound.pubackReceived(id)
        if case .released(let serial) = done {
            self.journal(released: serial, of: session)
            self.watchedMessage(serial, of: session, isDelivered: false, "the message is too large for it")
        }
    }

    /// Writes a stored message towards a connection.
    func write(_ message: StoredMessage, to connection: Connection, id: UInt16, qos: QoS, retain: Bool, isDuplicate: Bool) {
        let packet = { (buffer: inout ByteBuffer) in
            self.encode(message, id: id, qos: qos, retain: retain, isDuplicate: isDuplicate, for: connection, into: &buffer)
        }
        if self.waitsForJournal(qos, to: connection) { self.hold(connection, packet) } else { self.send(to: connection, packet) }
        self.noteDelivery(of: message, to: connection)
    }

    private func encode(
        _ message: StoredMessage, id: UInt16, qos: QoS, retain: Bool, isDuplicate: Bool, for connection: Connection,
        into buffer: inout ByteBuffer
    ) {
        let expiry = connection.version == .v5 ? message.remainingExpirySeconds(now: self.now) : nil
        _ = message.topic.withUnsafeBytes { topic in
            message.payload.withUnsafeBytes { payload in
                message.properties.withUnsafeBytes { properties in
                    PublishTemplate.writePublish(
                        firstByte: PublishFlags.byte(qos: qos, retain: retain, isDuplicate: isDuplicate), topic: topic,
                        packetID: id == 0 ? nil : id, properties: connection.version == .v5 ? properties : nil,
                        messageExpirySeconds: expiry, topicAlias: nil, payload: payload, into: &buffer)
                }
            }
        }
    }

    private func noteDelivery(of message: StoredMessage, to connection: Connection) {
        self.counters.messagesDelivered += 1
        connection.trace?.wrote(CauseID(rawValue: message.cause), topic: message.topic)
    }

    private func refuse(_ refusal: ConnectRefusal, version: ProtocolVersion, on connection: Connection) {
        self.counters.connectionsRefused += 1
        if version == .v5, !refusal.isSilent {
            self.send(to: connection) { Connack(sessionPresent: false, reason: refusal.reason).write(to: &$0, version: .v5) }
        } else if let code = refusal.returnCode {
            self.send(to: connection) { Connack(sessionPresent: false, returnCode: code).write(to: &$0, version: version) }
        }
        self.end(connection, ConnectionEnd(cause: .clientError, reason: nil, text: "CONNECT refused: \(refusal.text)"))
    }
}
