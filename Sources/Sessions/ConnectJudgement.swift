package import MQTTWire
import Topics

/// What a CONNECT asks for, after a door's limits have been applied.
package struct AcceptedConnect: Sendable {
    package let version: ProtocolVersion
    package let clientID: ClientID
    package let clientIDWasAssigned: Bool
    package let cleanStart: Bool
    /// How long the session outlives the connection; 0 ends it with the connection, `UInt32.max` is for ever.
    package let sessionExpirySeconds: UInt32
    /// The expiry the client asked for, when it got another one.
    package let askedSessionExpirySeconds: UInt32?
    /// The keep alive in force; 0 is off.
    package let keepAliveSeconds: UInt16
    package let askedKeepAliveSeconds: UInt16
    /// QoS 1 and 2 messages that may be in flight towards the client.
    package let outboundWindow: Int
    /// The largest packet the client takes; `nil` for any.
    package let clientMaximumPacketBytes: Int?
    package let clientTopicAliasMaximum: UInt16
    package let will: Will?
    package let wantsProblemInformation: Bool

    /// Whether the session outlives the connection.
    package var isKept: Bool { self.sessionExpirySeconds > 0 }

    /// The answer to this CONNECT. MQTT 5 §3.2.
    package func connack(sessionPresent: Bool, limits: SessionLimits) -> Connack {
        var connack = Connack(sessionPresent: sessionPresent, reason: .success)
        guard self.version == .v5 else { return connack }
        connack.sessionExpirySeconds = self.askedSessionExpirySeconds == nil ? nil : self.sessionExpirySeconds
        connack.receiveMaximum = limits.receiveMaximum == .max ? nil : limits.receiveMaximum
        connack.maximumQoS = limits.maximumQoS == .exactlyOnce ? nil : limits.maximumQoS
        connack.maximumPacketBytes = limits.announcesMaximumPacket ? UInt32(limits.maximumPacketBytes) : nil
        connack.assignedClientID = self.clientIDWasAssigned ? self.clientID.text : nil
        connack.topicAliasMaximum = limits.topicAliasMaximum == 0 ? nil : limits.topicAliasMaximum
        connack.retainAvailable = limits.announcesEveryFeature ? true : nil
        connack.wildcardSubscriptionAvailable = limits.announcesEveryFeature ? true : nil
        connack.subscriptionIdentifierAvailable =
            limits.announcesEveryFeature || !limits.subscriptionIdentifiersAvailable ? limits.subscriptionIdentifiersAvailable : nil
        connack.sharedSubscriptionAvailable =
            limits.announcesEveryFeature || !limits.sharedSubscriptionsAvailable ? limits.sharedSubscriptionsAvailable : nil
        connack.serverKeepAliveSeconds =
            limits.announcesEveryFeature || self.keepAliveSeconds != self.askedKeepAliveSeconds ? self.keepAliveSeconds : nil
        return connack
    }
}

/// Why a CONNECT is refused, as each protocol version says it.
package struct ConnectRefusal: Error, Equatable, Sendable {
    package let reason: Reason
    /// The return code for 3.1 and 3.1.1; `nil` closes without CONNACK.
    package let returnCode: ConnectReturnCode?
    package let text: String
    /// The connection is closed without CONNACK whatever the version.
    package let isSilent: Bool

    package init(reason: Reason, returnCode: ConnectReturnCode?, text: String, isSilent: Bool = false) {
        self.reason = reason
        self.returnCode = returnCode
        self.text = text
        self.isSilent = isSilent
    }
}

