/// A PUBLISH that owns its bytes, for clients, services and tests; the broker's own path uses ``Publish`` and ``PublishTemplate``.
package struct OutgoingPublish: ControlPacket {
    package static var packetType: PacketType { .publish }

    /// The topic name; may be empty with an alias.
    package var topic: [UInt8]
    /// The message.
    package var payload: [UInt8]
    /// The QoS of the message.
    package var qos: QoS
    /// The RETAIN flag.
    package var retain: Bool
    /// The DUP flag; not at QoS 0. [MQTT-3.3.1-2]
    package var isDuplicate: Bool
    /// Given above QoS 0 and only there.
    package var packetID: PacketID?
    /// Written in MQTT 5 only.
    package var properties: PublishProperties

    /// A message; above QoS 0 it needs a packet identifier before it is written.
    package init(
        topic: [UInt8], payload: [UInt8], qos: QoS = .atMostOnce, retain: Bool = false, isDuplicate: Bool = false,
        packetID: PacketID? = nil, properties: PublishProperties = PublishProperties()
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.isDuplicate = isDuplicate
        self.packetID = packetID
        self.properties = properties
    }

    /// The same from texts.
    package init(
        topic: String, payload: String, qos: QoS = .atMostOnce, retain: Bool = false, isDuplicate: Bool = false,
        packetID: PacketID? = nil, properties: PublishProperties = PublishProperties()
    ) {
        self.init(
            topic: [UInt8](topic.utf8), payload: [UInt8](payload.utf8), qos: qos, retain: retain, isDuplicate: isDuplicate,
            packetID: packetID, properties: properties)
    }

    /// Copies what `publish` points at.
    /// - Parameter body: the body `publish` was read from.
    package init(decoding publish: Publish, from body: UnsafeRawBufferPointer) throws(WireError) {
        self.topic = [UInt8](body[publish.topic])
        self.payload = [UInt8](body[publish.payload])
        self.qos = publish.qos
        self.retain = publish.retain
        self.isDuplicate = publish.isDuplicate
        self.packetID = publish.packetID
        self.properties = try PublishProperties(decoding: publish.properties, of: body)
    }

    package static func read(_ frame: inout FrameReader) throws(WireError) -> OutgoingPublish {
        let publish = try Publish.read(&frame)
        return try OutgoingPublish(decoding: publish, from: frame.bytes)
    }

    /// The topic as text, ill-formed bytes replaced.
    package var topicText: String { String(decoding: self.topic, as: UTF8.self) }

    /// The payload as text, ill-formed bytes replaced.
    package var payloadText: String { String(decoding: self.payload, as: UTF8.self) }

    package var headerFlags: UInt8 {
        (self.isDuplicate ? 0b1000 : 0) | self.qos.rawValue << 1 | (self.retain ? 1 : 0)
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        sink.put(data: self.topic)
        if self.qos != .atMostOnce {
            guard let packetID = self.packetID else { preconditionFailure("a PUBLISH above QoS 0 is written without a packet identifier") }
            sink.put(packetID.rawValue)
        }
        if version == .v5 {
            self.properties.putProperties(into: &sink)
        }
        sink.put(raw: self.payload)
    }
}

/// The same value, as the receiving side names it.
package typealias DecodedPublish = OutgoingPublish
