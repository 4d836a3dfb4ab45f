package import MQTTWire
package import Timeline

/// The protocol rules of one connection: what may arrive when, and what ends it.
///
/// It holds no session and no bytes; the shell performs what it returns.
///
/// Not copyable: it lives in its connection and carries the door's limits, which no packet should pay for moving.
package struct ConnectionMachine: ~Copyable {
    package enum Phase: Sendable {
        case awaitingConnect
        case connected
        case ended
    }

    package private(set) var phase = Phase.awaitingConnect
    /// The phase is `connected`: what is asked for each packet.
    package private(set) var isConnected = false
    package private(set) var version = ProtocolVersion.v311
    package var keepAlive: KeepAlive
    package let limits: SessionLimits
    /// When the connection ends if no CONNECT has come.
    package let connectDeadline: Instant
    private var sessionExpirySeconds: UInt32 = 0

    package init(limits: SessionLimits, now: Instant) {
        self.limits = limits
        self.connectDeadline = now + limits.connectTimeout
        self.keepAlive = KeepAlive(seconds: 0, now: now)
    }

    /// Whether a packet of this type may arrive now.
    package func admits(_ type: PacketType) -> ConnectionEnd? {
        switch (self.phase, type) {
        case (.connected, .publish), (.connected, .puback), (.connected, .pubrec), (.connected, .pubrel), (.connected, .pubcomp),
            (.connected, .subscribe), (.connected, .unsubscribe), (.connected, .pingreq), (.connected, .disconnect),
            (.awaitingConnect, .connect):
            return nil
        case (.connected, .connect):
            return .violation(.protocolError, "a second CONNECT came on one connection")
        case (.awaitingConnect, _):
            return ConnectionEnd(
                cause: .clientError, reason: nil, text: "the first packet was \(type), not CONNECT")
        case (.connected, .auth):
            return .violation(.protocolError, "AUTH came, but no enhanced authentication was agreed")
        case (.connected, _), (.ended, _):
            return .violation(.protocolError, "\(type) is never sent by a client")
        }
    }

    package mutating func connected(_ accepted: AcceptedConnect, now: Instant) {
        self.phase = .connected
        self.isConnected = true
        self.version = accepted.version
        self.sessionExpirySeconds = accepted.sessionExpirySeconds
        self.keepAlive = KeepAlive(seconds: accepted.keepAliveSeconds, now: now)
    }

    package mutating func ended() {
        self.phase = .ended
        self.isConnected = false
    }

    /// Whether a PUBLISH with these features may be routed; the topic is judged apart, once per name.
    package func refuses(qos: QoS, payloadBytes: Int) -> ConnectionEnd? {
        if qos > self.limits.maximumQoS {
            return .violation(
                .qosNotSupported, "PUBLISH with QoS \(qos.rawValue); this door offers at most QoS \(self.limits.maximumQoS.rawValue)")
        }
        if let most = self.limits.maximumPayloadBytes, payloadBytes > most {
            return .violation(.packetTooLarge, "PUBLISH with a payload of \(payloadBytes) bytes; at most \(most) are allowed")
        }
        return nil
    }

    /// Whether a SUBSCRIBE may be answered at all.
    package func refuses(_ subscribe: Subscribe) -> ConnectionEnd? {
        if let most = self.limits.maximumFiltersPerSubscribe, subscribe.filters.count > most {
            return .violation(
                .quotaExceeded, "SUBSCRIBE with \(subscribe.filters.count) filters; at most \(most) are allowed")
        }
        if subscribe.subscriptionIdentifier != nil, !self.limits.subscriptionIdentifiersAvailable {
            return .violation(
                .subscriptionIdentifiersNotSupported, "SUBSCRIBE with a subscription identifier, which this door does not offer")
        }
        if self.limits.maximumQoS == .atLeastOnce, subscribe.filters.contains(where: { $0.qos == .exactlyOnce }) {
            // AWS sends no SUBACK to it, so a client would wait for ever; it is told instead.
            return .violation(.qosNotSupported, "SUBSCRIBE asks for QoS 2; this door offers at most QoS 1 and AWS sends no SUBACK")
        }
        return nil
    }

    /// The client says goodbye.
    ///
    /// - Returns: the end, and the session expiry it changed to. MQTT 5 §3.14.2.2.2.
    package func disconnectReceived(_ disconnect: Disconnect) -> (end: ConnectionEnd, sessionExpirySeconds: UInt32?) {
        if let asked = disconnect.sessionExpirySeconds, asked > 0, self.sessionExpirySeconds == 0 {
            return (.violation(.protocolError, "DISCONNECT asks to keep a session that CONNECT did not ask to keep"), nil)
        }
        let withWill = disconnect.reason == .disconnectWithWill
        let end = ConnectionEnd(
            cause: .clientInitiated, reason: nil,
            text: withWill ? "the client said goodbye and asked for its will" : "the client said goodbye",
            discardsWill: disconnect.reason == .success)
        let expiry = disconnect.sessionExpirySeconds.map { min($0, self.limits.maximumSessionExpirySeconds) }
        return (end, expiry)
    }
}