extension SessionLimits {
    /// Judges a CONNECT. MQTT 5 §3.1.4, 3.1.1 §3.1.4; AWS IoT Developer Guide, "MQTT".
    ///
    /// - Parameter freshClientID: makes the part of a client id that follows the prefix; called at most once.
    package func judge(_ connect: Connect, freshClientID: () -> String) throws(ConnectRefusal) -> AcceptedConnect {
        let clientID = try self.clientID(of: connect, freshClientID: freshClientID)
        if connect.authenticationMethod != nil {
            throw ConnectRefusal(
                reason: .badAuthenticationMethod, returnCode: nil, text: "enhanced authentication (AUTH) is not supported")
        }
        if let will = connect.will { try self.check(will) }
        let asked = self.askedExpiry(connect)
        let ceiling = connect.protocolVersion == .v5 ? self.maximumSessionExpirySeconds : self.keptSessionExpirySeconds
        let expiry = min(asked, ceiling)
        let keepAlive = self.keepAlive.effective(connect.keepAliveSeconds)
        return AcceptedConnect(
            version: connect.protocolVersion,
            clientID: clientID.id,
            clientIDWasAssigned: clientID.wasAssigned,
            cleanStart: connect.cleanStart,
            sessionExpirySeconds: expiry,
            askedSessionExpirySeconds: (expiry != asked || self.announcesEveryFeature) && connect.protocolVersion == .v5 && asked > 0
                ? asked : nil,
            keepAliveSeconds: keepAlive,
            askedKeepAliveSeconds: connect.keepAliveSeconds,
            outboundWindow: min(Int(connect.receiveMaximum ?? .max), Int(self.maximumOutboundInFlight)),
            clientMaximumPacketBytes: connect.maximumPacketBytes.map(Int.init),
            clientTopicAliasMaximum: connect.topicAliasMaximum ?? 0,
            will: connect.will,
            wantsProblemInformation: connect.requestProblemInformation ?? true)
    }

    private func askedExpiry(_ connect: Connect) -> UInt32 {
        if connect.protocolVersion == .v5 { return connect.sessionExpirySeconds ?? 0 }
        return connect.cleanStart ? 0 : self.keptSessionExpirySeconds
    }

    private func clientID(
        of connect: Connect, freshClientID: () -> String
    ) throws(ConnectRefusal) -> (id: ClientID, wasAssigned: Bool) {
        let given = connect.clientID
        if given.isEmpty {
            // 3.1 wants one; 3.1.1 wants one for a kept session. [MQTT3-3.1.3-8]
            if connect.protocolVersion == .v31 || (connect.protocolVersion == .v311 && !connect.cleanStart) {
                throw ConnectRefusal(
                    reason: .clientIdentifierNotValid, returnCode: .identifierRejected,
                    text: "an empty client id needs clean session 1; give the client an id to keep its session")
            }
            return (ClientID(self.assignedClientIDPrefix + freshClientID()), true)
        }
        if given.utf8.count > self.maximumClientIDBytes {
            throw ConnectRefusal(
                reason: .clientIdentifierNotValid, returnCode: .identifierRejected,
                text: "the client id has \(given.utf8.count) bytes; at most \(self.maximumClientIDBytes) are allowed")
        }
        if self.reservesDollarClientIDs, given.utf8.first == UInt8(ascii: "$") {
            throw ConnectRefusal(
                reason: .clientIdentifierNotValid, returnCode: .identifierRejected,
                text: "client ids that start with $ are the service's own")
        }
        return (ClientID(given), false)
    }

    private func check(_ will: Will) throws(ConnectRefusal) {
        if will.qos > self.maximumQoS {
            // AWS closes a 3.1.1 connection without CONNACK (bertmelis/espMqttClient#116).
            throw ConnectRefusal(
                reason: .qosNotSupported, returnCode: nil,
                text: "the will asks for QoS \(will.qos.rawValue); this door offers at most \(self.maximumQoS.rawValue)")
        }
        do {
            _ = try TopicName(will.topic, limits: self.topic)
        } catch {
            throw ConnectRefusal(
                reason: .topicNameInvalid, returnCode: nil, text: "the will's topic is not usable: \(error.text)")
        }
        if let most = self.maximumPayloadBytes, will.payload.count > most {
            throw ConnectRefusal(
                reason: .packetTooLarge, returnCode: nil,
                text: "the will's payload has \(will.payload.count) bytes; at most \(most) are allowed")
        }
    }
}
