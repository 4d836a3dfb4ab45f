package import MQTTWire
package import Timeline

/// A message as it arrived.
package struct ReceivedMessage: Equatable, Sendable {
    package var topic: String
    package var payload: [UInt8]
    package var qos: QoS
    package var retain: Bool
    package var isDuplicate: Bool
    package var properties: PublishProperties
    /// When its last byte was read, on this process's monotonic clock.
    package var receivedAt: Instant

    package init(
        topic: String, payload: [UInt8], qos: QoS = .atMostOnce, retain: Bool = false, isDuplicate: Bool = false,
        properties: PublishProperties = .init(), receivedAt: Instant
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.isDuplicate = isDuplicate
        self.properties = properties
        self.receivedAt = receivedAt
    }

    /// The payload as text, with replacement characters where it is not UTF-8.
    package var text: String { String(decoding: self.payload, as: UTF8.self) }
}

/// A message to publish.
package struct ClientPublish: Equatable, Sendable {
    package var topic: String
    package var payload: [UInt8]
    package var qos: QoS
    package var retain: Bool
    /// 5.0 only; left out towards older servers.
    package var properties: PublishProperties

    package init(
        topic: String, payload: [UInt8], qos: QoS = .atMostOnce, retain: Bool = false, properties: PublishProperties = .init()
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.properties = properties
    }
}

/// The server's answer to a publish: PUBACK, PUBCOMP (or a refusing PUBREC), or for QoS 0 that it left.
package struct PublishAcknowledgement: Equatable, Sendable {
    package var reason: Reason
    package var reasonString: String?
    /// When the packet was handed to the socket; later than the call when the server's receive maximum was reached.
    package var sentAt: Instant
    package var acknowledgedAt: Instant
}

/// The server's answer to SUBSCRIBE or UNSUBSCRIBE, a reason per filter in the order asked.
package struct SubscriptionAcknowledgement: Equatable, Sendable {
    /// For 3.1.1: granted QoS or 0x80 as reasons; empty for UNSUBACK before 5.0, which has none.
    package var reasons: [Reason]
    package var reasonString: String?
    package var acknowledgedAt: Instant

    /// Every filter was accepted.
    package var isSuccess: Bool { !self.reasons.contains(where: \.isError) }
}

/// What the server granted at CONNACK.
package struct ConnectionGrant: Equatable, Sendable {
    package var sessionPresent: Bool
    /// The client id in use: ours or the one assigned.
    package var clientID: String
    package var keepAliveSeconds: UInt16
    package var connack: Connack
    package var acknowledgedAt: Instant
}

/// How a connection ended.
package enum ConnectionEnd: Equatable, Sendable {
    /// `disconnect` was called: the server publishes no will (but for reason 0x04).
    case disconnected
    /// `drop` was called: no goodbye was said.
    case dropped
    case failed(MQTTClientError)

    /// What calls still waiting are told.
    package var error: MQTTClientError {
        switch self {
        case .disconnected, .dropped: .closedByUs
        case .failed(let error): error
        }
    }
}
