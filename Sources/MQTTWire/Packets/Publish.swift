/// PUBLISH (MQTT 5 §3.3; 3.1.1 §3.3), read as ranges into the body it came in.
///
/// All ranges are offsets from the start of the packet body. Nothing is copied: the value means something only next to
/// those bytes. The topic's text and wildcards are not checked here but once, when the topic is first interned; a topic may be
/// empty when there is an alias, which the session checks. ``OutgoingPublish`` is the same packet as a value of its own.
@usableFromInline
package struct Publish: Equatable, Sendable {
    /// The DUP flag (MQTT 5 §3.3.1.1).
    @usableFromInline package var isDuplicate: Bool
    /// The QoS of the message.
    @usableFromInline package var qos: QoS
    /// The RETAIN flag (MQTT 5 §3.3.1.3).
    @usableFromInline package var retain: Bool
    /// The topic name; unchecked.
    @usableFromInline package var topic: Range<Int>
    /// The packet identifier; 0 at QoS 0 and never otherwise.
    @usableFromInline package var packetIDRaw: UInt16
    /// The property bytes without their length; empty before MQTT 5. Every property in it has been checked.
    @usableFromInline package var properties: Range<Int>
    /// The message.
    @usableFromInline package var payload: Range<Int>

    /// Remaining lifetime of the message (MQTT 5 §3.3.2.3.3).
    @usableFromInline package var messageExpirySeconds: UInt32?
    /// A number for the topic, not 0 (MQTT 5 §3.3.2.3.4).
    @usableFromInline package var topicAlias: UInt16?
    /// The payload is said to be UTF-8 (MQTT 5 §3.3.2.3.2).
    @usableFromInline package var payloadFormatIsUTF8: Bool
    /// Where an answer should go: text, not empty, no wildcards (MQTT 5 §3.3.2.3.5).
    @usableFromInline package var responseTopic: Range<Int>?
    /// What the payload is: text (MQTT 5 §3.3.2.3.9).
    @usableFromInline package var contentType: Range<Int>?
    /// What the asker recognises the answer by (MQTT 5 §3.3.2.3.6).
    @usableFromInline package var correlationData: Range<Int>?
    /// There is at least one user property (MQTT 5 §3.3.2.3.7).
    @usableFromInline package var hasUserProperties: Bool
    /// There is at least one subscription identifier, which only a server may send. [MQTT-3.3.4-6]
    @usableFromInline package var hasSubscriptionIdentifiers: Bool

    @inlinable
    init(isDuplicate: Bool, qos: QoS, retain: Bool, topic: Range<Int>, packetIDRaw: UInt16) {
        self.isDuplicate = isDuplicate
        self.qos = qos
        self.retain = retain
        self.topic = topic
        self.packetIDRaw = packetIDRaw
        self.properties = Range(uncheckedBounds: (topic.upperBound, topic.upperBound))
        self.payload = self.properties
        self.messageExpirySeconds = nil
        self.topicAlias = nil
        self.payloadFormatIsUTF8 = false
        self.responseTopic = nil
        self.contentType = nil
        self.correlationData = nil
        self.hasUserProperties = false
        self.hasSubscriptionIdentifiers = false
    }

    /// The packet identifier; nil at QoS 0.
    @inlinable package var packetID: PacketID? { PacketID(self.packetIDRaw) }

    /// The properties may be sent on byte by byte: none belongs to this connection (alias, subscription identifier) or changes with time (expiry).
    @inlinable
    package var propertiesForwardVerbatim: Bool {
        self.topicAlias == nil && self.messageExpirySeconds == nil && !self.hasSubscriptionIdentifiers
    }

    /// Reads a body. Does not allocate. [MQTT-3.3.1-2] [MQTT-3.3.1-4]
    @inlinable
    package static func read(_ frame: inout FrameReader) throws(WireError) -> Publish {
        let flags = frame.flags
        guard let qos = QoS(rawValue: flags >> 1 & 0b11) else { throw .invalidQoS(3) }
        let isDuplicate = flags & 0b1000 != 0
        // 3.1 says of DUP only that it means something above QoS 0.
        if isDuplicate, qos == .atMostOnce, frame.version != .v31 { throw .duplicateFlagAtQoS0 }
        let topic = try frame.rangeOfData()
        let packetIDRaw = qos == .atMostOnce ? 0 : try frame.packetID().rawValue
        var publish = Publish(isDuplicate: isDuplicate, qos: qos, retain: flags & 1 != 0, topic: topic, packetIDRaw: packetIDRaw)
        if frame.version == .v5 {
            try publish.readProperties(&frame)
        }
        publish.payload = frame.rest()
        return publish
    }

    @usableFromInline
    mutating func readProperties(_ frame: inout FrameReader) throws(WireError) {
        var reader = try frame.properties(in: .publish)
        self.properties = Range(uncheckedBounds: (reader.frame.position, reader.frame.end))
        while let id = try reader.next() {
            switch id {
            case .payloadFormatIndicator: self.payloadFormatIsUTF8 = try reader.boolean(id)
            case .messageExpiryInterval: self.messageExpirySeconds = try reader.frame.uint32()
            case .contentType: self.contentType = try reader.frame.rangeOfString()
            case .responseTopic: self.responseTopic = try reader.responseTopic()
            case .correlationData: self.correlationData = try reader.frame.rangeOfData()
            case .subscriptionIdentifier:
                _ = try reader.subscriptionIdentifier()
                self.hasSubscriptionIdentifiers = true
            case .topicAlias:
                let alias = try reader.frame.uint16()
                guard alias != 0 else { throw .zeroTopicAlias }
                self.topicAlias = alias
            case .userProperty:
                _ = try reader.frame.rangeOfString()
                _ = try reader.frame.rangeOfString()
                self.hasUserProperties = true
            default: throw reader.refuse(id)
            }
        }
    }

    /// Appends the properties that go on to a receiver: all but alias, expiry and subscription identifiers, in their order.
    ///
    /// What is appended is what ``PublishTemplate`` takes. When ``propertiesForwardVerbatim`` is true it is the same as ``properties``.
    /// - Parameter body: the body this value was read from.
    package func appendForwardedProperties(from body: UnsafeRawBufferPointer, to destination: inout [UInt8]) {
        if self.propertiesForwardVerbatim {
            destination.append(contentsOf: body[self.properties])
            return
        }
        var walker = PropertyWalker(body, range: self.properties)
        while let (id, range) = walker.next() {
            switch id {
            case .topicAlias, .messageExpiryInterval, .subscriptionIdentifier: continue
            default: destination.append(contentsOf: body[range])
            }
        }
    }

    /// The user properties, in their order. Allocates.
    /// - Parameter body: the body this value was read from.
    package func userProperties(in body: UnsafeRawBufferPointer) -> [UserProperty] {
        guard self.hasUserProperties else { return [] }
        var walker = PropertyWalker(body, range: self.properties)
        var properties: [UserProperty] = []
        while let (id, range) = walker.next() {
            guard id == .userProperty else { continue }
            let value = Range(uncheckedBounds: (range.lowerBound + 1, range.upperBound))
            var reader = FrameReader(UnsafeRawBufferPointer(rebasing: body[value]), flags: 0, version: .v5)
            // The properties were checked when they were read, so this succeeds for the bytes they came from.
            guard let property = try? reader.userProperty() else { return properties }
            properties.append(property)
        }
        return properties
    }
}
