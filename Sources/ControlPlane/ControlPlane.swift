package import Broker
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// What the HTTP doors answer to requests that do not upgrade: the front page, `/mqtt` as a plain request, and `/_sundial/`.
///
/// Each connection is served by Hummingbird's HTTP/1 handling in a task of its own, which runs on the loop of the core. The broker is
/// reached by `submit` and `ask` only.
package final class ControlPlane: Sendable {
    private typealias Connection = (channel: any Channel, task: Task<Void, Never>)

    /// Guarded by a lock because connections come and go on the loop and in tasks, and `stop` waits for them from elsewhere; never
    /// touched by a message.
    private struct State {
        var router: ControlPlaneRouter
        var connections: [ObjectIdentifier: Connection] = [:]
        var isStopping = false
    }

    private let state: Mutex<State>
    private let settings: ControlPlaneSettings
    private let logger: Logger

    /// How long a connection without a request stays open.
    private static let idleTimeout = TimeAmount.seconds(75)

    package init(_ settings: ControlPlaneSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        self.state = Mutex(State(router: ControlPlaneRouter(settings: settings, broker: nil)))
    }

    /// Gives the broker that requests are answered from; until then they get 503.
    package func attach(_ broker: Broker) {
        let router = ControlPlaneRouter(settings: self.settings, broker: broker)
        self.state.withLock { $0.router = router }
    }

    /// What `Broker.start` does with a connection that does not upgrade.
    package var fallback: HTTPFallback {
        let http = HTTP1Channel(
            responder: self.respond,
            configuration: .init(additionalChannelHandlers: [MalformedRequestLog(self.logger)], idleTimeout: Self.idleTimeout))
        return { channel in
            http.setup(channel: channel, logger: self.logger).flatMapThrowing { value in
                let pipeline = channel.pipeline.syncOperations
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try pipeline.addHandler(ConnectionPersistence(), position: .after(decoder))
                let task = Task(executorPreference: LoopExecutor(channel.eventLoop)) {
                    await http.handle(value: value, logger: self.logger)
                }
                self.opened(channel, task)
            }
        }
    }

    /// Closes every HTTP connection and waits until its task has ended.
    package func stop() async {
        let connections = self.state.withLock { state in
            state.isStopping = true
            defer { state.connections = [:] }
            return Array(state.connections.values)
        }
        for connection in connections { connection.channel.close(promise: nil) }
        for connection in connections { await connection.task.value }
    }

    private func opened(_ channel: any Channel, _ task: Task<Void, Never>) {
        let id = ObjectIdentifier(channel)
        let isStopping = self.state.withLock { state in
            if !state.isStopping { state.connections[id] = (channel, task) }
            return state.isStopping
        }
        if isStopping { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { _ = $0.connections.removeValue(forKey: id) }
        }
    }

    private func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let context = DoorContext(channel: channel, logger: self.logger)
        let router = self.state.withLock { $0.router }
        if request.headers[.expect]?.lowercased() == "100-continue", ControlPlaneRouter.bodyReader(for: request).wouldRead(request) {
            try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        }
        let response = await router.respond(to: request, context: context)
        try await writer.write(response: response.head, body: response.body)
    }
}
