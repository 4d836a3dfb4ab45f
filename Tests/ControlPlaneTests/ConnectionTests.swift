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

    private static func withConnection(_ body: (NIOAsyncTestingChannel, ControlPlane) async throws -> Void) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let plane = ControlPlane(ControlPlaneSettings(version: "1.2.3", startedAt: Broker.systemWallTime()), logger: quiet)
        let broker = try await Broker.start(
            BrokerConfiguration(listeners: [], credentials: CredentialSet()), logger: quiet, fallback: plane.fallback)
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
