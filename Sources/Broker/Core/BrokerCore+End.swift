import Logging
import MQTTWire
import Sessions
import Timeline
import Topics

extension BrokerCore {
    func disconnectReceived(_ disconnect: Disconnect, on connection: Connection) {
        let (end, expiry) = connection.machine.disconnectReceived(disconnect)
        if let expiry { connection.session?.state.expirySeconds = expiry }
        self.end(connection, end)
    }

    /// Ends a connection: tells an MQTT 5 client why, deals with its will, keeps or drops its session, closes the link.
    func end(_ connection: Connection, _ end: ConnectionEnd) {
        guard connection.isOpen else { return }
        let wasConnected = connection.machine.phase == .connected
        if wasConnected, connection.version == .v5, let reason = end.reason {
            // The text may be what makes the packet too large for the client. [MQTT5-3.14.2-3]
            let fits = end.text.utf8.count + 16 <= connection.largestPacketBytes
            let isFault = end.cause == .clientError || end.cause == .throttled
            let text = connection.wantsProblemInformation && isFault && fits ? end.text : nil
            self.send(to: connection) { Disconnect(reason: reason, reasonString: text).write(to: &$0, version: .v5) }
        }
        connection.machine.ended()
        if let timer = connection.timer { self.cancel(timer) }
        connection.timer = nil
        if let timer = connection.delayTimer { self.deadlines.cancel(timer) }
        connection.delayTimer = nil
        self.connections[ObjectIdentifier(connection)] = nil
        self.idleWatch?.ended(connection.number)
        self.markForClosing(connection, text: end.text)
        self.log(end, of: connection)
        if let session = connection.session {
            session.connection = nil
            self.noteEnd(of: connection, end.cause)
            self.settle(session, will: connection.will, after: end)
        }
        self.interruptConfirmations(from: connection, end)
        connection.lastTopic = nil
        connection.aliases = []
    }

    /// The session's part of the end of a connection. MQTT 5 §3.1.2.5, §4.1.
    private func settle(_ session: ClientSession, will: Will?, after end: ConnectionEnd) {
        var willDelay: Duration?
        switch WillPlan(will: will, end: end, sessionExpirySeconds: session.state.expirySeconds) {
        case .none: break
        case .publish: if let will { self.publish(will, of: session) }
        case .publishAfter(let seconds):
            willDelay = .seconds(Int64(seconds))
            session.pendingWill = will
            session.willTimer = self.deadlines.schedule(.will(session), at: self.now + .seconds(Int64(seconds)), kind: .will)
        }
        if session.state.isKept {
            let wall = self.shell.wallTime()
            session.leftAt = wall
            session.willDueAt = willDelay.map { wall + $0 }
            self.gate.append(
                .sessionLeft(
                    session.number, at: wall, expirySeconds: session.state.expirySeconds, willDueAt: session.willDueAt))
        }
        if session.state.expirySeconds == 0 {
            self.remove(session)
        } else if let expiry = session.state.expiry(disconnectedAt: self.now) {
            session.expiryTimer = self.deadlines.schedule(.sessionExpiry(session), at: expiry, kind: .expiry)
        }
    }

    /// Publishes a will whose time has come; nothing if there is none.
    func publishPendingWill(of session: ClientSession) {
        guard let will = session.pendingWill else { return }
        session.pendingWill = nil
        self.publish(will, of: session)
        if session.state.isKept { self.gate.append(.willSettled(session.number)) }
    }

    /// Sees to it that a will that waits is not published.
    func discardPendingWill(of session: ClientSession) {
        guard session.pendingWill != nil else { return }
        session.pendingWill = nil
        if let timer = session.willTimer { self.deadlines.cancel(timer) }
        session.willTimer = nil
        if session.state.isKept { self.gate.append(.willSettled(session.number)) }
    }

    func cancelTimers(of session: ClientSession) {
        if let timer = session.willTimer { self.deadlines.cancel(timer) }
        if let timer = session.expiryTimer { self.deadlines.cancel(timer) }
        session.willTimer = nil
        session.expiryTimer = nil
    }

    /// Ends a session: its will is due now, its subscriptions and messages go.
    func remove(_ session: ClientSession) {
        self.cancelTimers(of: session)
        self.publishPendingWill(of: session)
        for filter in session.state.subscriptions.keys {
            _ = self.subscriptions.remove(filter, subscriber: session.slot)
            self.routesChanged(for: filter)
        }
        self.sessionsBySlot[session.slot] = nil
        self.freeSlots.append(session.slot)
        if self.sessions[session.clientID] === session { self.sessions[session.clientID] = nil }
        // Cached routes of topics that nobody publishes to any more may hold the session for long; its messages shall not stay with it.
        session.state.forgetMessages()
        if !self.watchedDeliveries.isEmpty { self.watchedSessionEnded(session) }
        if session.state.isKept { self.gate.append(.sessionEnded(session.number)) }
    }

    /// Calls `body` before ``shutDown()`` says goodbye to everybody, on the core's loop.
    package func beforeShutDown(_ body: @escaping () -> Void) {
        self.farewells.append(body)
    }

    /// Says goodbye to everybody; links close when their bytes have left.
    package func shutDown() {
        self.beginTick()
        for farewell in self.farewells { farewell() }
        for connection in self.connections.values.sorted(by: { $0.number < $1.number }) { self.end(connection, .shutdown) }
    }

    private func log(_ end: ConnectionEnd, of connection: Connection) {
        switch end.cause {
        case .clientError, .throttled:
            self.logger.record(
                .notice, "connection closed: \(end.text)",
                [
                    .connection: "\(connection.number)", .door: "\(connection.door.name)", .peer: "\(connection.peer)",
                    .client: "\(connection.clientID?.text ?? "-")", .reason: "\(end.cause.rawValue)",
                ])
        case .clientInitiated, .connectionLost, .duplicateClientID, .keepAliveTimeout, .authError, .serverInitiated, .apiInitiated:
            self.logger.record(
                .debug, "connection closed: \(end.text)",
                [
                    .connection: "\(connection.number)", .client: "\(connection.clientID?.text ?? "-")", .reason: "\(end.cause.rawValue)",
                ])
        }
    }
}
