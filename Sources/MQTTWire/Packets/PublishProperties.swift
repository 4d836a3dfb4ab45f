/// The properties of a PUBLISH as values (MQTT 5 §3.3.2.3); a nil one is absent on the wire.
package struct PublishProperties: PropertyHolder, Equatable, Sendable {
    /// True: the payload is UTF-8; absent or false: unspecified bytes (MQTT 5 §3.3.2.3.2).
    package var payloadFormatIsUTF8: Bool?
    /// Remaining lifetime of the message (MQTT 5 §3.3.2.3.3).
    package var messageExpirySeconds: UInt32?
    /// A number for the topic, not 0 (MQTT 5 §3.3.2.3.4).
    package var topicAlias: UInt16?
    /// Where an answer should go; not empty, no wildcards (MQTT 5 §3.3.2.3.5).
    package var responseTopic: String?
    /// What the asker recognises the answer by (MQTT 5 §3.3.2.3.6).
    package var correlationData: [UInt8]?
    /// Sent on with the message in this order (MQTT 5 §3.3.2.3.7).
    package var userProperties: [UserProperty]
    /// The subscriptions that matched, each 1…268 435 455; from servers only (MQTT 5 §3.3.2.3.8).
    package var subscriptionIdentifiers: [UInt32]
    /// What the payload is (MQTT 5 §3.3.2.3.9).
    package var contentType: String?

    /// Only what is given.
    package init(
        payloadFormatIsUTF8: Bool? = nil, messageExpirySeconds: UInt32? = nil, topicAlias: UInt16? = nil, responseTopic: String? = nil,
        correlationData: [UInt8]? = nil, userProperties: [UserProperty] = [], subscriptionIdentifiers: [UInt32] = [],
        contentType: String? = nil
    ) {
        self.payloadFormatIsUTF8 = payloadFormatIsUTF8
        self.messageExpirySeconds = messageExpirySeconds
        self.topicAlias = topicAlias
        self.responseTopic = responseTopic
        self.correlationData = correlationData
        self.userProperties = userProperties
        self.subscriptionIdentifiers = subscriptionIdentifiers
        self.contentType = contentType
    }

    /// There are none.
    package var isEmpty: Bool { self.propertyBytes == 0 }

    /// Reads property bytes that stand at `range` of `body`, without their length, and checks them as ``Publish`` does.
    package init(decoding range: Range<Int>, of body: UnsafeRawBufferPointer) throws(WireError) {
        self.init()
        let frame = FrameReader(part: range, of: FrameReader(body, flags: 0, version: .v5))
        var reader = PropertyReader(frame, context: .publish)
        while let id = try reader.next() {
            switch id {
            case .payloadFormatIndicator: self.payloadFormatIsUTF8 = try reader.boolean(id)
            case .messageExpiryInterval: self.messageExpirySeconds = try reader.frame.uint32()
            case .contentType: self.contentType = try reader.frame.string()
            case .responseTopic: self.responseTopic = frame.text(try reader.responseTopic())
            case .correlationData: self.correlationData = try reader.frame.data()
            case .subscriptionIdentifier: self.subscriptionIdentifiers.append(try reader.subscriptionIdentifier())
            case .topicAlias:
                let alias = try reader.frame.uint16()
                guard alias != 0 else { throw .zeroTopicAlias }
                self.topicAlias = alias
            case .userProperty: self.userProperties.append(try reader.frame.userProperty())
            default: throw reader.refuse(id)
            }
        }
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(.payloadFormatIndicator, self.payloadFormatIsUTF8)
        sink.put(.messageExpiryInterval, self.messageExpirySeconds)
        sink.put(.contentType, self.contentType)
        sink.put(.responseTopic, self.responseTopic)
        sink.put(.correlationData, self.correlationData)
        for identifier in self.subscriptionIdentifiers {
            sink.put(subscriptionIdentifier: identifier)
        }
        sink.put(.topicAlias, self.topicAlias)
        sink.put(self.userProperties)
    }

    /// The encoded properties without their length, as ``PublishTemplate`` takes them.
    package var encoded: [UInt8] {
        var sink = ArraySink()
        self.encodeProperties(into: &sink)
        return sink.bytes
    }
}
