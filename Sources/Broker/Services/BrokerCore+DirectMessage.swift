package import MQTTWire
package import Sessions
package import Topics

/// A message for one client, whatever it subscribed to. Source: `mqtt.md` §13, SendDirectMessage.
package struct DirectMessage: Sendable {
    package let topic: TopicName
    package let payload: [UInt8]
    package let properties: PublishProperties

    package init(topic: TopicName, payload: [UInt8], properties: PublishProperties) {
        self.topic = topic
        self.payload = payload
        self.properties = properties
    }
}

/// What became of a direct message.
package enum DirectDelivery: Equatable, Sendable {
    /// Written towards the client; if confirmation was asked for, the client has confirmed it.
    case delivered
    case notConnected
    /// The client or its door takes no packet of this size.
    case tooLarge
    /// No confirmation came in time.
    case unconfirmed
    /// The connection ended before the confirmation came, for the reason given.
    case interrupted(String)
    /// As many messages as the client may have unconfirmed are on their way.
    case windowIsFull
}

/// A packet whose acknowledgement somebody waits for.
struct AwaitedConfirmation: Hashable {
    /// The connection's number.
    let connection: UInt64
    let packetID: UInt16
}

extension BrokerCore {
    /// Sends a message to one client, at QoS 1 when its confirmation is waited for and at QoS 0 otherwise.
    ///
    /// - Parameters:
    ///   - patience: how long to wait for the confirmation; `nil` does not ask for one.
    ///   - answer: called once, on the core's loop, now or later.
    package func send(
        _ direct: DirectMessage, to client: ClientID, confirmedWithin patience: Duration?, answer: @escaping (DirectDelivery) -> Void
    ) {
        self.beginTick()
        guard let session = self.sessions[client], let connection = session.connection else { return answer(.notConnected) }
        let qos: QoS = patience == nil ? .atMostOnce : .atLeastOnce
        let message = StoredMessage(
            topic: direct.topic.bytes, payload: direct.payload, properties: direct.properties.encoded, qos: qos,
            cause: self.nextCause().rawValue, expiresAt: nil)
        guard connection.takes(message, qos: qos) else { return answer(.tooLarge) }
        guard let patience else {
            self.write(message, to: connection, id: 0, qos: qos, retain: false, isDuplicate: false)
            return answer(.delivered)
        }
        guard let id = session.state.outbound.begin(qos: qos, retain: false, message: message) else { return answer(.windowIsFull) }
        self.journal(message, qos: qos, retain: false, packetID: id, for: session)
        self.write(message, to: connection, id: id, qos: qos, retain: false, isDuplicate: false)
        let awaited = AwaitedConfirmation(connection: connection.number, packetID: id)
        let timer = self.schedule(after: patience, on: connection.timeLine) { [weak self] in
            if self?.awaitedConfirmations.removeValue(forKey: awaited) != nil { answer(.unconfirmed) }
        }
        self.awaitedConfirmations[awaited] = { [weak self] delivery in
            self?.cancel(timer)
            answer(delivery)
        }
    }

    func confirm(_ id: PacketID, from connection: Connection) {
        let awaited = AwaitedConfirmation(connection: connection.number, packetID: id.rawValue)
        self.awaitedConfirmations.removeValue(forKey: awaited)?(.delivered)
    }

    /// Nothing more comes from this connection: whoever waits for its confirmations hears of it now.
    func interruptConfirmations(from connection: Connection, _ end: ConnectionEnd) {
        let awaited = self.awaitedConfirmations.keys.filter { $0.connection == connection.number }
        for awaited in awaited.sorted(by: { $0.packetID < $1.packetID }) {
            self.awaitedConfirmations.removeValue(forKey: awaited)?(.interrupted(end.text))
        }
    }
}
