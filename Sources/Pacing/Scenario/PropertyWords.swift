import JSON
import Topics

/// MQTT 5 properties as files write them. Source: scheduler §16.4 `props`, §16.5; MQTT 5 §3.3.2.3.
enum PropertyWords {
    private static let keys = ["contentType", "responseTopic", "correlationData", "messageExpiry", "userProperties", "payloadFormat"]

    static func read(_ node: Node) throws(StepFault) -> MessageProperties {
        try node.allowOnly(Self.keys, in: "\"props\"")
        var properties = MessageProperties()
        if let type = node["contentType"] { properties.contentType = try Self.text(type, "contentType") }
        if let topic = node["responseTopic"] { properties.responseTopic = try ScenarioReader.topicName(topic).string }
        if let data = node["correlationData"] { properties.correlationData = try Self.bytes(data) }
        if let expiry = node["messageExpiry"] {
            properties.expirySeconds = UInt32(try expiry.wholeSeconds("messageExpiry", upTo: Int64(UInt32.max)))
        }
        if let format = node["payloadFormat"] { properties.isText = try Self.isText(format) }
        if let user = node["userProperties"] { properties.userProperties = try Self.userProperties(user) }
        return properties
    }

    /// A text, or `{"b64": …}`, `{"hex": …}`.
    private static func bytes(_ node: Node) throws(StepFault) -> [UInt8] {
        guard node.value.object != nil else { return Array(try Self.text(node, "correlationData").utf8) }
        try node.allowOnly(["b64", "hex"], in: "\"correlationData\"")
        if let form = node["b64"] { return try BinaryText.base64(form) }
        return try BinaryText.hex(node.required("hex", in: "\"correlationData\""))
    }

    private static func isText(_ node: Node) throws(StepFault) -> Bool {
        switch node.value.string {
        case "text": return true
        case "bytes": return false
        case let word?: throw node.fault("unknown payloadFormat \"\(word)\"", NearestName.hint(for: word, among: ["text", "bytes"]))
        case nil: return try node.integer("payloadFormat", 0...1) == 1
        }
    }

    /// An object, or pairs where a name comes more than once: `[["a", "1"], ["a", "2"]]`.
    private static func userProperties(_ node: Node) throws(StepFault) -> [MessageProperties.UserProperty] {
        var properties: [MessageProperties.UserProperty] = []
        if node.value.array != nil {
            for pair in try node.elements("userProperties") {
                let parts = try pair.elements("a user property")
                guard parts.count == 2 else { throw pair.fault("a user property is a name and a value", "write [\"name\", \"value\"]") }
                properties.append(.init(name: try Self.text(parts[0], "a name"), value: try Self.text(parts[1], "a value")))
            }
        } else {
            for (name, child) in try node.members("userProperties") {
                properties.append(.init(name: name, value: try Self.text(child, "a value")))
            }
        }
        return properties
    }

    /// Strings have at most 65 535 bytes on the wire (MQTT 5 §1.5.4).
    private static func text(_ node: Node, _ what: String) throws(StepFault) -> String {
        let text = try node.string(what)
        guard text.utf8.count <= 65_535, !text.utf8.contains(0) else {
            throw node.fault("\(what) is not a text that MQTT can carry", "use at most 65 535 bytes, and no U+0000")
        }
        return text
    }
}
