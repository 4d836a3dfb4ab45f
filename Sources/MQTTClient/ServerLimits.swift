import MQTTWire

/// What the server said at CONNACK that it takes (MQTT 5 §3.2.2.3), so that a message it must refuse never leaves.
struct ServerLimits: Equatable {
    let receiveMaximum: Int
    let maximumQoS: QoS
    let retainAvailable: Bool
    let maximumPacketBytes: Int?

    init(_ connack: Connack) {
        self.receiveMaximum = Int(connack.receiveMaximum ?? 65535)
        self.maximumQoS = connack.maximumQoS ?? .exactlyOnce
        self.retainAvailable = connack.retainAvailable ?? true
        self.maximumPacketBytes = connack.maximumPacketBytes.map { Int($0) }
    }

    /// Why `publish` cannot be sent.
    func fault(of publish: OutgoingPublish, version: ProtocolVersion) -> MQTTClientError? {
        if publish.topic.isEmpty, publish.properties.topicAlias == nil { return .invalidTopic("a topic has at least one character") }
        if publish.topic.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") || $0 == 0 }) {
            return .invalidTopic("the topic \"\(String(decoding: publish.topic, as: UTF8.self))\" has a wildcard; messages go to one topic")
        }
        if publish.topic.count > 65535 { return .invalidTopic("the topic has \(publish.topic.count) bytes; 65535 are allowed") }
        if publish.qos > self.maximumQoS {
            return .notSupportedByServer("QoS \(publish.qos.rawValue); it takes up to \(self.maximumQoS.rawValue)")
        }
        if publish.retain, !self.retainAvailable { return .notSupportedByServer("retained messages") }
        let bytes = publish.encodedBytes(version: version)
        let limit = self.maximumPacketBytes ?? PacketFramer.largestPacketBytes
        return bytes > limit ? .packetTooLarge(bytes: bytes, limit: limit) : nil
    }
}
