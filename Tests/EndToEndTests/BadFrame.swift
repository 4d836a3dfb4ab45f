import Testing

/// WebSocket frames that break RFC 6455 or carry no MQTT, after a good upgrade.
struct BadFrame: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    /// What a log line must contain.
    var log: String

    static let all = [
        BadFrame(testDescription: "a text frame", bytes: Self.frame(0x81, PacketText.connect("bad")), log: "text frame"),
        BadFrame(testDescription: "an unmasked frame", bytes: Self.unmasked(0x82, PacketText.connect("bad")), log: "unmasked"),
        BadFrame(testDescription: "a reserved bit", bytes: Self.frame(0xC2, PacketText.connect("bad")), log: "reserved bits"),
        BadFrame(testDescription: "a reserved opcode", bytes: Self.frame(0x83, []), log: "opcode 3"),
        BadFrame(testDescription: "a continuation of nothing", bytes: Self.frame(0x80, [1]), log: "continuation"),
        BadFrame(
            testDescription: "a new message inside another",
            bytes: Self.frame(0x02, Array(PacketText.connect("bad").prefix(3))) + Self.frame(0x82, [1]), log: "inside a fragmented"),
        BadFrame(testDescription: "a fragmented ping", bytes: Self.frame(0x09, []), log: "control frame"),
        BadFrame(
            testDescription: "a ping of 126 bytes", bytes: [0x89, 0xFE, 0, 126, 1, 2, 3, 4] + [UInt8](repeating: 0, count: 126),
            log: "control frame"),
        BadFrame(testDescription: "half a close code", bytes: Self.frame(0x88, [3]), log: "half a code"),
        BadFrame(
            testDescription: "a frame of more bytes than there are numbers",
            bytes: [0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], log: "impossible length"),
        BadFrame(
            testDescription: "an endless frame that begins with no CONNECT",
            bytes: [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xC0, 0], log: "not CONNECT"),
        BadFrame(
            testDescription: "a packet larger than AWS takes",
            bytes: Self.frame(0x82, PacketText.connect("bad") + [0x30, 0xFF, 0xFF, 0x7F]), log: "at most 149504"),
        BadFrame(testDescription: "garbage in a binary frame", bytes: Self.frame(0x82, [0, 1, 2, 3]), log: "packet type 0"),
    ]

    /// A masked frame of up to 125 bytes.
    private static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return [first, 0x80 | UInt8(payload.count)] + key + payload.enumerated().map { $0.element ^ key[$0.offset & 3] }
    }

    private static func unmasked(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [first, UInt8(payload.count)] + payload
    }

    /// Upgrades, sends, and waits for the connection to be closed.
    func send(to doors: Doors, target: String) throws {
        let socket = try RawSocket(port: doors.http.port)
        let head = [
            "GET \(target) HTTP/1.1", "Host: localhost:\(doors.http.port)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: mqtt",
        ]
        socket.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        let answer = String(decoding: try socket.receive(through: Array("\r\n\r\n".utf8)), as: UTF8.self)
        try RawSocket.check(answer.hasPrefix("HTTP/1.1 101 "), answer)
        // RFC 6455 §1.3's own example; old clients look for the name in lower case.
        try RawSocket.check(answer.contains("\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), answer)
        try RawSocket.check(answer.lowercased().contains("\r\nsec-websocket-protocol: mqtt\r\n"), answer)
        socket.send(self.bytes)
        _ = try socket.receiveUntilClosed()
    }
}
