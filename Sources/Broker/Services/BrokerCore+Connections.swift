package import MQTTWire
package import Sessions
import Timeline
import Topics

/// A subscription as ListSubscriptions shows it.
package struct SubscriptionSummary: Equatable, Sendable {
    package let filter: String
    package let qos: QoS
}

extension BrokerCore {
    // MARK: Looking

    /// What is known of a client; `nil` when nothing is.
    package func connectionInfo(of client: ClientID) -> ConnectionInfo? {
        let session = self.sessions[client]
        if let session, let facts = session.connection?.facts {
            return ConnectionInfo(state: .connected(facts), isClean: facts.isClean, sessionExpirySeconds: session.state.expirySeconds)
        }
        if let departure = self.departed.departure(of: client, now: self.shell.now()) {
            // Its session may be gone by now, and then nothing is kept whatever its connection asked for.
            return ConnectionInfo(
                state: .departed(departure), isClean: session == nil, sessionExpirySeconds: session?.state.expirySeconds ?? 0)
        }
        return session.map {
            ConnectionInfo(state: .away(since: $0.leftAt), isClean: false, sessionExpirySeconds: $0.state.expirySeconds)
        }
    }

    /// The subscriptions of a client, also of one that is away and keeps its session, in the order of their filters; `nil` when it has no
    /// session.
    ///
    /// - Parameter after: the filter the page goes on after; `nil` from the beginning.
    package func subscriptions(of client: ClientID, after: [UInt8]?, count: Int) -> Page<SubscriptionSummary>? {
        guard let session = self.sessions[client] else { return nil }
        var collector = PageCollector<SubscriptionSummary>(after: after, count: count)
        for (filter, options) in session.state.subscriptions {
            collector.offer(Array(filter.string.utf8), SubscriptionSummary(filter: filter.string, qos: options.qos))
        }
        return collector.page
    }

    // MARK: Ending

    /// Ends the connection of a client, and its session too if asked. Source: `mqtt.md` §13, DeleteConnection.
    ///
    /// - Returns: `false` when the client has neither connection nor session.
    package func deleteConnection(of client: ClientID, dropsSession: Bool, discardsWill: Bool) -> Bool {
        guard let session = self.sessions[client] else { return false }
        self.beginTick()
        if let connection = session.connection {
            if dropsSession { session.state.expirySeconds = 0 }
            self.end(connection, .deleted(discardsWill: discardsWill))
        } else {
            if discardsWill { self.discardPendingWill(of: session) }
            if dropsSession { self.remove(session) }
        }
        return true
    }

    // MARK: Noting

    func noteBeginning(of connection: Connection, _ accepted: AcceptedConnect) {
        connection.facts = ConnectionFacts(
            connectedAt: self.wallTime, keepAliveSeconds: accepted.askedKeepAliveSeconds, isClean: !accepted.isKept,
            peer: connection.peer, local: connection.door.address)
        self.departed.cameBack(accepted.clientID)
    }

    func noteEnd(of connection: Connection, _ cause: DisconnectCause) {
        guard let facts = connection.facts, let client = connection.clientID else { return }
        self.departed.left(client, facts, at: self.wallTime, cause: cause, now: self.now)
    }
}
