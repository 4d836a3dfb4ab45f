import Testing

/// Bytes on the MQTT door that break the specification, what must become of the connection, and what the log must say.
struct BadPacket: Sendable, CustomTestStringConvertible {
    enum Outcome: Sendable, Equatable {
        /// Closed; an MQTT 5 client is first told this reason.
        case closed(reason: UInt8?)
        /// Answered with exactly this, and the connection stays.
        case answered([UInt8])
    }

    var testDescription: String
    /// 4 or 5: the client has connected with it. 0: it has not connected yet.
    var connectedLevel: UInt8
    var bytes: [UInt8]
    /// The client stops sending afterwards.
    var endsSending = false
    var outcome = Outcome.closed(reason: nil)
    /// What a log line must contain.
    var log: String

    private static func early(_ name: String, _ bytes: [UInt8], _ outcome: Outcome = .closed(reason: nil), log: String) -> Self {
        BadPacket(testDescription: name, connectedLevel: 0, bytes: bytes, outcome: outcome, log: log)
    }

    private static func three(_ name: String, _ bytes: [UInt8], _ outcome: Outcome = .closed(reason: nil), log: String) -> Self {
        BadPacket(testDescription: name, connectedLevel: 4, bytes: bytes, outcome: outcome, log: log)
    }

    private static func five(_ name: String, _ bytes: [UInt8], _ reason: UInt8, log: String) -> Self {
        BadPacket(
            testDescription: "\(name), MQTT 5", connectedLevel: 5, bytes: bytes, outcome: .closed(reason: reason), log: log)
    }

    static let all = Self.beforeConnect + Self.framing + Self.publishing + Self.subscribing + Self.properties

