import Broker
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import Logging
import NIOCore
import SigV4
import Testing
import Timeline

@testable import ControlPlane

/// A router over a broker without doors: no sockets, the real core.
struct AnsweringPlane {
    let router: ControlPlaneRouter
    private let local: SocketAddress
    private let remote: SocketAddress

    /// Lends one to `body`, and stops its broker.
    static func with(
        policy: VerificationPolicy = .aws, hostNames: [String] = [], token: String? = nil, reachedAt local: String = "127.0.0.1",
        _ body: (AnsweringPlane) async throws -> Void
    ) async throws {
        var quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        quiet.logLevel = .critical
        let configuration = BrokerConfiguration(listeners: [], credentials: CredentialSet(), verification: policy)
        let broker = try await Broker.start(configuration, logger: quiet) { $0.eventLoop.makeSucceededVoidFuture() }
        let settings = ControlPlaneSettings(version: "1.2.3", startedAt: Broker.systemWallTime(), hostNames: hostNames, bearerToken: token)
        let plane = AnsweringPlane(
            router: ControlPlaneRouter(settings: settings, broker: broker), local: try SocketAddress(ipAddress: local, port: 8443),
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
        _ method: HTTPRequest.Method = .get, _ target: String, host: String = "localhost:8443", _ headers: HTTPFields = [:]
    ) async throws -> Answer {
        let head = HTTPRequest(method: method, scheme: "https", authority: host, path: target, headerFields: headers)
        let context = DoorContext(
            localAddress: self.local, remoteAddress: self.remote, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let response = await self.router.respond(to: Request(head: head, body: .init(buffer: ByteBuffer())), context: context)
        let collected = Collected()
        try await response.body.write(CollectingWriter(collected: collected))
        return Answer(status: response.status.code, headers: response.headers, body: String(decoding: await collected.bytes, as: UTF8.self))
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
