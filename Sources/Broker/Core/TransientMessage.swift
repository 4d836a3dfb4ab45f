import MQTTWire
import NIOCore
import Sessions
import Timeline

/// A message while it is being routed: pieces of somebody else's memory, valid until the call that made it returns.
struct TransientMessage: ~Copyable {
    let topic: Topic
    let payload: UnsafeRawBufferPointer
    /// MQTT 5 properties as they are forwarded, encoded, without their length.
    let properties: UnsafeRawBufferPointer
    let qos: QoS
    let retain: Bool
    let cause: CauseID
    let publisher: ClientSession?
    let expiresAt: Instant?
    /// Seconds left of the message expiry, written to MQTT 5 receivers.
    let expirySeconds: UInt32?
    /// The same message with memory of its own, made when the first receiver needs it.
    private(set) var stored: StoredMessage?

    init(
        topic: Topic, payload: UnsafeRawBufferPointer, properties: UnsafeRawBufferPointer = .init(start: nil, count: 0), qos: QoS,
        retain: Bool,
        cause: CauseID, publisher: ClientSession?, expiresAt: Instant? = nil, expirySeconds: UInt32? = nil, stored: StoredMessage? = nil
    ) {
        self.topic = topic
        self.payload = payload
        self.properties = properties
        self.qos = qos
        self.retain = retain
        self.cause = cause
        self.publisher = publisher
        self.expiresAt = expiresAt
        self.expirySeconds = expirySeconds
        self.stored = stored
    }

    /// The copy that outlives this call; made once.
    mutating func storedCopy() -> StoredMessage {
        if let stored { return stored }
        let copy = StoredMessage(
            topic: [UInt8](self.topic.bytes), payload: [UInt8](self.payload), properties: [UInt8](self.properties), qos: self.qos,
            cause: self.cause.rawValue, expiresAt: self.expiresAt)
        self.stored = copy
        return copy
    }

    /// Bytes of the packet, at most.
    var largestPacketBytes: Int { 5 + 2 + self.topic.bytes.count + 2 + 4 + 5 + self.properties.count + self.payload.count }

    /// - Parameter packetID: 0 for QoS 0.
    /// - Returns: where in what was written the packet id stands; 0 when there is none.
    @inline(__always)
    func write(to buffer: inout ByteBuffer, version: ProtocolVersion, firstByte: UInt8, packetID: UInt16) -> Int {
        PublishTemplate.writePublish(
            firstByte: firstByte, topic: self.topic.bytes, packetID: packetID == 0 ? nil : packetID,
            properties: version == .v5 ? self.properties : nil, messageExpirySeconds: self.expirySeconds, topicAlias: nil,
            payload: self.payload, into: &buffer)
    }

    private var decodedProperties: PublishProperties {
        // They were checked when they came.
        var properties = (try? PublishProperties(decoding: 0..<self.properties.count, of: self.properties)) ?? PublishProperties()
        properties.messageExpirySeconds = self.expirySeconds
        return properties
    }

    var observed: ObservedMessage {
        ObservedMessage(
            cause: self.cause, publisher: self.publisher?.clientID, topic: self.topic.text, payload: [UInt8](self.payload), qos: self.qos,
            retain: self.retain, properties: self.decodedProperties)
    }
}
