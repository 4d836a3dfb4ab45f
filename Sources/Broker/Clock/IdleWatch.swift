package import Timeline

/// Decides whether a broker is idle: whether nothing will happen any more before its time moves on or somebody speaks.
///
/// Events and real time come in, verdicts go out; it knows no socket. Inside the process idle is exact. Beyond a socket nobody can know
/// what a client is about to do, so a client has to have been silent for a while, and longer while it owes an acknowledgement; one that
/// still owes it then is stalled and not waited for until it speaks again. Source: scheduler §8.
package struct IdleWatch: Sendable {
    package enum Verdict: Equatable, Sendable {
        case idle
        /// Look again after the next event, and at this instant of real time.
        case busy(until: Instant)
        /// Not idle for too long. Names the connection that sent the most meanwhile; `nil` if none sent anything.
        case stall(busiest: UInt64?)
    }

    /// A client beyond a socket, by the number of its connection.
    package struct Peer {
        package let number: UInt64
        /// Deliveries of QoS 1 and 2 that it has not acknowledged.
        package let unacknowledged: Int

        package init(number: UInt64, unacknowledged: Int) {
            self.number = number
            self.unacknowledged = unacknowledged
        }
    }

    /// How long is waited for what, in real time.
    package struct Limits: Equatable, Sendable {
        /// How long a client that owes nothing has to be silent.
        package var quiet = Duration.milliseconds(20)
        /// How long one that owes an acknowledgement has to be silent to be stalled.
        package var stalled = Duration.milliseconds(200)
        /// How long a broker may take to become idle.
        package var patience = Duration.seconds(10)

        package init() {}
    }

    private struct Traffic {
        /// When it last sent something, or something was sent to it.
        var latest: Instant
        /// Since when it has owed acknowledgements and been silent.
        var owesSince: Instant?
    }

    private let limits: Limits
    private var traffic: [UInt64: Traffic] = [:]
    private var receivedBytes: [UInt64: Int] = [:]
    private var waitingSince: Instant
    /// What clients sent just before may be on its way until a while after this.
    private var unsureUntil: Instant

    package init(_ limits: Limits = Limits(), now: Instant) {
        self.limits = limits
        self.waitingSince = now
        self.unsureUntil = now
    }

    // MARK: Events

    /// Somebody begins to wait until the broker is idle.
    package mutating func began(now: Instant) {
        self.unsureUntil = now
        self.movedOn(now: now)
    }

    /// Time moved while somebody waits: patience begins anew.
    package mutating func movedOn(now: Instant) {
        self.waitingSince = now
        self.receivedBytes.removeAll(keepingCapacity: true)
    }

    package mutating func received(_ bytes: Int, from number: UInt64, at now: Instant) {
        self.receivedBytes[number, default: 0] += bytes
        self.traffic[number] = Traffic(latest: now)
    }

    package mutating func sent(to number: UInt64, at now: Instant) {
        self.traffic[number, default: Traffic(latest: now)].latest = now
    }

    package mutating func ended(_ number: UInt64) {
        self.traffic[number] = nil
        self.receivedBytes[number] = nil
    }

    // MARK: Verdict

    /// - Parameters:
    ///   - isWorking: something is under way inside the process.
    ///   - peers: every client that is connected over a socket.
    package mutating func verdict(isWorking: Bool, peers: some Sequence<Peer>, now: Instant) -> Verdict {
        var settled = now
        for peer in peers { settled = max(settled, self.settles(peer, now: now)) }
        if !isWorking, settled <= now { return .idle }
        let end = self.waitingSince + self.limits.patience
        if now >= end { return .stall(busiest: self.receivedBytes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key) }
        return .busy(until: isWorking ? end : min(settled, end))
    }

    /// When a client that goes on being silent is no longer waited for.
    private mutating func settles(_ peer: Peer, now: Instant) -> Instant {
        var traffic = self.traffic[peer.number] ?? Traffic(latest: self.unsureUntil)
        guard peer.unacknowledged > 0 else {
            if traffic.owesSince != nil { self.traffic[peer.number]?.owesSince = nil }
            return max(traffic.latest, self.unsureUntil) + self.limits.quiet
        }
        let since = traffic.owesSince ?? now
        traffic.owesSince = since
        self.traffic[peer.number] = traffic
        return since + self.limits.stalled
    }
}
