import Logging
import MQTTWire
import Sessions
import Timeline
import Topics

extension BrokerCore {
    /// Gives a message to everybody who subscribed to its topic.
    @inline(__always)
    func route(_ message: inout TransientMessage) {
        if self.deliveryWatch != nil { return self.routeWatched(&message) }
        let topic = message.topic
        if topic.routeStamp != self.routeStamp { self.fillRoute(of: topic) }
        let receivers = topic.route.receivers
        if receivers.count == 1 {
            self.deliver(&message, to: receivers[0], alone: true)
        } else if receivers.count > 1 {
            self.fanout.begin()
            for index in 0..<receivers.count { self.deliver(&message, to: receivers[index], alone: false) }
        }
        if !topic.route.shares.isEmpty { self.deliverToShares(&message) }
    }

    /// The same, for whoever wants to know what becomes of it at each session.
    ///
    /// - Parameter then: gets what the session's flight and the counters said before, and what these say now.
    func routeEach(
        _ message: inout TransientMessage,
        _ then: (ClientSession, _ before: (serial: UInt64, counters: Counters), _ after: Counters) -> Void
    ) {
        let route = self.route(of: message.topic)
        let publisher = message.publisher
        let receivers = route.receivers.filter { !$0.noLocal || $0.session !== publisher }
        for receiver in receivers + route.shares.indices.compactMap({ self.nextOfShare($0, of: message.topic) }) {
            let before = (receiver.session.state.outbound.lastSerial, self.counters)
            self.deliver(&message, to: receiver, alone: true)
            then(receiver.session, before, self.counters)
        }
    }

    @inline(__always)
    private func deliver(_ message: inout TransientMessage, to receiver: Route.Receiver, alone: Bool) {
        let session = receiver.session
        if receiver.noLocal, session === message.publisher { return }
        let qos = message.qos < receiver.qos ? message.qos : receiver.qos
        let retain = receiver.retainAsPublished && message.retain
        guard let connection = session.connection else {
            if qos != .atMostOnce, self.chargeDelivery(to: session) { self.queue(&message, for: session, qos: qos, retain: retain) }
            return
        }
        if message.largestPacketBytes > connection.largestPacketBytes || message.payload.count > connection.largestPayloadBytes,
            !connection.takes(
                topicBytes: message.topic.bytes.count, propertyBytes: message.properties.count, hasExpiry: message.expirySeconds != nil,
                payloadBytes: message.payload.count, qos: qos)
        {
            self.counters.droppedTooLarge += 1
            return
        }
        guard self.chargeDelivery(to: session) else { return }
        let hasRoom = connection.out.count < connection.maximumUnsentBytes
        var id: UInt16 = 0
        if qos == .atMostOnce {
            guard hasRoom else {
                self.counters.droppedSlowReader += 1
                return
            }
        } else {
            let stored = session.state.outbound.needsStoredMessages ? message.storedCopy() : nil
            guard hasRoom, let taken = session.state.outbound.begin(qos: qos, retain: retain, message: stored) else {
                self.queue(&message, for: session, qos: qos, retain: retain)
                return
            }
            id = taken
            if let stored {
                self.journal(stored, qos: qos, retain: retain, packetID: id, for: session)
            }
        }
        if self.waitsForJournal(qos, to: connection) {
            self.write(message.storedCopy(), to: connection, id: id, qos: qos, retain: retain, isDuplicate: false)
            return
        }
        let firstByte = PublishFlags.byte(qos: qos, retain: retain, isDuplicate: false)
        self.opened(connection)
        if alone {
            _ = message.write(to: &connection.out.buffer, version: connection.version, firstByte: firstByte, packetID: id)
        } else {
            self.fanout.append(message, to: &connection.out.buffer, version: connection.version, firstByte: firstByte, packetID: id)
        }
        self.counters.messagesDelivered += 1
        if let trace = connection.trace { trace.wrote(message.cause, topic: [UInt8](message.topic.bytes)) }
    }

