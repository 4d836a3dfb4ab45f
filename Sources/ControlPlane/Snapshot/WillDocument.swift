import JSON
import MQTTWire
import Topics

/// The message a client leaves behind.
enum WillDocument {
    static func json(_ will: Will) -> JSONValue {
        var object: JSONObject = ["topic": .string(will.topic)]
        BytesMember.set(will.payload, as: "payload", in: &object)
        object["qos"] = JSONValue(Int64(will.qos.rawValue))
        if will.retain { object["retain"] = true }
        object["delaySeconds"] = will.delayIntervalSeconds.map { JSONValue(Int64($0)) }
        object["properties"] = PropertiesDocument.json(
            PublishProperties(
                payloadFormatIsUTF8: will.payloadFormatIsUTF8, messageExpirySeconds: will.messageExpirySeconds,
                responseTopic: will.responseTopic, correlationData: will.correlationData, userProperties: will.userProperties,
                contentType: will.contentType))
        return .object(object)
    }

    static func read(_ node: DocumentNode) throws(DocumentFault) -> Will {
        _ = try node.object(of: ["topic", "qos", "retain", "delaySeconds", "properties"] + BytesMember.names("payload"))
        let properties = try node["properties"].map { (node) throws(DocumentFault) in try PropertiesDocument.read(node) }
        return Will(
            topic: try MessageDocument.topic(try node.member("topic")).string,
            payload: try BytesMember.required("payload", of: node, maximumBytes: DocumentNode.longestPacketText),
            qos: try MessageDocument.qos(try node.member("qos")), retain: try node["retain"]?.bool() ?? false,
            delayIntervalSeconds: try node["delaySeconds"]?.integer(0...UInt32.max),
            payloadFormatIsUTF8: properties?.payloadFormatIsUTF8, messageExpirySeconds: properties?.messageExpirySeconds,
            contentType: properties?.contentType, responseTopic: properties?.responseTopic,
            correlationData: properties?.correlationData, userProperties: properties?.userProperties ?? [])
    }
}
