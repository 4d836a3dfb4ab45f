import MQTTWire
import Sessions
import Timeline
import Topics

extension BrokerCore {
    /// A PUBLISH came: checked, routed, kept if it asks for it, handed to its service, acknowledged. MQTT 5 §3.3.
    @inline(__always)
    func publishReceived(_ frame: inout FrameReader, _ body: UnsafeRawBufferPointer, on connection: Connection) throws(WireError) {
        let publish = try Publish.read(&frame)
        self.counters.publishesReceived += 1
        guard let session = connection.session else { return }
        let payload = UnsafeRawBufferPointer(rebasing: body[publish.payload])
        if publish.qos.rawValue > connection.maximumQoS.rawValue || payload.count > connection.largestPayloadBytes,
            let end = connection.machine.refuses(qos: publish.qos, payloadBytes: payload.count)
        {
            self.end(connection, end)
            return
        }
        let name = UnsafeRawBufferPointer(rebasing: body[publish.topic])
        if publish.hasSubscriptionIdentifiers {
            self.end(
                connection, .violation(.protocolError, "PUBLISH with a subscription identifier, which only servers send [MQTT5-3.3.4-6]"))
            return
        }
        guard let topic = self.topic(named: name, alias: publish.topicAlias, on: connection) else { return }
        if !topic.isOrdinary, !self.admits(publish, to: topic, on: connection) { return }
        if let quotas = connection.quotas, !self.charge(publish, to: quotas, on: connection) { return }
        let entriesBefore = self.gate.entryCount
        if publish.qos == .exactlyOnce, !self.isNew(publish, in: session, on: connection) { return }

        let cause = self.nextCause()
        if publish.properties.isEmpty {
            var message = TransientMessage(
                topic: topic, payload: payload, qos: publish.qos, retain: publish.retain, cause: cause, publisher: session)
            self.publish(&message)
        } else {
            self.publishWithProperties(publish, topic, payload, body, cause: cause, from: session, limits: connection.limits)
        }
        if publish.qos != .atMostOnce {
            self.acknowledge(publish, on: connection, waitsForJournal: self.gate.entryCount != entriesBefore)
        }
    }

    /// Routes a message, keeps it if it is retained and lets the service it is meant for act on it.
    @inline(__always)
    private func publish(_ message: inout TransientMessage) {
        if self.isObserved { self.tellObservers(of: message) }
        self.route(&message)
        if message.retain { self.retain(&message) }
        if !message.topic.isOrdinary, case .shadowRequest(let request) = message.topic.kind {
            let asker = message.publisher.map { Asker.client($0.clientID, principal: $0.connection?.principal) } ?? .unnamed
            let way = message.publisher?.connection.map { RequestWay(door: $0.door, connection: $0.number) }
            self.handle(request, payload: message.payload, cause: message.cause, from: asker, by: way)
        }
    }

    private func publishWithProperties(
        _ publish: Publish, _ topic: Topic, _ payload: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, cause: CauseID,
        from session: ClientSession, limits: SessionLimits
    ) {
        let seconds = limits.messageExpiry(publish.messageExpirySeconds)
        let expiresAt = seconds.map { self.now + .seconds(Int64($0)) }
        if publish.propertiesForwardVerbatim {
            var message = TransientMessage(
                topic: topic, payload: payload, properties: UnsafeRawBufferPointer(rebasing: body[publish.properties]), qos: publish.qos,
                retain: publish.retain, cause: cause, publisher: session, expiresAt: expiresAt, expirySeconds: seconds)
            self.publish(&message)
        } else {
            var forwarded: [UInt8] = []
            publish.appendForwardedProperties(from: body, to: &forwarded)
            forwarded.withUnsafeBytes { properties in
                var message = TransientMessage(
                    topic: topic, payload: payload, properties: properties, qos: publish.qos, retain: publish.retain, cause: cause,
                    publisher: session, expiresAt: expiresAt, expirySeconds: seconds)
                self.publish(&message)
            }
        }
    }

    /// A message of the service itself: QoS 1, never retained.
    func publishFromService(topic name: [UInt8], payload: [UInt8], cause: CauseID) {
        name.withUnsafeBytes { name in
            payload.withUnsafeBytes { payload in
                guard let topic = self.intern(name) else { return }
                var message = TransientMessage(
                    topic: topic, payload: payload, qos: .atLeastOnce, retain: false, cause: cause, publisher: nil)
                if self.isObserved { self.tellObservers(of: message) }
                self.route(&message)
            }
        }
    }

    /// Publishes a will. It reaches subscribers but, as on AWS, never the shadow service. (Developer Guide, "Device Shadow MQTT topics".)
    func publish(_ will: Will, of session: ClientSession) {
        let cause = self.nextCause()
        let seconds = session.state.limits.messageExpiry(will.messageExpirySeconds)
        let expiresAt = seconds.map { self.now + .seconds(Int64($0)) }
        let properties = will.forwardedProperties
        Array(will.topic.utf8).withUnsafeBytes { name in
            will.payload.withUnsafeBytes { payload in
                properties.withUnsafeBytes { properties in
                    guard let topic = self.intern(name) else { return }
                    var message = TransientMessage(
                        topic: topic, payload: payload, properties: properties, qos: will.qos, retain: will.retain, cause: cause,
                        publisher: session, expiresAt: expiresAt, expirySeconds: seconds)
                    if self.isObserved { self.tellObservers(of: message) }
                    self.route(&message)
                    if will.retain { self.retain(&message) }
                }
            }
        }
    }

