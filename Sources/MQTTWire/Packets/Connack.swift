/// CONNACK (MQTT 5 §3.2; 3.1.1 §3.2; 3.1 §3.2).
///
/// A nil property is absent on the wire; its meaning then is given with it.
package struct Connack: ControlPacket {
    package static var packetType: PacketType { .connack }

    /// The server goes on with an earlier session. Not in 3.1.
    package var sessionPresent: Bool
    /// The answer; read from an older packet, the reason that its return code means.
    package var reason: Reason
    /// The answer as packets before MQTT 5 carry it.
    package var returnCode: ConnectReturnCode

    /// What the server made of the session expiry; absent means as the client asked (MQTT 5 §3.2.2.3.2).
    package var sessionExpirySeconds: UInt32?
    /// Unacknowledged QoS 1 and 2 messages the server takes; not 0, absent means 65 535 (MQTT 5 §3.2.2.3.3).
    package var receiveMaximum: UInt16?
    /// The best QoS the server offers, 0 or 1; absent means 2 (MQTT 5 §3.2.2.3.4).
    package var maximumQoS: QoS?
    /// Retained messages are taken; absent means true (MQTT 5 §3.2.2.3.5).
    package var retainAvailable: Bool?
    /// The largest packet the server takes; not 0, absent means no limit (MQTT 5 §3.2.2.3.6).
    package var maximumPacketBytes: UInt32?
    /// The identifier the server gave to a client without one (MQTT 5 §3.2.2.3.7).
    package var assignedClientID: String?
    /// The highest alias the server takes; absent means 0: none (MQTT 5 §3.2.2.3.8).
    package var topicAliasMaximum: UInt16?
    /// Words for people (MQTT 5 §3.2.2.3.9).
    package var reasonString: String?
    /// For the application (MQTT 5 §3.2.2.3.10).
    package var userProperties: [UserProperty]
    /// Wildcards are taken in filters; absent means true (MQTT 5 §3.2.2.3.11).
    package var wildcardSubscriptionAvailable: Bool?
    /// Subscription identifiers are taken; absent means true (MQTT 5 §3.2.2.3.12).
    package var subscriptionIdentifierAvailable: Bool?
    /// Shared subscriptions are taken; absent means true (MQTT 5 §3.2.2.3.13).
    package var sharedSubscriptionAvailable: Bool?
    /// The keep alive to use instead of the one asked for (MQTT 5 §3.2.2.3.14).
    package var serverKeepAliveSeconds: UInt16?
    /// What to build response topics from (MQTT 5 §3.2.2.3.15).
    package var responseInformation: String?
    /// Another server to use (MQTT 5 §3.2.2.3.16).
    package var serverReference: String?
    /// The name of the extended authentication (MQTT 5 §3.2.2.3.17).
    package var authenticationMethod: String?
    /// Its data (MQTT 5 §3.2.2.3.18).
    package var authenticationData: [UInt8]?

    /// An answer; `returnCode` is the one nearest to `reason` unless given.
    package init(
        sessionPresent: Bool = false, reason: Reason = .success, returnCode: ConnectReturnCode? = nil, sessionExpirySeconds: UInt32? = nil,
        receiveMaximum: UInt16? = nil, maximumQoS: QoS? = nil, retainAvailable: Bool? = nil, maximumPacketBytes: UInt32? = nil,
        assignedClientID: String? = nil, topicAliasMaximum: UInt16? = nil, reasonString: String? = nil,
        userProperties: [UserProperty] = [], wildcardSubscriptionAvailable: Bool? = nil, subscriptionIdentifierAvailable: Bool? = nil,
        sharedSubscriptionAvailable: Bool? = nil, serverKeepAliveSeconds: UInt16? = nil, responseInformation: String? = nil,
        serverReference: String? = nil, authenticationMethod: String? = nil, authenticationData: [UInt8]? = nil
    ) {
        self.sessionPresent = sessionPresent
        self.reason = reason
        self.returnCode = returnCode ?? ConnectReturnCode(reason)
        self.sessionExpirySeconds = sessionExpirySeconds
        self.receiveMaximum = receiveMaximum
        self.maximumQoS = maximumQoS
        self.retainAvailable = retainAvailable
        self.maximumPacketBytes = maximumPacketBytes
        self.assignedClientID = assignedClientID
        self.topicAliasMaximum = topicAliasMaximum
        self.reasonString = reasonString
        self.userProperties = userProperties
        self.wildcardSubscriptionAvailable = wildcardSubscriptionAvailable
        self.subscriptionIdentifierAvailable = subscriptionIdentifierAvailable
        self.sharedSubscriptionAvailable = sharedSubscriptionAvailable
        self.serverKeepAliveSeconds = serverKeepAliveSeconds
        self.responseInformation = responseInformation
        self.serverReference = serverReference
        self.authenticationMethod = authenticationMethod
        self.authenticationData = authenticationData
    }

    package static func read(_ frame: inout FrameReader) throws(WireError) -> Connack {
        let flags = try frame.byte()
        let code = try frame.byte()
        var connack: Connack
        switch frame.version {
        case .v31:
            // The first byte is unused there (3.1 §3.2).
            let returnCode = ConnectReturnCode(rawValue: code)
            connack = Connack(reason: returnCode.reason, returnCode: returnCode)
        case .v311:
            let returnCode = ConnectReturnCode(rawValue: code)
            connack = Connack(sessionPresent: flags & 1 == 1, reason: returnCode.reason, returnCode: returnCode)
        case .v5:
            let reason = Reason(rawValue: code)
            guard reason.isAllowed(in: .connack) else { throw .unknownReason(.connack, code: code) }
            connack = Connack(sessionPresent: flags & 1 == 1, reason: reason)
        }
        if frame.version != .v31 {
            guard flags <= 1 else { throw .reservedConnackFlags(flags) }
            guard code == 0 || !connack.sessionPresent else { throw .sessionPresentOnRefusal(code: code) }
        }
        if frame.version == .v5 {
            try connack.readProperties(&frame)
        }
        try frame.finish()
        return connack
    }

    private mutating func readProperties(_ frame: inout FrameReader) throws(WireError) {
        var properties = try frame.properties(in: .connack)
        while let id = try properties.next() {
            switch id {
            case .sessionExpiryInterval: self.sessionExpirySeconds = try properties.frame.uint32()
            case .assignedClientIdentifier: self.assignedClientID = try properties.frame.string()
            case .serverKeepAlive: self.serverKeepAliveSeconds = try properties.frame.uint16()
            case .authenticationMethod: self.authenticationMethod = try properties.frame.string()
            case .authenticationData: self.authenticationData = try properties.frame.data()
            case .responseInformation: self.responseInformation = try properties.frame.string()
            case .serverReference: self.serverReference = try properties.frame.string()
            case .reasonString: self.reasonString = try properties.frame.string()
            case .receiveMaximum: self.receiveMaximum = try properties.nonZeroUInt16(id)
            case .topicAliasMaximum: self.topicAliasMaximum = try properties.frame.uint16()
            case .maximumQoS: self.maximumQoS = try properties.boolean(id) ? .atLeastOnce : .atMostOnce
            case .retainAvailable: self.retainAvailable = try properties.boolean(id)
            case .maximumPacketSize: self.maximumPacketBytes = try properties.nonZeroUInt32(id)
            case .wildcardSubscriptionAvailable: self.wildcardSubscriptionAvailable = try properties.boolean(id)
            case .subscriptionIdentifierAvailable: self.subscriptionIdentifierAvailable = try properties.boolean(id)
            case .sharedSubscriptionAvailable: self.sharedSubscriptionAvailable = try properties.boolean(id)
            case .userProperty: self.userProperties.append(try properties.frame.userProperty())
            default: throw properties.refuse(id)
            }
        }
        if self.authenticationData != nil, self.authenticationMethod == nil { throw .missingAuthenticationMethod }
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(.sessionExpiryInterval, self.sessionExpirySeconds)
        sink.put(.assignedClientIdentifier, self.assignedClientID)
        sink.put(.serverKeepAlive, self.serverKeepAliveSeconds)
        sink.put(.authenticationMethod, self.authenticationMethod)
        sink.put(.authenticationData, self.authenticationData)
        sink.put(.responseInformation, self.responseInformation)
        sink.put(.serverReference, self.serverReference)
        sink.put(.reasonString, self.reasonString)
        sink.put(.receiveMaximum, self.receiveMaximum)
        sink.put(.topicAliasMaximum, self.topicAliasMaximum)
        // QoS 2 is said by leaving the property out; 2 is no value of it.
        sink.put(.maximumQoS, self.maximumQoS.flatMap { qos in qos == .exactlyOnce ? nil : qos == .atLeastOnce })
        sink.put(.retainAvailable, self.retainAvailable)
        sink.put(.maximumPacketSize, self.maximumPacketBytes)
        sink.put(.wildcardSubscriptionAvailable, self.wildcardSubscriptionAvailable)
        sink.put(.subscriptionIdentifierAvailable, self.subscriptionIdentifierAvailable)
        sink.put(.sharedSubscriptionAvailable, self.sharedSubscriptionAvailable)
        sink.put(self.userProperties)
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        sink.put(self.sessionPresent && version != .v31 ? 1 as UInt8 : 0)
        guard version == .v5 else {
            sink.put(self.returnCode.rawValue)
            return
        }
        sink.put(self.reason.rawValue)
        self.putProperties(into: &sink)
    }
}
