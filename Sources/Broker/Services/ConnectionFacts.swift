import DequeModule
package import Sessions
package import Timeline

/// What the data plane tells of a connection, as it was when the client was let in. Source: `mqtt.md` §13, GetConnection.
package struct ConnectionFacts: Equatable, Sendable {
    package let connectedAt: WallTime
    /// As the client asked for it.
    package let keepAliveSeconds: UInt16
    /// The session ends with the connection.
    package let isClean: Bool
    /// Addresses with their ports.
    package let peer: String
    package let local: String?
}

/// How a connection ended.
package struct Departure: Equatable, Sendable {
    package let facts: ConnectionFacts
    package let at: WallTime
    package let cause: DisconnectCause
    fileprivate let instant: Instant
}

/// One client as GetConnection shows it.
package struct ConnectionInfo: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        case connected(ConnectionFacts)
        /// Ended not long ago.
        case departed(Departure)
        /// Away for so long, or since before the process began, that only its session is known.
        case away(since: WallTime?)
    }

    package let state: State
    package let isClean: Bool
    package let sessionExpirySeconds: UInt32
}

/// The clients that went away lately, each with its last connection: 30 minutes back, 10 000 of them at most.
struct DepartedClients {
    private static let memory = Duration.seconds(30 * 60)
    private static let maximumCount = 10_000

    private var departures: [ClientID: Departure] = [:]
    /// Oldest first; one of a client that left again later is stale.
    private var order = Deque<(client: ClientID, instant: Instant)>()

    mutating func left(_ client: ClientID, _ facts: ConnectionFacts, at time: WallTime, cause: DisconnectCause, now: Instant) {
        self.departures[client] = Departure(facts: facts, at: time, cause: cause, instant: now)
        self.order.append((client, now))
        self.forget(now: now)
    }

    mutating func cameBack(_ client: ClientID) {
        if !self.departures.isEmpty { self.departures[client] = nil }
    }

    func departure(of client: ClientID, now: Instant) -> Departure? {
        guard let departure = self.departures[client], now - departure.instant <= Self.memory else { return nil }
        return departure
    }

    private mutating func forget(now: Instant) {
        while let oldest = self.order.first, self.order.count > Self.maximumCount || now - oldest.instant > Self.memory {
            if self.departures[oldest.client]?.instant == oldest.instant { self.departures[oldest.client] = nil }
            self.order.removeFirst()
        }
    }
}
