import Logging
import MQTTWire
import Sessions
import Shadows
import Timeline
import Topics

/// Where quotas are charged. What goes beyond one is counted, said when it begins, and refused if the quota is enforced.
extension BrokerCore {
    // MARK: Messages and bytes of a connection

    /// A PUBLISH came from a client.
    ///
    /// - Returns: whether it is to be routed; if not, it was answered as the service does.
    @inline(__always)
    func charge(_ publish: Publish, to quotas: ConnectionQuotas, on connection: Connection) -> Bool {
        let ruling = quotas.publishReceived(now: self.now)
        return ruling == .within || self.passes(publish, ruling, quotas, on: connection)
    }

    private func passes(_ publish: Publish, _ ruling: QuotaRuling, _ quotas: ConnectionQuotas, on connection: Connection) -> Bool {
        guard self.isRefused(ruling, .publishRate, quotas.rules, by: connection.clientID?.text) else { return true }
        guard quotas.rules.switches.answersDiscardedPublish, connection.version == .v5, let id = PacketID(publish.packetIDRaw) else {
            return false
        }
        self.answer(connection, waitsForJournal: false) { buffer in
            switch publish.qos {
            case .atMostOnce: break
            case .atLeastOnce: Puback(id: id, reason: .quotaExceeded).write(to: &buffer, version: .v5)
            case .exactlyOnce: Pubrec(id: id, reason: .quotaExceeded).write(to: &buffer, version: .v5)
            }
        }
        return false
    }

    /// A message is due to a client, which may be away.
    ///
    /// - Returns: whether it is to be sent or kept.
    @inline(__always)
    func chargeDelivery(to session: ClientSession) -> Bool {
        guard let quotas = session.quotas else { return true }
        let ruling = quotas.publishIsDue(now: self.now)
        return ruling == .within || !self.isRefused(ruling, .publishRate, quotas.rules, by: session.clientID.text)
    }

    /// Bytes came on a connection and were handled; if they were too many, the next ones wait.
    func charge(bytes: Int, to quotas: ConnectionQuotas, on connection: Connection) {
        guard connection.isOpen else { return }
        switch quotas.throughput.received(bytes, now: self.now) {
        case .none:
            break
        case .exceeded(let begins):
            self.noteExcess(.throughput, quotas.rules, by: connection.clientID?.text, begins: begins)
        case .delay(let until, let begins):
            self.noteExcess(.throughput, quotas.rules, by: connection.clientID?.text, begins: begins)
            connection.link.pauseReading()
            connection.delayTimer = self.deadlines.schedule(.throughput(connection), at: until, kind: .quotaRefill)
        }
    }

    func delayIsOver(_ connection: Connection) {
        guard let quotas = connection.quotas else { return }
        if let until = quotas.throughput.resumed(now: self.now) {
            connection.delayTimer = self.deadlines.schedule(.throughput(connection), at: until, kind: .quotaRefill)
        } else {
            connection.link.resumeReading()
        }
    }

    // MARK: Connections and subscriptions

    func chargeConnect(of accepted: AcceptedConnect, on connection: Connection) throws(ConnectRefusal) {
        let quotas = connection.door.profile.quotas
        guard quotas.connectRate.mode != .off, !accepted.clientIDWasAssigned else { return }
        let now = self.now
        let ruling = self.connectRates.update(
            accepted.clientID, fresh: QuotaMeter(quotas.connectRate, now: now), now: now
        ) { $0.charge(now: now) }
        guard self.isRefused(ruling, .connectRate, quotas, by: accepted.clientID.text) else { return }
        throw ConnectRefusal(
            reason: .quotaExceeded, returnCode: nil, text: quotas.explanation(of: .connectRate),
            isSilent: !quotas.switches.answersThrottledConnect)
    }

    /// What becomes of a subscription beyond the quota.
    enum SubscriptionRuling {
        case refuse(Reason)
        case close(ConnectionEnd)
    }

    /// - Returns: `nil` when the subscription may be made.
    func chargeSubscription(to filter: TopicFilter, of session: ClientSession, on connection: Connection) -> SubscriptionRuling? {
        let quotas = connection.door.profile.quotas
        let quota = quotas.subscriptions
        let count = session.state.subscriptions.count
        guard quota.mode != .off, count >= quota.limitInForce, session.state.subscriptions[filter] == nil else { return nil }
        let isRefused = quota.mode == .enforce
        self.noteExcess(.subscriptions, quotas, by: session.clientID.text, begins: !isRefused && count == quota.limitInForce)
        guard isRefused else { return nil }
        self.logger.record(
            .notice, "subscription refused: \(quotas.explanation(of: .subscriptions))",
            [.client: "\(session.clientID)", .filter: "\(filter.string)"])
        switch quotas.switches.fullSubscriptions {
        case .quotaExceeded: return .refuse(connection.version == .v5 ? .quotaExceeded : .unspecifiedError)
        case .unspecified: return .refuse(.unspecifiedError)
        case .close: return .close(.throttled(quotas.explanation(of: .subscriptions)))
        }
    }

    // MARK: Shadow requests

    /// A request to the shadow service came.
    ///
    /// - Returns: with whom it is in flight; `nil` when that is not counted.
    func charge(_ id: ShadowID, by way: RequestWay, from asker: Asker) throws(ShadowError) -> ShadowLoad.Holder? {
        let quotas = way.quotas
        let holder = ShadowLoad.holder(of: id, way)
        if let holder {
            let ruling = self.shadowLoad.begin(holder, quotas.shadowInFlight, now: self.now)
            if self.isRefused(ruling, .shadowInFlight, quotas, by: asker.description) {
                throw .tooManyRequests(why: quotas.explanation(of: .shadowInFlight))
            }
        }
        let ruling = self.shadowLoad.charge(id, quotas, now: self.now)
        if self.isRefused(ruling, .shadowRate, quotas, by: asker.description) {
            if let holder { self.shadowLoad.cancel(holder) }
            throw .tooManyRequests(why: quotas.explanation(of: .shadowRate))
        }
        return holder
    }

    // MARK: Noting

    /// Whether something is refused by a quota; notes it if it is beyond.
    private func isRefused(_ ruling: QuotaRuling, _ name: QuotaName, _ rules: ServiceQuotas, by client: String?) -> Bool {
        guard case .exceeded(let isRefused, let begins) = ruling else { return false }
        self.noteExcess(name, rules, by: client, begins: begins)
        return isRefused
    }

    private func noteExcess(_ name: QuotaName, _ rules: ServiceQuotas, by client: String?, begins: Bool) {
        self.counters.overQuota[name] += 1
        guard begins else { return }
        self.logger.record(.notice, "quota exceeded: \(rules.explanation(of: name))", [.client: "\(client ?? "-")"])
    }
}
