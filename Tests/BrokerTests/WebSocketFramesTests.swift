import NIOCore
import Testing

@testable import Broker

@Suite("WebSocket frames from a client (RFC 6455 §5)")
struct WebSocketFramesTests {
    /// One masked frame as a client sends it.
    static func frame(_ opcode: UInt8, _ payload: [UInt8], final: Bool = true, mask: [UInt8] = [1, 2, 3, 4]) -> [UInt8] {
        var bytes = [(final ? 0x80 : 0) | opcode]
        switch payload.count {
        case 0..<126: bytes.append(0x80 | UInt8(payload.count))
        case 126..<65_536: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        return bytes + mask + payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }

    private func take(_ chunks: [[UInt8]]) throws -> (payload: [UInt8], events: [WebSocketFrames.Event]) {
        var frames = WebSocketFrames()
        var payload = ByteBuffer()
        var events: [WebSocketFrames.Event] = []
        for chunk in chunks {
            try chunk.withUnsafeBytes { try frames.received($0, payload: &payload) { event, _ in events.append(event) } }
        }
        return (Array(payload.readableBytesView), events)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 200_000])
    func payloadsOfEveryLengthFormComeOutUnmasked(length: Int) throws {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try self.take([Self.frame(2, payload)]).payload == payload)
    }

    @Test(arguments: 1...9)
    func framesMayComeInPiecesOfAnySize(size: Int) throws {
        let payload = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
        let bytes = Self.frame(2, payload) + Self.frame(9, [7, 8]) + Self.frame(2, payload)
        let chunks = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        let result = try self.take(chunks)
        #expect(result.payload == payload + payload)
        #expect(result.events == [.ping([7, 8])])
    }

    @Test func fragmentsAreOneStreamAndControlFramesMayComeBetween() throws {
        let bytes = Self.frame(2, [1], final: false) + Self.frame(9, []) + Self.frame(0, [2], final: false) + Self.frame(0, [3])
        let result = try self.take([bytes])
        #expect(result.payload == [1, 2, 3])
        #expect(result.events == [.ping([])])
    }

    @Test func aCloseFrameGivesItsCode() throws {
        #expect(try self.take([Self.frame(8, [0x03, 0xE9])]).events == [.close(1001)])
        #expect(try self.take([Self.frame(8, [])]).events == [.close(nil)])
    }

    @Test(
        arguments: [
            ("unmasked", [0x82, 0x01, 0x00], 1002), ("text", [0x81, 0x80, 0, 0, 0, 0], 1003),
            ("reserved bits", [0xC2, 0x80, 0, 0, 0, 0], 1002),
            ("an unknown opcode", [0x83, 0x80, 0, 0, 0, 0], 1002), ("a fragmented ping", [0x09, 0x80, 0, 0, 0, 0], 1002),
            ("a long ping", [0x89, 0xFE, 0, 126, 0, 0, 0, 0], 1002), ("a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0], 1002),
            ("a message inside a message", [0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0], 1002),
            ("an impossible length", [0x82, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1002),
            ("half a close code", [0x88, 0x81, 0, 0, 0, 0, 3], 1002),
        ] as [(String, [UInt8], UInt16)])
    func violationsHaveTheirCloseCode(name: String, bytes: [UInt8], code: UInt16) {
        #expect {
            try self.take([bytes])
        } throws: {
            ($0 as? WebSocketFrames.Violation)?.code == code
        }
    }

    @Test func aGiantDeclaredLengthReservesNothing() throws {
        let bytes: [UInt8] = [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 1, 2, 3]
        var frames = WebSocketFrames()
        var payload = ByteBuffer()
        try bytes.withUnsafeBytes { try frames.received($0, payload: &payload) { _, _ in } }
        #expect(payload.readableBytes == 3)
        #expect(payload.capacity < 1024)
    }

    @Test(arguments: [(1, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)])
    func batchesGetTheShortestHeader(length: Int, header: Int) {
        var batch = ByteBuffer(repeating: 0, count: WebSocketFrames.maximumHeaderBytes + length)
        WebSocketFrames.frame(&batch)
        #expect(batch.readableBytes == header + length)
        #expect(batch.getInteger(at: batch.readerIndex) == UInt8(0x82))
        let bytes = Array(batch.readableBytesView.prefix(header))
        switch header {
        case 2: #expect(bytes[1] == UInt8(length))
        case 4: #expect(bytes[1...] == [126, UInt8(length >> 8), UInt8(length & 0xFF)])
        default: #expect(bytes[1...] == [127, 0, 0, 0, 0, 0, 1, 0, 0])
        }
    }
}

@Suite("The head of an HTTP request")
struct RequestHeadTests {
    private func head(_ text: String) throws -> RequestHead {
        try Array(text.utf8).withUnsafeBytes { try RequestHead($0) }
    }

    @Test func nothingIsDecodedOrNormalised() throws {
        let head = try self.head(
            "GET /mqtt?a=%2F+b HTTP/1.1\r\nHost:  Local:8443 \r\nConnection: keep-alive, Upgrade\r\nUPGRADE: WebSocket\r\n\r\n")
        #expect(head.target == "/mqtt?a=%2F+b")
        #expect(head.path == "/mqtt")
        #expect(head.header("host") == "Local:8443")
        #expect(head.headers.map(\.name) == ["Host", "Connection", "UPGRADE"])
        #expect(head.asksForWebSocket)
    }

    @Test func itsEndIsFoundOnlyWhenItIsThere() {
        let bytes = Array("GET / HTTP/1.1\r\n\r\nrest".utf8)
        for end in 0..<18 { #expect(bytes[..<end].withUnsafeBytes { RequestHead.length(in: $0) } == nil) }
        #expect(bytes.withUnsafeBytes { RequestHead.length(in: $0) } == 18)
    }

    @Test(arguments: [
        "GET /\r\n\r\n", "GET / FTP/1.1\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\n: empty\r\n\r\n",
        "GET / HTTP/1.1\r\nspace in: name\r\n\r\n", "GET / HTTP/1.1\r\nA: \u{0}\r\n\r\n",
    ])
    func whatIsNoHeadIsRefused(text: String) {
        #expect(throws: RequestHead.Malformed.self) { try self.head(text) }
    }

    @Test(
        arguments: [
            ("mqtt", "mqtt"), ("mqttv3.1", "mqttv3.1"), ("chat, mqttv3.1, mqtt", "mqttv3.1"), ("MQTT", "MQTT"), ("chat", nil), (nil, nil),
        ] as [(String?, String?)])
    func theSubprotocolIsTheClientsFirstThatWeSpeak(offered: String?, chosen: String?) {
        #expect(UpgradeAnswer.subprotocol(offered) == chosen)
    }
}