    /// Keeps a message for a session that is away or has no room now.
    private func queue(_ message: inout TransientMessage, for session: ClientSession, qos: QoS, retain: Bool) {
        guard session.state.isKept || session.connection != nil else { return }
        let stored = message.storedCopy()
        if session.state.outbound.enqueue(stored, qos: qos, retain: retain) {
            self.counters.messagesQueued += 1
            self.journal(stored, qos: qos, retain: retain, for: session)
        } else {
            self.counters.droppedQueueFull += 1
            session.droppedCount += 1
            if session.droppedCount == 1 {
                self.logger.record(
                    .notice, "queue full: newest messages are dropped",
                    [.client: "\(session.clientID)", .count: "\(session.state.outbound.waitingCount)"])
            }
        }
    }

    /// Whether a delivery leaves only when the journal has its packet id.
    ///
    /// A client takes a QoS 2 message for a new one by its packet id alone: after a crash, no other message may come under an id that
    /// was sent. [MQTT5-4.3.3-10]
    func waitsForJournal(_ qos: QoS, to connection: Connection) -> Bool {
        self.holdsDeliveries || (qos == .exactlyOnce && self.awaitsJournal(connection))
    }

    /// Whether something that was promised to the client of a kept session, on this connection or an earlier one, may not be safe yet.
    func awaitsJournal(_ connection: Connection) -> Bool {
        self.gate.isWaiting && connection.session?.state.isKept == true
    }

    /// A message was just given to a session, to wait or under a packet id; if the session is kept, the journal gets it.
    func journal(_ message: StoredMessage, qos: QoS, retain: Bool, packetID: UInt16 = 0, for session: ClientSession) {
        guard session.state.isKept else { return }
        self.gate.append(
            .queued(
                session.number,
                OutboundFlight.Record(
                    serial: session.state.outbound.lastSerial, message: message, qos: qos, retain: retain, packetID: packetID)))
    }

    /// A message of a session is done; if that is kept, the journal forgets it.
    @inline(__always)
    func journal(released serial: UInt64, of session: ClientSession) {
        if session.state.isKept { self.gate.append(.released(session.number, serial: serial)) }
    }

    /// Each share gets one copy: its members take turns, those that are connected first. MQTT 5 §4.8.2.
    private func deliverToShares(_ message: inout TransientMessage) {
        for index in message.topic.route.shares.indices {
            if let receiver = self.nextOfShare(index, of: message.topic) { self.deliver(&message, to: receiver, alone: true) }
        }
    }

    private func nextOfShare(_ index: Int, of topic: Topic) -> Route.Receiver? {
        self.shareTurn &+= 1
        topic.route.shares[index].turn &+= 1
        let share = topic.route.shares[index]
        let count = share.members.count
        let start = Int(share.turn % UInt(count))
        let inTurn = (0..<count).lazy.map { share.members[(start + $0) % count] }
        return inTurn.first { $0.session.connection != nil } ?? inTurn.first { $0.session.state.isKept }
    }

    // MARK: Routes

    /// Where messages to a topic go now.
    func route(of topic: Topic) -> Route {
        if topic.routeStamp != self.routeStamp { self.fillRoute(of: topic) }
        return topic.route
    }

    private func fillRoute(of topic: Topic) {
        var matches: [(slot: Int, options: SubscriptionOptions)] = []
        self.subscriptions.forEachMatch(topic.bytes) { slot, options, isParentOfHash in
            if isParentOfHash, !options.hashMatchesParent { return }
            matches.append((slot, options))
        }
        // The order of delivery is that of the sessions' slots, so that runs repeat.
        matches.sort { $0.slot < $1.slot }
        var route = Route()
        var groups: [ShareKey: [Route.Receiver]] = [:]
        for (slot, options) in matches {
            guard let session = self.sessionsBySlot[slot] else { continue }
            let receiver = Route.Receiver(
                session: session, qos: options.qos, noLocal: options.noLocal, retainAsPublished: options.retainAsPublished)
            if let share = options.share {
                groups[share, default: []].append(receiver)
            } else {
                route.add(receiver)
            }
        }
        route.shares = groups.sorted { $0.key < $1.key }.map { Route.Share(members: $0.value, turn: self.shareTurn) }
        topic.route = route
        topic.routeStamp = self.routeStamp
    }

    /// A subscription to `filter` came or went: what was cached for its topics is stale.
    func routesChanged(for filter: TopicFilter) {
        if filter.hasWildcards {
            self.routeStamp &+= 1
            return
        }
        filter.bytes.withUnsafeBytes { name in
            self.topics.find(name, hash: TopicTable.hash(name, seed: self.topicSeed))?.routeStamp = 0
        }
    }
}
