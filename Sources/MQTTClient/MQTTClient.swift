package import MQTTWire
package import NIOCore
import NIOPosix
import NIOSSL
import SigV4
import Timeline

/// One connection to an MQTT broker, over TCP, TLS, WebSocket or secure WebSocket with a signed URL.
///
/// A client is made by ``connect(_:on:)`` and ends with its connection; to reconnect, make another with the same client id. Letting go
/// of it closes the connection as ``drop()`` does. Calls from any thread are sent in the order made; nothing here waits for the
/// acknowledgement of one request before sending the next.
package final class MQTTClient: Sendable {
    /// What the server granted.
    package let grant: ConnectionGrant
    /// Messages in the order received; ends with the connection. For one consumer.
    package let messages: AsyncStream<ReceivedMessage>
    private let outlets: ClientHandler.Outlets

    private init(_ outlets: ClientHandler.Outlets, grant: ConnectionGrant) {
        self.outlets = outlets
        self.grant = grant
        self.messages = outlets.messages
    }

    deinit {
        self.outlets.channel.close(promise: nil)
    }

    /// Opens a connection: TCP, TLS, upgrade and CONNECT as the endpoint asks for.
    ///
    /// - Parameter eventLoop: where the connection lives; nil: one of the process's shared loops.
    /// - Throws: an error whose ``MQTTClientError/text`` says what to do. A refused upgrade carries the server's explanation.
    package static func connect(
        _ configuration: MQTTClientConfiguration, on eventLoop: (any EventLoop)? = nil
    ) async throws(MQTTClientError) -> MQTTClient {
        let outlets = try await Self.open(configuration, eventLoop ?? MultiThreadedEventLoopGroup.singleton.next())
        let grant = try await Self.value(of: outlets.grant)
        return MQTTClient(outlets, grant: grant)
    }

    /// Subscribes, and returns when the server has answered; see each filter's reason.
    @discardableResult
    package func subscribe(
        _ filters: [Subscription], identifier: UInt32? = nil
    ) async throws(MQTTClientError) -> SubscriptionAcknowledgement {
        try await Self.value(of: self.request { $0.subscribe(filters, identifier: identifier, $1) })
    }

    @discardableResult
    package func unsubscribe(_ filters: [String]) async throws(MQTTClientError) -> SubscriptionAcknowledgement {
        try await Self.value(of: self.request { $0.unsubscribe(filters, $1) })
    }

    /// Publishes, and returns when the server has acknowledged (QoS 1, 2) or the packet is on its way (QoS 0).
    ///
    /// A refusal by a 5.0 server is a return value whose reason is an error, not a thrown error.
    @discardableResult
    package func publish(_ message: ClientPublish) async throws(MQTTClientError) -> PublishAcknowledgement {
        try await self.publishing(message).acknowledgement()
    }

    /// Hands a message over at once, in the order of the calls; the acknowledgement can be awaited later.
    package func publishing(_ message: ClientPublish) -> PendingPublish {
        PendingPublish(future: self.request { $0.publish(message, $1) })
    }

    /// Says goodbye and closes; returns when the connection is closed.
    package func disconnect(_ reason: Reason = .normalDisconnection, sessionExpirySeconds: UInt32? = nil) async {
        let handler = self.outlets.handler
        self.outlets.channel.eventLoop.execute { handler.value.disconnect(reason, sessionExpirySeconds: sessionExpirySeconds) }
        try? await self.outlets.channel.closeFuture.get()
    }

    /// Closes without a goodbye, as a crash or a pulled plug would: the server publishes the will.
    package func drop() async {
        let handler = self.outlets.handler
        self.outlets.channel.eventLoop.execute { handler.value.drop() }
        try? await self.outlets.channel.closeFuture.get()
    }

    /// Stays connected but never speaks or reads again, as a machine that hangs: the server's keep alive runs out, and it publishes
    /// the will. Requests fail when their time is over; ``drop()`` ends it.
    package func fallSilent() {
        let handler = self.outlets.handler
        self.outlets.channel.eventLoop.execute { handler.value.fallSilent() }
    }

    /// Waits for the end of the connection and says how it came.
    package var end: ConnectionEnd {
        get async {
            do {
                return try await self.outlets.end.get()
            } catch {
                return .failed(.connectionLost("\(error)"))
            }
        }
    }

    /// Messages that were received while ``messages`` was full, and so were dropped.
    package var droppedMessages: Int {
        get async {
            let handler = self.outlets.handler
            return (try? await self.outlets.channel.eventLoop.submit { handler.value.droppedMessages }.get()) ?? 0
        }
    }

    private func request<Answer: Sendable>(
        _ body: @escaping @Sendable (ClientHandler, EventLoopPromise<Answer>) -> Void
    ) -> EventLoopFuture<Answer> {
        let eventLoop = self.outlets.channel.eventLoop
        let promise = eventLoop.makePromise(of: Answer.self)
        let handler = self.outlets.handler
        eventLoop.execute { body(handler.value, promise) }
        return promise.futureResult
    }

    static func value<Answer: Sendable>(of future: EventLoopFuture<Answer>) async throws(MQTTClientError) -> Answer {
        do {
            return try await future.get()
        } catch let error as MQTTClientError {
            throw error
        } catch {
            throw .connectionLost("\(error)")
        }
    }

    private static func open(
        _ configuration: MQTTClientConfiguration, _ eventLoop: any EventLoop
    ) async throws(MQTTClientError) -> ClientHandler.Outlets {
        let endpoint = configuration.endpoint
        let tls = endpoint.transport.isEncrypted ? try TLSSettings.context(configuration.tls) : nil
        let serverName = TLSSettings.serverName(endpoint.host)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connectTimeout(.nanoseconds(configuration.connectTimeout.wholeNanoseconds))
        do {
            return try await bootstrap.connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: serverName))
                    }
                    let upgrade = endpoint.transport.isWebSocket ? UpgradeMachine(configuration) : nil
                    let handler = ClientHandler(configuration, upgrade: upgrade, eventLoop: channel.eventLoop)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return handler.outlets(of: channel)
                }
            }
        } catch {
            throw ConnectionFault.error(error, endpoint: endpoint)
        }
    }
}

/// A message handed over, whose acknowledgement is still to come.
package struct PendingPublish: Sendable {
    fileprivate let future: EventLoopFuture<PublishAcknowledgement>

    package func acknowledgement() async throws(MQTTClientError) -> PublishAcknowledgement {
        try await MQTTClient.value(of: self.future)
    }
}
