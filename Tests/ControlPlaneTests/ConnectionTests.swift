import Broker
import ControlPlane
import Logging
import NIOCore
import NIOEmbedded
import SigV4
import Testing

/// The way of a connection through Hummingbird's HTTP/1 handling, byte for byte.
@Suite struct ConnectionTests {
    @Test func requestsAreAnsweredInTurnOnOneConnection() async throws {
        try await Self.withConnection { channel, _ in
            let first = try await Self.answer(to: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", on: channel)
            #expect(first.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(first.lowercased().contains("\r\ndate: "))
            let second = try await Self.answer(to: "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n", on: channel)
            #expect(second.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        }
    }

    @Test func stoppingDoesNotWaitForAConnectionThatIsKeptAlive() async throws {
        try await Self.withConnection { channel, plane in
            _ = try await Self.answer(to: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", on: channel)
            await plane.stop()
            try await channel.closeFuture.get()
        }
    }

    @Test func aBodyTooLongIsRefusedBeforeItComesAndTheConnectionEnds() async throws {
        try await Self.withConnection { channel, _ in
            let answer = try await Self.answer(
                to: "POST /things/T/shadow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n", on: channel)
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
            while channel.isActive { await channel.testingEventLoop.advanceTime(by: .seconds(2)) }
        }
    }

    @Test(arguments: [
        "HTTP/1.1\r\nHost: localhost\r\nConnection: Close", "HTTP/1.1\r\nHost: localhost\r\nConnection: TE, close",
        "HTTP/1.0\r\nHost: localhost", "HTTP/1.0",
    ])
    func aRequestThatWantsNoOtherEndsTheConnection(rest: String) async throws {
        try await Self.withConnection { channel, _ in
            let answer = try await Self.answer(to: "GET / \(rest)\r\n\r\n", on: channel)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
            try await channel.closeFuture.get()
        }
    }

    @Test(arguments: ["", "Host: localhost\r\nHost: evil.example\r\n"], ["/", "/things/T/shadow", "/_sundial/status"])
    func aRequestNamesItsHostOnce(fields: String, path: String) async throws {
        try await Self.withConnection { channel, _ in
            let answer = try await Self.answer(to: "GET \(path) HTTP/1.1\r\n\(fields)\r\n", on: channel)
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.contains("has one Host field, neither none nor two"))
            try await channel.closeFuture.get()
        }
    }

    @Test(arguments: ["POST /nothing", "PUT /things/T/shadow", "POST /mqtt"])
    func aBodyThatNobodyReadsIsNotDrainedForEver(request: String) async throws {
        try await Self.withConnection { channel, _ in
            let answer = try await Self.answer(
                to: "\(request) HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", on: channel)
            #expect(answer.hasPrefix("HTTP/1.1 40"))
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
            while channel.isActive { await channel.testingEventLoop.advanceTime(by: .seconds(2)) }
        }
    }

    @Test func aShortBodyThatNobodyReadsLeavesTheConnectionOpen() async throws {
        try await Self.withConnection { channel, _ in
            let first = try await Self.answer(to: "POST /mqtt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx", on: channel)
            #expect(first.hasPrefix("HTTP/1.1 405 "))
            let second = try await Self.answer(to: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", on: channel)
            #expect(second.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func aClientThatAsksFirstIsToldToGoOnOnlyWhenItsBodyIsTaken() async throws {
        try await Self.withConnection { channel, _ in
            let head = "POST /things/T/shadow HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            try await channel.writeInbound(ByteBuffer(string: head + "Content-Length: 2\r\n\r\n"))
            let goOn = String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self))
            #expect(goOn.hasPrefix("HTTP/1.1 100 Continue\r\n"))
            #expect(try await Self.answer(to: "{}", on: channel).hasPrefix("HTTP/1.1 403 "))
            #expect(try await Self.answer(to: head + "Content-Length: 200000\r\n\r\n", on: channel).hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func whatIsNotHTTPIsRefusedAndLogged() async throws {
        let log = LogLines()
        try await Self.withConnection(logger: log.logger) { channel, _ in
            let request = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n"
            // The channel shows its test what nobody has handled.
            await #expect(throws: (any Error).self) { try await channel.writeInbound(ByteBuffer(string: request)) }
            let answer = String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self))
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(log.all.contains { $0.contains("request refused: it is not HTTP") })
        }
    }

    @Test func aBadChunkIsNamed() async throws {
        try await Self.withConnection { channel, _ in
            let head = "POST /things/T/shadow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            try await channel.writeInbound(ByteBuffer(string: head))
            await #expect(throws: (any Error).self) { try await channel.writeInbound(ByteBuffer(string: "zz\r\n")) }
            let answer = String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self))
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.contains("could not be read to its end: "), "\(answer)")
        }
    }

    private static func withConnection(
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: (NIOAsyncTestingChannel, ControlPlane) async throws -> Void
    ) async throws {
        let plane = ControlPlane(ControlPlaneSettings(version: "1.2.3", startedAt: Broker.systemWallTime()), logger: logger)
        let broker = try await Broker.start(
            BrokerConfiguration(listeners: [], credentials: CredentialSet()), logger: logger, fallback: plane.fallback)
        plane.attach(broker)
        let channel = NIOAsyncTestingChannel()
        _ = try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 8080)).get()
        let fallback = plane.fallback
        try await channel.testingEventLoop.executeInContext { fallback(channel) }.get()
        do {
            try await body(channel, plane)
        } catch {
            Issue.record(error)
        }
        await plane.stop()
        await broker.stop()
    }

    /// Sends one request and collects its answer, whose end the content length tells.
    private static func answer(to request: String, on channel: NIOAsyncTestingChannel) async throws -> String {
        try await channel.writeInbound(ByteBuffer(string: request))
        var text = ""
        while true {
            let part = try await channel.waitForOutboundWrite(as: ByteBuffer.self)
            text += String(buffer: part)
            guard let head = text.firstRange(of: "\r\n\r\n") else { continue }
            let length = text[..<head.lowerBound].lowercased().split(separator: "content-length: ").dropFirst().first
                .flatMap { Int($0.prefix { $0.isNumber }) }
            if text[head.upperBound...].utf8.count >= length ?? 0 { return text }
        }
    }
}
