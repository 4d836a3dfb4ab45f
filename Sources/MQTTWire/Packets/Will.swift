/// The message CONNECT leaves behind, for the server to publish when the connection ends badly (MQTT 5 §3.1.2.5; 3.1.1 §3.1.2.5).
///
/// The properties are those of MQTT 5 §3.1.3.2; a nil one is absent on the wire.
package struct Will: PropertyHolder, Equatable, Sendable {
    /// The topic; checked as text, not as a topic name.
    package var topic: String
    /// The message; may be empty.
    package var payload: [UInt8]
    /// The QoS to publish with.
    package var qos: QoS
    /// Publish as a retained message.
    package var retain: Bool
    /// How long after the end of the connection the will is published; absent means 0 (MQTT 5 §3.1.3.2.2).
    package var delayIntervalSeconds: UInt32?
    /// True: the payload is UTF-8; absent or false: unspecified bytes (MQTT 5 §3.1.3.2.3).
    package var payloadFormatIsUTF8: Bool?
    /// Lifetime of the message from its publication (MQTT 5 §3.1.3.2.4).
    package var messageExpirySeconds: UInt32?
    /// What the payload is (MQTT 5 §3.1.3.2.5).
    package var contentType: String?
    /// Where an answer should go; not empty, no wildcards (MQTT 5 §3.1.3.2.6).
    package var responseTopic: String?
    /// What the asker recognises the answer by (MQTT 5 §3.1.3.2.7).
    package var correlationData: [UInt8]?
    /// Sent on with the message in this order (MQTT 5 §3.1.3.2.8).
    package var userProperties: [UserProperty]

    /// A will; without the optional parts it is the same in all versions.
    package init(
        topic: String, payload: [UInt8], qos: QoS = .atMostOnce, retain: Bool = false, delayIntervalSeconds: UInt32? = nil,
        payloadFormatIsUTF8: Bool? = nil, messageExpirySeconds: UInt32? = nil, contentType: String? = nil,
        responseTopic: String? = nil, correlationData: [UInt8]? = nil, userProperties: [UserProperty] = []
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.delayIntervalSeconds = delayIntervalSeconds
        self.payloadFormatIsUTF8 = payloadFormatIsUTF8
        self.messageExpirySeconds = messageExpirySeconds
        self.contentType = contentType
        self.responseTopic = responseTopic
        self.correlationData = correlationData
        self.userProperties = userProperties
    }

    /// Reads properties, topic and payload from the payload of CONNECT (MQTT 5 §3.1.3.2 to §3.1.3.4).
    static func read(_ frame: inout FrameReader, qos: QoS, retain: Bool) throws(WireError) -> Will {
        var will = Will(topic: "", payload: [], qos: qos, retain: retain)
        if frame.version == .v5 {
            try will.readProperties(&frame)
        }
        will.topic = try frame.string()
        will.payload = try frame.data()
        return will
    }

    private mutating func readProperties(_ frame: inout FrameReader) throws(WireError) {
        var properties = try frame.properties(in: .will)
        while let id = try properties.next() {
            switch id {
            case .payloadFormatIndicator: self.payloadFormatIsUTF8 = try properties.boolean(id)
            case .messageExpiryInterval: self.messageExpirySeconds = try properties.frame.uint32()
            case .contentType: self.contentType = try properties.frame.string()
            case .responseTopic: self.responseTopic = frame.text(try properties.responseTopic())
            case .correlationData: self.correlationData = try properties.frame.data()
            case .willDelayInterval: self.delayIntervalSeconds = try properties.frame.uint32()
            case .userProperty: self.userProperties.append(try properties.frame.userProperty())
            default: throw properties.refuse(id)
            }
        }
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(.payloadFormatIndicator, self.payloadFormatIsUTF8)
        sink.put(.messageExpiryInterval, self.messageExpirySeconds)
        sink.put(.contentType, self.contentType)
        sink.put(.responseTopic, self.responseTopic)
        sink.put(.correlationData, self.correlationData)
        sink.put(.willDelayInterval, self.delayIntervalSeconds)
        sink.put(self.userProperties)
    }

    /// Writes the will's part of the CONNECT payload.
    func encode(into sink: inout some WireSink, version: ProtocolVersion) {
        if version == .v5 {
            self.putProperties(into: &sink)
        }
        sink.put(string: self.topic)
        sink.put(data: self.payload)
    }
}