    private static let overlong: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x01]

    /// MQTT 5 §3.1, §4.13; 3.1.1 §3.1.
    private static let beforeConnect = [
        Self.early("PINGREQ first", [0xC0, 0], log: "not CONNECT"),
        Self.early("PUBLISH first", PacketText.publish("a", "x"), log: "not CONNECT"),
        Self.early("an HTTP request", Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), log: "connection closed"),
        Self.early("a TLS hello", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01], log: "connection closed"),
        Self.early("packet type 0", [0x00, 0], log: "packet type 0"),
        Self.early(
            "protocol name of nobody", PacketText.connect([0x61], protocolName: "MQTX"), log: "\"MQTX\" level 4 is not supported"),
        Self.early("protocol level 7", PacketText.connect("a", level: 7), log: "level 7 is not supported"),
        Self.early("the reserved CONNECT flag", PacketText.connect([0x61], flags: 0x03), log: "reserved bit 0"),
        Self.early("a will QoS without a will", PacketText.connect([0x61], flags: 0x0A), log: "without a will"),
        Self.early(
            "will QoS 3", PacketText.connect([0x61], flags: 0x1E, rest: PacketText.string("w") + PacketText.string("x")),
            log: "QoS 3 does not exist"),
        Self.early(
            "a password without a user name", PacketText.connect([0x61], flags: 0x42, rest: PacketText.string("p")),
            log: "password but no user name"),
        Self.early("a client id that is not UTF-8", PacketText.connect([0x61, 0xC3, 0x28]), log: "not valid UTF-8"),
        Self.early("a client id with a null", PacketText.connect([0x61, 0x00]), log: "null character"),
        Self.early("a client id with a surrogate", PacketText.connect([0xED, 0xA0, 0x80]), log: "not valid UTF-8"),
        Self.early("bytes after CONNECT's end", PacketText.connect([0x61], rest: [1, 2, 3]), log: "after the last field"),
        Self.early(
            "CONNECT with header flags", [0x11] + PacketText.connect("a").dropFirst(), log: "CONNECT has header flags"),
        Self.early(
            "a client id longer than its packet",
            PacketText.packet(
                0x10, PacketText.string("MQTT") + [4, 2, 0, 60, 0x40, 0x00, 0x61]), log: "ends inside a field"),
        Self.early("a CONNECT of 256 MB", [0x10, 0xFF, 0xFF, 0xFF, 0x7F], log: "at most"),
        BadPacket(
            testDescription: "half a CONNECT, then the end", connectedLevel: 0,
            bytes: Array(PacketText.connect("a").dropLast(3)), endsSending: true, log: "connection"),
    ]

    /// MQTT 5 §2.1, §4.8.
    private static let framing = [
        Self.three("a second CONNECT", PacketText.connect("bad"), log: "second CONNECT"),
        Self.five("a second CONNECT", PacketText.connect("bad", level: 5), 0x82, log: "second CONNECT"),
        Self.three("a length of five bytes", [0x30] + Self.overlong, log: "goes on after four bytes"),
        Self.five("a length of five bytes", [0x30] + Self.overlong, 0x81, log: "goes on after four bytes"),
        Self.three("PINGREQ with flags", [0xC3, 0], log: "PINGREQ has header flags"),
        Self.three("PINGREQ with a body", [0xC0, 1, 0], log: "after the last field"),
        Self.three("PUBREL without its flags", [0x60, 2, 0, 1], log: "PUBREL has header flags"),
        Self.three("DISCONNECT with flags", [0xE1, 0], log: "DISCONNECT has header flags"),
        Self.three("CONNACK from a client", [0x20, 2, 0, 0], log: "connection closed"),
        Self.three("SUBACK from a client", [0x90, 3, 0, 1, 0], log: "connection closed"),
        Self.three("PINGRESP from a client", [0xD0, 0], log: "connection closed"),
        Self.three("AUTH before MQTT 5", [0xF0, 0], log: "packet type 15"),
        Self.five("AUTH that was not agreed", [0xF0, 0], 0x82, log: "AUTH"),
        BadPacket(
            testDescription: "half a PUBLISH, then the end", connectedLevel: 4,
            bytes: Array(PacketText.publish("a", "hello").dropLast(2)), endsSending: true, log: "connection"),
    ]

    /// MQTT 5 §3.3, §4.7.
    private static let publishing = [
        Self.three("a wildcard in PUBLISH", PacketText.publish("a/+", "x"), log: "PUBLISH"),
        Self.five("a wildcard in PUBLISH", PacketText.publish5(Array("a/#".utf8), properties: []), 0x90, log: "PUBLISH"),
        Self.three("an empty topic", PacketText.publish("", "x"), log: "topic"),
        Self.three("QoS 3", [0x36] + PacketText.publish("a", "xyz").dropFirst(), log: "QoS 3 does not exist"),
        Self.three(
            "packet id 0", PacketText.packet(0x32, PacketText.string("a") + [0, 0]), log: "packet identifier is 0"),
        Self.three("a topic that is not UTF-8", PacketText.packet(0x30, [0, 2, 0xC3, 0x28]), log: "connection closed"),
        Self.five("a topic that is not UTF-8", PacketText.publish5([0xC3, 0x28], properties: []), 0x81, log: "connection closed"),
        Self.three("a topic longer than its packet", PacketText.packet(0x30, [0x00, 0x09, 0x61]), log: "ends inside a field"),
        Self.three("QoS 1 without room for a packet id", PacketText.packet(0x32, [0, 1, 0x61, 0]), log: "ends inside a field"),
    ]

    /// MQTT 5 §3.8, §3.10.
    private static let subscribing = [
        Self.three("SUBSCRIBE without its flags", PacketText.subscribe("a", flags: 0), log: "SUBSCRIBE has header flags"),
        Self.three("SUBSCRIBE with no filter", PacketText.packet(0x82, [0, 1]), log: "at least one"),
        Self.three("SUBSCRIBE at QoS 3", PacketText.subscribe("a", options: 3), log: "QoS 3"),
        Self.three("SUBSCRIBE with reserved options", PacketText.subscribe("a", options: 0x10), log: "reserved bits"),
        Self.three(
            "SUBSCRIBE with packet id 0", PacketText.packet(0x82, [0, 0] + PacketText.string("a") + [0]),
            log: "packet identifier is 0"),
        Self.three(
            "UNSUBSCRIBE without its flags", PacketText.packet(0xA0, [0, 1] + PacketText.string("a")), log: "UNSUBSCRIBE has header flags"),
        Self.three("UNSUBSCRIBE with no filter", PacketText.packet(0xA2, [0, 1]), log: "at least one"),
        Self.three(
            "a filter with # in the middle", PacketText.subscribe("a/#/b"), .answered([0x90, 3, 0, 1, 0x80]), log: "subscription refused"),
        Self.five("No Local on a shared subscription", PacketText.subscribe("$share/g/a", level: 5, options: 4), 0x82, log: "No Local"),
    ]

    /// MQTT 5 §2.2.2.
    private static let properties = [
        Self.five("an unknown property", PacketText.publish5([0x61], properties: [0x7F, 0]), 0x81, log: "property identifier 127"),
        Self.five("a property of another packet", PacketText.publish5([0x61], properties: [0x21, 0, 1]), 0x81, log: "not allowed in"),
        Self.five("a property twice", PacketText.publish5([0x61], properties: [0x01, 0, 0x01, 0]), 0x82, log: "more than once"),
        Self.five("topic alias 0", PacketText.publish5([0x61], properties: [0x23, 0, 0]), 0x94, log: "alias is 0"),
        Self.five("an alias never given a topic", PacketText.publish5([], properties: [0x23, 0, 5]), 0x94, log: "alias 5"),
        Self.five("properties longer than the packet", PacketText.packet(0x30, [0, 1, 0x61, 0x7F]), 0x81, log: "ends inside a field"),
        Self.five(
            "a user property that is not UTF-8", PacketText.publish5([0x61], properties: [0x26, 0, 1, 0xFF, 0, 0]), 0x81,
            log: "not valid UTF-8"),
        Self.five("an unknown DISCONNECT reason", [0xE0, 1, 0x55], 0x82, log: "DISCONNECT does not define"),
    ]
}
