import Broker
import JSON
import MQTTWire
import Sessions
import Timeline
import Topics

/// A message that is retained or waits for a client.
enum MessageDocument {
    static let names =
        ["topic", "qos", "cause", "expiresAt", "properties"] + BytesMember.names("payload")

    static func json(_ message: StoredMessage, _ clock: ClockReading) -> JSONObject {
        var object: JSONObject = ["topic": .string(String(decoding: message.topic, as: UTF8.self))]
        BytesMember.set(message.payload, as: "payload", in: &object)
        object["qos"] = JSONValue(Int64(message.qos.rawValue))
        object["cause"] = JSONValue(counter: message.cause)
        object["expiresAt"] = message.expiresAt.map { .string(clock.wallTime(at: $0).iso8601) }
        object["properties"] = PropertiesDocument.json(encoded: message.properties)
        return object
    }

    static func read(_ node: DocumentNode, _ clock: ClockReading) throws(DocumentFault) -> StoredMessage {
        StoredMessage(
            topic: try Self.topic(try node.member("topic")).bytes, payload: try BytesMember.required("payload", of: node),
            properties: try node["properties"].map { (node) throws(DocumentFault) in try PropertiesDocument.encoded(from: node) } ?? [],
            qos: try Self.qos(try node.member("qos")),
            cause: try node["cause"]?.counter() ?? 0,
            expiresAt: try node["expiresAt"].map { (node) throws(DocumentFault) in clock.instant(at: try node.time()) })
    }

    static func topic(_ node: DocumentNode) throws(DocumentFault) -> TopicName {
        let text = try node.text()
        do throws(TopicError) {
            return try TopicName(text)
        } catch {
            throw node.fault("is no topic: \(error.text)")
        }
    }

    static func qos(_ node: DocumentNode) throws(DocumentFault) -> QoS {
        guard let qos = QoS(rawValue: try node.integer(0...2)) else { throw node.fault("must be 0, 1 or 2") }
        return qos
    }
}

/// MQTT 5 properties of a message and of a will.
enum PropertiesDocument {
    /// `nil` when there are none. Bytes that are no properties are kept as base64.
    static func json(encoded: [UInt8]) -> JSONValue? {
        guard !encoded.isEmpty else { return nil }
        guard let decoded = Self.decoded(encoded) else {
            var object = JSONObject()
            BytesMember.set(encoded, as: "encoded", in: &object)
            return .object(object)
        }
        return Self.json(decoded)
    }

    private static func decoded(_ bytes: [UInt8]) -> PublishProperties? {
        try? bytes.withUnsafeBytes { try PublishProperties(decoding: 0..<bytes.count, of: $0) }
    }

    static func json(_ properties: PublishProperties) -> JSONValue? {
        var object = JSONObject()
        object["payloadFormatIsUTF8"] = properties.payloadFormatIsUTF8.map { .bool($0) }
        object["messageExpirySeconds"] = properties.messageExpirySeconds.map { JSONValue(Int64($0)) }
        object["contentType"] = properties.contentType.map { .string($0) }
        object["responseTopic"] = properties.responseTopic.map { .string($0) }
        if let data = properties.correlationData { BytesMember.set(data, as: "correlationData", in: &object) }
        if !properties.userProperties.isEmpty {
            object["userProperties"] = .array(properties.userProperties.map { [.string($0.name), .string($0.value)] })
        }
        return object.isEmpty ? nil : .object(object)
    }

    static func encoded(from node: DocumentNode) throws(DocumentFault) -> [UInt8] {
        guard let bytes = try BytesMember.optional("encoded", of: node) else { return try Self.read(node).encoded }
        guard Self.decoded(bytes) != nil else { throw node.fault("cannot be decoded") }
        return bytes
    }

    static func read(_ node: DocumentNode) throws(DocumentFault) -> PublishProperties {
        _ = try node.object(
            of: ["payloadFormatIsUTF8", "messageExpirySeconds", "contentType", "responseTopic", "userProperties"]
                + BytesMember.names("correlationData"))
        var properties = PublishProperties()
        properties.payloadFormatIsUTF8 = try node["payloadFormatIsUTF8"]?.bool()
        properties.messageExpirySeconds = try node["messageExpirySeconds"]?.integer(0...UInt32.max)
        properties.contentType = try node["contentType"]?.packetText()
        properties.responseTopic = try node["responseTopic"].map { (node) throws(DocumentFault) in try MessageDocument.topic(node).string }
        properties.correlationData = try BytesMember.optional(
            "correlationData", of: node, maximumBytes: DocumentNode.longestPacketText)
        for pair in try node["userProperties"]?.elements() ?? [] {
            let parts = try pair.elements()
            guard parts.count == 2 else { throw pair.fault("must be a name and a value") }
            properties.userProperties.append(UserProperty(name: try parts[0].packetText(), value: try parts[1].packetText()))
        }
        return properties
    }
}
