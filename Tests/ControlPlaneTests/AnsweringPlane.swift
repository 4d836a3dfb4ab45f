import Broker
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import Logging
import NIOCore
import NIOPosix
import SigV4
import Testing
import Timeline

@testable import ControlPlane

extension DoorContext {
    /// Of a request that came over no socket.
    static func withoutSocket(interrupt: @escaping @Sendable (any Error) -> Void = { _ in }) -> DoorContext {
        DoorContext(
            localAddress: nil, remoteAddress: nil, loop: MultiThreadedEventLoopGroup.singleton.any(), interrupt: interrupt,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

/// A router over a broker without doors: no sockets, the real core.
struct AnsweringPlane {
    let router: ControlPlaneRouter
    let broker: Broker
    /// What was logged, a line each.
    let log: LogLines
    private let local: SocketAddress
    private let remote: SocketAddress

    /// Lends one to `body`, and stops its broker.
    static func with(
        policy: VerificationPolicy = .aws, hostNames: [String] = [], token: String? = nil, reachedAt local: String = "127.0.0.1",
        keeper: (any StateKeeper)? = nil, region: String? = nil, clock: ClockKind = .real,
        _ body: (AnsweringPlane) async throws -> Void
    ) async throws {
        let log = LogLines()
        var configuration = BrokerConfiguration(listeners: [], credentials: CredentialSet(), verification: policy, region: region)
        configuration.clock.kind = clock
        let broker = try await Broker.start(configuration, logger: log.logger, keeper: keeper) { $0.eventLoop.makeSucceededVoidFuture() }
        let settings = ControlPlaneSettings(version: "1.2.3", startedAt: Broker.systemWallTime(), hostNames: hostNames, bearerToken: token)
        let plane = AnsweringPlane(
            router: ControlPlaneRouter(settings: settings, broker: broker), broker: broker, log: log,
            local: try SocketAddress(ipAddress: local, port: 8443),
            remote: try SocketAddress(ipAddress: "127.0.0.1", port: 50000))
        do {
            try await body(plane)
            await broker.stop()
        } catch {
            await broker.stop()
            throw error
        }
    }

    struct Answer {
        let status: Int
        let headers: HTTPFields
        let body: String

        subscript(name: String) -> String? { HTTPField.Name(name).flatMap { self.headers[$0] } }
        var json: JSONValue? { try? JSONValue(parsing: self.body) }
    }

    func answer(
        _ method: HTTPRequest.Method = .get, _ target: String, host: String = "localhost:8443", _ headers: HTTPFields = [:],
        body: RequestBody = .init(buffer: ByteBuffer())
    ) async throws -> Answer {
        let response = try await self.response(method, target, host: host, headers, body: body)
        let collected = Collected()
        try await response.body.write(CollectingWriter(collected: collected))
        return Answer(status: response.status.code, headers: response.headers, body: String(decoding: await collected.bytes, as: UTF8.self))
    }

    /// The answer before its body is written.
    func response(
        _ method: HTTPRequest.Method, _ target: String, host: String = "localhost:8443", _ headers: HTTPFields = [:],
        body: RequestBody = .init(buffer: ByteBuffer())
    ) async throws -> Response {
        let head = HTTPRequest(method: method, scheme: "https", authority: host, path: target, headerFields: headers)
        let context = DoorContext(
            localAddress: self.local, remoteAddress: self.remote, loop: MultiThreadedEventLoopGroup.singleton.any(), logger: self.log.logger
        )
        return await self.router.respond(to: Request(head: head, body: body), context: context)
    }

    /// The answer to a request signed as the SDKs do.
    func signed(
        _ method: HTTPRequest.Method = .get, _ target: String, _ body: String = "", headers: [(name: String, value: String)] = [],
        service: String = "iotdata", secret: String = "test", at date: WallTime = Broker.systemWallTime()
    ) async throws -> Answer {
        let added = HeaderSigner.sign(
            method: method.rawValue, target: target, host: "localhost:8443", headers: headers, body: Array(body.utf8),
            credentials: Credentials(accessKeyID: "test", secretAccessKey: secret), region: "eu-west-1", service: service, date: date)
        var fields = HTTPFields()
        for (name, value) in headers + added { fields[try #require(HTTPField.Name(name))] = value }
        if !body.isEmpty { fields[.contentLength] = "\(body.utf8.count)" }
        return try await self.answer(method, target, fields, body: .init(buffer: ByteBuffer(string: body)))
    }

    /// A signed target for `localhost:8443`.
    static func signedTarget(
        at date: WallTime = Broker.systemWallTime(), secret: String = "test", options: PresignOptions = .init()
    ) -> String {
        let url = Presigner.presign(
            SignedEndpoint(host: "localhost", port: 8443), credentials: Credentials(accessKeyID: "test", secretAccessKey: secret),
            region: "eu-west-1", date: date, options: options)
        return String(url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
    }
}

private actor Collected {
    var bytes: [UInt8] = []

    func append(_ buffer: ByteBuffer) { self.bytes += Array(buffer.readableBytesView) }
}

private struct CollectingWriter: ResponseBodyWriter {
    let collected: Collected

    mutating func write(_ buffer: ByteBuffer) async throws { await self.collected.append(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
