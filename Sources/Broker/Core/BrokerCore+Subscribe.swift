import Logging
import MQTTWire
import NIOCore
import Sessions
import Timeline
import Topics

extension BrokerCore {
    /// MQTT 5 §3.8.4: subscribe to what is allowed, answer for each filter, then send retained messages.
    func subscribeReceived(_ subscribe: Subscribe, on connection: Connection) {
        guard let session = connection.session else { return }
        if let end = connection.machine.refuses(subscribe) {
            self.end(connection, end)
            return
        }
        var reasons: [Reason] = []
        var retained: [(filter: TopicFilter, options: SubscriptionOptions)] = []
        for asked in subscribe.filters {
            let filter: TopicFilter
            do {
                filter = try TopicFilter(asked.filter, limits: connection.limits.topic)
            } catch {
                guard self.refuse(asked.filter, error.text, on: connection, reasons: &reasons) else { return }
                continue
            }
            if connection.limits.refusesReservedTopics, ReservedTopics.refusesSubscribe(to: filter) {
                guard self.refuse(asked.filter, "this $ topic is not offered", on: connection, reasons: &reasons) else { return }
                continue
            }
            if filter.shareName != nil, asked.noLocal {
                self.end(connection, .violation(.protocolError, "No Local on a shared subscription [MQTT5-3.8.3-4]"))
                return
            }
            let options = SubscriptionOptions(
                qos: min(asked.qos, connection.limits.maximumQoS), noLocal: asked.noLocal, retainAsPublished: asked.retainAsPublished,
                retainHandling: asked.retainHandling, hashMatchesParent: connection.limits.hashMatchesParent,
                share: filter.shareName.map { ShareKey(name: $0, filter: filter.bytes) })
            switch self.chargeSubscription(to: filter, of: session, on: connection) {
            case nil: break
            case .refuse(let reason)?:
                reasons.append(reason)
                continue
            case .close(let end)?:
                self.end(connection, end)
                return
            }
            let isNew = session.state.subscribe(filter, options: options) == nil
            _ = self.subscriptions.insert(filter, subscriber: session.slot, options: options)
            self.routesChanged(for: filter)
            if session.state.isKept { self.gate.append(.subscribed(session.number, filter: filter, options: options)) }
            reasons.append(.granted(options.qos))
            if filter.shareName == nil, asked.retainHandling.sends(isNew: isNew) { retained.append((filter, options)) }
        }
        let suback = Suback(id: subscribe.id, reasons: reasons)
        self.answer(connection, waitsForJournal: self.awaitsJournal(connection)) {
            suback.write(to: &$0, version: connection.version)
        }
        for (filter, options) in retained { self.sendRetained(filter, options, to: session, on: connection) }
    }

    func unsubscribeReceived(_ unsubscribe: Unsubscribe, on connection: Connection) {
        guard let session = connection.session else { return }
        if let most = connection.limits.maximumFiltersPerSubscribe, unsubscribe.filters.count > most {
            // AWS neither unsubscribes nor answers; the connection stays. (aws-iot-device-sdk-js#361)
            self.logger.record(
                .notice, "UNSUBSCRIBE with \(unsubscribe.filters.count) filters ignored; at most \(most) are allowed",
                [.client: "\(session.clientID)"])
            return
        }
        var reasons: [Reason] = []
        for text in unsubscribe.filters {
            guard let filter = try? TopicFilter(text, limits: .specification) else {
                reasons.append(.topicFilterInvalid)
                continue
            }
            guard session.state.unsubscribe(filter) != nil else {
                reasons.append(.noSubscriptionExisted)
                continue
            }
            _ = self.subscriptions.remove(filter, subscriber: session.slot)
            self.routesChanged(for: filter)
            if session.state.isKept { self.gate.append(.unsubscribed(session.number, filter: filter)) }
            reasons.append(.success)
        }
        let unsuback = Unsuback(id: unsubscribe.id, reasons: reasons)
        self.answer(connection, waitsForJournal: self.awaitsJournal(connection)) {
            unsuback.write(to: &$0, version: connection.version)
        }
    }

    /// Refuses one filter.
    ///
    /// - Returns: `false` when the whole connection was ended for it, as AWS does to MQTT 3 clients.
    private func refuse(_ filter: String, _ why: String, on connection: Connection, reasons: inout [Reason]) -> Bool {
        if connection.version != .v5, connection.limits.refusesReservedTopics {
            self.end(connection, .violation(.topicFilterInvalid, "SUBSCRIBE to \"\(filter)\": \(why)"))
            return false
        }
        self.logger.record(
            .notice, "subscription refused: \(why)", [.client: "\(connection.clientID?.text ?? "-")", .filter: "\(filter)"])
        reasons.append(connection.version == .v5 ? .topicFilterInvalid : .unspecifiedError)
        return true
    }

    /// Sends an answer now, or when the journal has what it confirms.
    func answer(_ connection: Connection, waitsForJournal: Bool, _ write: (inout ByteBuffer) -> Void) {
        guard waitsForJournal || connection.heldCount > 0 else {
            self.send(to: connection, write)
            return
        }
        self.hold(connection, write)
    }

    /// Sends a packet when the journal has everything there is so far.
    func hold(_ connection: Connection, _ write: (inout ByteBuffer) -> Void) {
        var bytes = ByteBuffer()
        write(&bytes)
        connection.heldCount += 1
        self.gate.hold(.packet(connection, Array(bytes.readableBytesView)))
    }

    /// Retained messages for a new subscription, RETAIN set. MQTT 5 §3.3.1.3.
    private func sendRetained(_ filter: TopicFilter, _ options: SubscriptionOptions, to session: ClientSession, on connection: Connection) {
        if filter.hasWildcards, !connection.limits.retainedForWildcards { return }
        self.retained.forEachMatch(filter) { _, retained in
            let message = retained.message
            if message.hasExpired(now: self.now) { return }
            let qos = min(message.qos, options.qos)
            if !connection.takes(message, qos: qos) {
                self.counters.droppedTooLarge += 1
                return
            }
            guard self.chargeDelivery(to: session) else { return }
            let hasRoom = connection.out.count < connection.maximumUnsentBytes
            if qos == .atMostOnce, hasRoom, !session.state.outbound.hasBacklog {
                self.write(message, to: connection, id: 0, qos: qos, retain: true, isDuplicate: false)
            } else if qos != .atMostOnce, hasRoom, let id = session.state.outbound.begin(qos: qos, retain: true, message: message) {
                self.journal(message, qos: qos, retain: true, packetID: id, for: session)
                self.write(message, to: connection, id: id, qos: qos, retain: true, isDuplicate: false)
            } else if session.state.outbound.enqueue(message, qos: qos, retain: true) {
                self.counters.messagesQueued += 1
                self.journal(message, qos: qos, retain: true, for: session)
            } else {
                self.counters.droppedQueueFull += 1
            }
        }
    }
}

extension Subscription.RetainHandling {
    fileprivate func sends(isNew: Bool) -> Bool {
        switch self {
        case .sendAtSubscribe: true
        case .sendIfNew: isNew
        case .doNotSend: false
        }
    }
}
