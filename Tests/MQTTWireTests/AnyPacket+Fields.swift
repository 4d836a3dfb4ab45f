import MQTTWire

extension AnyPacket {
    /// The packet in the form of `fixtures/packets`; `version` tells which of a CONNACK's two codes was on the wire.
    func fields(version: ProtocolVersion) -> [String: Field] {
        var list = FieldList()
        list.add("type", self.type.name)
        switch self {
        case .connect(let packet): packet.describe(in: &list)
        case .connack(let packet): packet.describe(in: &list, version: version)
        case .publish(let packet): packet.describe(in: &list)
        case .puback(let packet): list.acknowledgement(packet.id, packet.reason, packet.reasonString, packet.userProperties)
        case .pubrec(let packet): list.acknowledgement(packet.id, packet.reason, packet.reasonString, packet.userProperties)
        case .pubrel(let packet): list.acknowledgement(packet.id, packet.reason, packet.reasonString, packet.userProperties)
        case .pubcomp(let packet): list.acknowledgement(packet.id, packet.reason, packet.reasonString, packet.userProperties)
        case .subscribe(let packet):
            list.add("packetID", packet.id.rawValue)
            list["filters"] = .list(packet.filters.map { $0.field })
            list.add("subscriptionIdentifier", packet.subscriptionIdentifier)
            list.add(packet.userProperties)
        case .suback(let packet): list.answers(packet.id, packet.reasons, packet.reasonString, packet.userProperties)
        case .unsubscribe(let packet):
            list.add("packetID", packet.id.rawValue)
            list["filters"] = .list(packet.filters.map { .text($0) })
            list.add(packet.userProperties)
        case .unsuback(let packet): list.answers(packet.id, packet.reasons, packet.reasonString, packet.userProperties)
        case .pingreq, .pingresp: break
        case .disconnect(let packet):
            list.add("reason", packet.reason)
            list.add("sessionExpirySeconds", packet.sessionExpirySeconds)
            list.add("reasonString", packet.reasonString)
            list.add("serverReference", packet.serverReference)
            list.add(packet.userProperties)
        case .auth(let packet):
            list.add("reason", packet.reason)
            list.add("authenticationMethod", packet.authenticationMethod)
            list.add("authenticationData", hexadecimal: packet.authenticationData)
            list.add("reasonString", packet.reasonString)
            list.add(packet.userProperties)
        }
        return list.fields
    }
}

extension FieldList {
    fileprivate mutating func acknowledgement(_ id: PacketID, _ reason: Reason, _ text: String?, _ properties: [UserProperty]) {
        self.add("packetID", id.rawValue)
        self.add("reason", reason)
        self.add("reasonString", text)
        self.add(properties)
    }

    fileprivate mutating func answers(_ id: PacketID, _ reasons: [Reason], _ text: String?, _ properties: [UserProperty]) {
        self.add("packetID", id.rawValue)
        self.add("reasons", reasons)
        self.add("reasonString", text)
        self.add(properties)
    }
}

extension Connect {
    fileprivate func describe(in list: inout FieldList) {
        list.add("level", self.protocolVersion.rawValue)
        list.add("clientID", self.clientID)
        list.add(flag: "cleanStart", self.cleanStart)
        list.add("keepAliveSeconds", self.keepAliveSeconds)
        list.add("userName", self.userName)
        list.add("password", hexadecimal: self.password)
        list["will"] = self.will?.field
        list.add("sessionExpirySeconds", self.sessionExpirySeconds)
        list.add("receiveMaximum", self.receiveMaximum)
        list.add("maximumPacketBytes", self.maximumPacketBytes)
        list.add("topicAliasMaximum", self.topicAliasMaximum)
        list.add("requestResponseInformation", self.requestResponseInformation)
        list.add("requestProblemInformation", self.requestProblemInformation)
        list.add("authenticationMethod", self.authenticationMethod)
        list.add("authenticationData", hexadecimal: self.authenticationData)
        list.add(self.userProperties)
    }
}

extension Will {
    fileprivate var field: Field {
        var list = FieldList()
        list.add("topic", self.topic)
        list.add("payload", hexadecimal: self.payload)
        list.add("qos", self.qos.rawValue)
        list.add(flag: "retain", self.retain)
        list.add("delayIntervalSeconds", self.delayIntervalSeconds)
        list.add("payloadFormatIsUTF8", self.payloadFormatIsUTF8)
        list.add("messageExpirySeconds", self.messageExpirySeconds)
        list.add("contentType", self.contentType)
        list.add("responseTopic", self.responseTopic)
        list.add("correlationData", hexadecimal: self.correlationData)
        list.add(self.userProperties)
        return .record(list.fields)
    }
}

extension Connack {
    fileprivate func describe(in list: inout FieldList, version: ProtocolVersion) {
        list.add(flag: "sessionPresent", self.sessionPresent)
        if version == .v5 {
            list.add("reason", self.reason)
        } else {
            list.add("returnCode", self.returnCode.rawValue)
        }
        list.add("sessionExpirySeconds", self.sessionExpirySeconds)
        list.add("receiveMaximum", self.receiveMaximum)
        list.add("maximumQoS", self.maximumQoS?.rawValue)
        list.add("retainAvailable", self.retainAvailable)
        list.add("maximumPacketBytes", self.maximumPacketBytes)
        list.add("assignedClientID", self.assignedClientID)
        list.add("topicAliasMaximum", self.topicAliasMaximum)
        list.add("reasonString", self.reasonString)
        list.add("wildcardSubscriptionAvailable", self.wildcardSubscriptionAvailable)
        list.add("subscriptionIdentifierAvailable", self.subscriptionIdentifierAvailable)
        list.add("sharedSubscriptionAvailable", self.sharedSubscriptionAvailable)
        list.add("serverKeepAliveSeconds", self.serverKeepAliveSeconds)
        list.add("responseInformation", self.responseInformation)
        list.add("serverReference", self.serverReference)
        list.add("authenticationMethod", self.authenticationMethod)
        list.add("authenticationData", hexadecimal: self.authenticationData)
        list.add(self.userProperties)
    }
}

extension OutgoingPublish {
    fileprivate func describe(in list: inout FieldList) {
        list.add("topic", self.topicText)
        list.add("payload", hexadecimal: self.payload)
        list.add("qos", self.qos.rawValue)
        list.add(flag: "retain", self.retain)
        list.add(flag: "isDuplicate", self.isDuplicate)
        list.add("packetID", self.packetID?.rawValue)
        list.add("payloadFormatIsUTF8", self.properties.payloadFormatIsUTF8)
        list.add("messageExpirySeconds", self.properties.messageExpirySeconds)
        list.add("topicAlias", self.properties.topicAlias)
        list.add("responseTopic", self.properties.responseTopic)
        list.add("contentType", self.properties.contentType)
        list.add("correlationData", hexadecimal: self.properties.correlationData)
        let identifiers = self.properties.subscriptionIdentifiers
        list["subscriptionIdentifiers"] = identifiers.isEmpty ? nil : .list(identifiers.map { .number(Int($0)) })
        list.add(self.properties.userProperties)
    }
}

extension Subscription {
    fileprivate var field: Field {
        var list = FieldList()
        list.add("filter", self.filter)
        list.add("qos", self.qos.rawValue)
        list.add(flag: "noLocal", self.noLocal)
        list.add(flag: "retainAsPublished", self.retainAsPublished)
        list["retainHandling"] = self.retainHandling == .sendAtSubscribe ? nil : .number(Int(self.retainHandling.rawValue))
        return .record(list.fields)
    }
}