    // MARK: Checks

    /// The topic a PUBLISH names, by its bytes or by an alias; `nil` when the connection was ended for it.
    @inline(__always)
    private func topic(named name: UnsafeRawBufferPointer, alias: UInt16?, on connection: Connection) -> Topic? {
        if alias == nil, let last = connection.lastTopic, TopicTable.equal(last.bytes, name), last.isInTable { return last }
        return self.otherTopic(named: name, alias: alias, on: connection)
    }

    private func otherTopic(named name: UnsafeRawBufferPointer, alias: UInt16?, on connection: Connection) -> Topic? {
        if let alias {
            guard alias >= 1, alias <= connection.limits.topicAliasMaximum else {
                self.end(
                    connection,
                    .violation(.topicAliasInvalid, "topic alias \(alias); this door takes 1 to \(connection.limits.topicAliasMaximum)"))
                return nil
            }
            if name.isEmpty {
                if connection.aliases.count >= Int(alias), let known = connection.aliases[Int(alias) - 1] {
                    if known.isInTable { return known }
                    let again = self.intern(known.bytes)
                    connection.aliases[Int(alias) - 1] = again
                    return again
                }
                self.end(connection, .violation(.topicAliasInvalid, "topic alias \(alias) was never given a topic on this connection"))
                return nil
            }
        }
        let topic: Topic
        do {
            topic = try self.checkedTopic(name, limits: connection.limits.topic)
        } catch {
            self.end(connection, .violation(error.publishReason, "PUBLISH with a topic that is not a topic name: \(error.text)"))
            return nil
        }
        if let alias {
            while connection.aliases.count < Int(alias) { connection.aliases.append(nil) }
            connection.aliases[Int(alias) - 1] = topic
        }
        connection.lastTopic = topic
        return topic
    }

    private func checkedTopic(_ name: UnsafeRawBufferPointer, limits: TopicLimits) throws(TopicError) -> Topic {
        let hash = TopicTable.hash(name, seed: self.topicSeed)
        if let topic = self.topics.find(name, hash: hash) {
            topic.wasUsed = true
            if topic.bytes.count > limits.maximumBytes || topic.slashes > limits.maximumSlashes ?? .max {
                _ = try TopicName(name, limits: limits)
            }
            return topic
        }
        _ = try TopicName(name, limits: limits)
        let topic = Topic(copying: name, hash: hash)
        self.topics.insert(topic)
        return topic
    }

    /// The topic of these bytes; `nil` if they are no topic name.
    func intern(_ name: UnsafeRawBufferPointer) -> Topic? {
        try? self.checkedTopic(name, limits: .specification)
    }

    /// The rules of topics that begin with `$`. (AWS IoT Developer Guide, "Reserved topics".)
    private func admits(_ publish: Publish, to topic: Topic, on connection: Connection) -> Bool {
        let refuses = connection.limits.refusesReservedTopics
        guard let obstacle = ReservedTopics.obstacle(to: topic.kind, retain: publish.retain, refusesReserved: refuses) else { return true }
        self.end(connection, .violation(.topicNameInvalid, "PUBLISH\(publish.retain ? " with RETAIN" : "") to \(topic.text); \(obstacle)"))
        return false
    }

    private func isNew(_ publish: Publish, in session: ClientSession, on connection: Connection) -> Bool {
        switch session.state.inbound.publishReceived(publish.packetIDRaw, receiveMaximum: connection.limits.receiveMaximum) {
        case .new:
            if session.state.isKept { self.gate.append(.arrived(session.number, packetID: publish.packetIDRaw)) }
            return true
        case .duplicate:
            self.acknowledge(publish, on: connection, waitsForJournal: self.awaitsJournal(connection))
            return false
        case .overLimit:
            self.end(
                connection,
                .violation(
                    .receiveMaximumExceeded, "more than \(connection.limits.receiveMaximum) QoS 2 messages are in flight towards the broker"
                ))
            return false
        }
    }

    /// PUBACK or PUBREC, in the order the messages came. [MQTT5-4.6.0-2]
    @inline(__always)
    private func acknowledge(_ publish: Publish, on connection: Connection, waitsForJournal: Bool) {
        let firstByte: UInt8 = publish.qos == .atLeastOnce ? 0x40 : 0x50
        if waitsForJournal || connection.heldCount > 0 {
            connection.heldCount += 1
            let id = publish.packetIDRaw
            self.gate.hold(.packet(connection, [firstByte, 2, UInt8(truncatingIfNeeded: id >> 8), UInt8(truncatingIfNeeded: id)]))
            return
        }
        self.opened(connection)
        connection.out.append(acknowledgement: firstByte, id: publish.packetIDRaw)
    }
}

extension TopicError {
    /// Text that is no text is malformed [MQTT5-1.5.4-1] [MQTT5-1.5.4-2]; a name that breaks a rule of topics is invalid.
    fileprivate var publishReason: Reason {
        switch self {
        case .malformedUTF8, .nullCharacter: .malformedPacket
        // A name of no bytes needs an alias. MQTT 5 §3.3.2.1.
        case .empty: .protocolError
        default: .topicNameInvalid
        }
    }
}
