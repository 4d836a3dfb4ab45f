import JSON
import MQTTWire
import Pacing
import Topics

/// What a plan says about a client, in the words of the packets.
extension ConnectSpec {
    var protocolVersion: ProtocolVersion {
        switch self.version {
        case .v31: .v31
        case .v311: .v311
        case .v5: .v5
        }
    }

    /// - Throws: when the will's payload cannot be known yet.
    func packetWill(seed: UInt64) throws(LateWill) -> MQTTWire.Will? {
        guard let will else { return nil }
        var packet = MQTTWire.Will(
            topic: will.topic.string, payload: try will.payload.bytes(seed: seed, step: "will of \(self.client)"),
            qos: QoS(rawValue: will.qos) ?? .atMostOnce, retain: will.retain)
        if self.version == .v5, will.delaySeconds > 0 { packet.delayIntervalSeconds = will.delaySeconds }
        return packet
    }

    /// - Throws: when the will's payload cannot be known yet.
    func packet(seed: UInt64) throws(LateWill) -> Connect {
        Connect(
            protocolVersion: self.protocolVersion, clientID: self.id, cleanStart: self.clean, keepAliveSeconds: self.keepAliveSeconds,
            userName: self.userName, password: self.password.map { Array($0.utf8) }, will: try self.packetWill(seed: seed),
            sessionExpirySeconds: self.version == .v5 ? self.expirySeconds : nil)
    }
}

/// A will whose payload names a variable that gets its value while the plan runs.
struct LateWill: Error {
    var text: String { "the will's payload names a variable whose value comes only while the plan runs; write its value" }
}

extension Payload {
    fileprivate func bytes(seed: UInt64, step: String) throws(LateWill) -> [UInt8] {
        switch self {
        case .bytes(let bytes):
            return bytes
        case .json(let value, isLate: false):
            return value.utf8
        case .json(_, isLate: true), .lateText:
            throw LateWill()
        case .seeded(let count):
            var draw = Draw(seed: seed, purpose: "payload", step: step, attempt: 1)
            return draw.bytes(count)
        }
    }
}

extension PublishProperties {
    init(_ properties: MessageProperties) {
        self.init(
            payloadFormatIsUTF8: properties.isText, messageExpirySeconds: properties.expirySeconds, responseTopic: properties.responseTopic,
            correlationData: properties.correlationData,
            userProperties: properties.userProperties.map { MQTTWire.UserProperty(name: $0.name, value: $0.value) },
            contentType: properties.contentType)
    }
}

extension MessageProperties {
    init(_ properties: PublishProperties) {
        self.init()
        self.isText = properties.payloadFormatIsUTF8
        self.contentType = properties.contentType
        self.responseTopic = properties.responseTopic
        self.correlationData = properties.correlationData
        self.expirySeconds = properties.messageExpirySeconds
        self.userProperties = properties.userProperties.map { UserProperty(name: $0.name, value: $0.value) }
    }
}

extension StepPublish {
    var packetQoS: QoS { QoS(rawValue: self.qos) ?? .atLeastOnce }
}
