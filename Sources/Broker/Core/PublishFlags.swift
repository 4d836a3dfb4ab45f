import MQTTWire

/// The low four bits of a PUBLISH's first byte (MQTT 5 §3.3.1).
enum PublishFlags {
    @inline(__always)
    static func byte(qos: QoS, retain: Bool, isDuplicate: Bool) -> UInt8 {
        (isDuplicate ? 0b1000 : 0) | qos.rawValue << 1 | (retain ? 1 : 0)
    }
}

extension Will {
    /// The MQTT 5 properties that go with the message when the will is published (MQTT 5 §3.1.3.2).
    var forwardedProperties: [UInt8] {
        PublishProperties(
            payloadFormatIsUTF8: self.payloadFormatIsUTF8, responseTopic: self.responseTopic, correlationData: self.correlationData,
            userProperties: self.userProperties, contentType: self.contentType
        ).encoded
    }
}
