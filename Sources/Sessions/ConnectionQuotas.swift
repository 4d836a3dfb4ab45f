package import Timeline

/// What the quotas of a door leave to one client: of messages in both directions, and of bytes from it.
///
/// Made when it connects. Messages that come while it is away count too, so its session holds this as well as its connection.
package final class ConnectionQuotas {
    package let rules: ServiceQuotas
    private let countsTogether: Bool
    private var inbound: QuotaMeter
    private var outbound: QuotaMeter
    package var throughput: ThroughputMeter

    /// `nil` when there is nothing to measure for a connection.
    package init?(_ rules: ServiceQuotas, now: Instant) {
        if rules.publishRate.mode == .off, rules.throughput.mode == .off { return nil }
        self.rules = rules
        self.countsTogether = rules.switches.countsDirectionsTogether
        self.inbound = QuotaMeter(rules.publishRate, now: now)
        self.outbound = QuotaMeter(rules.publishRate, now: now)
        self.throughput = ThroughputMeter(rules.throughput, now: now)
    }

    /// A PUBLISH came from the client.
    @inline(__always)
    package func publishReceived(now: Instant) -> QuotaRuling {
        self.inbound.charge(now: now)
    }

    /// A PUBLISH is to go to the client, now or when it comes back.
    @inline(__always)
    package func publishIsDue(now: Instant) -> QuotaRuling {
        self.countsTogether ? self.inbound.charge(now: now) : self.outbound.charge(now: now)
    }
}

@available(*, unavailable)
extension ConnectionQuotas: Sendable {}
