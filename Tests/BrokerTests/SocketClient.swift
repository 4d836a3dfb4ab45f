import Broker
import MQTTWire
import NIOCore
import NIOPosix
import Testing

/// A client of a broker over a real socket: packets out, packets in.
final class SocketClient {
    /// What it does by itself with a message.
    enum Manner {
        /// Acknowledges it, after a while.
        case acknowledges(after: TimeAmount = .zero)
        /// Publishes its payload, retained, under this topic, at QoS 0.
        case reacts(topic: String)
        case ignores
    }

    private let channel: any Channel
    private let handler: NIOLoopBound<PacketHandler>
    private var packets: AsyncStream<AnyPacket>.Iterator

    private init(_ channel: any Channel, _ handler: NIOLoopBound<PacketHandler>, _ packets: AsyncStream<AnyPacket>) {
        self.channel = channel
        self.handler = handler
        self.packets = packets.makeAsyncIterator()
    }

    /// A client that has connected, and its CONNACK.
    static func connect(_ broker: Broker, _ connect: Connect, _ manner: Manner = .acknowledges()) async throws -> (SocketClient, Connack) {
        let (stream, continuation) = AsyncStream.makeStream(of: AnyPacket.self)
        let (channel, handler) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: try #require(broker.addresses.first).port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = PacketHandler(connect.protocolVersion, manner, continuation)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                }
            }
        let client = SocketClient(channel, handler, stream)
        try await client.send(.connect(connect))
        guard case .connack(let connack)? = await client.next() else { throw Misfortune(description: "no CONNACK") }
        return (client, connack)
    }

    struct Misfortune: Error, CustomStringConvertible { let description: String }

    func send(_ packet: AnyPacket) async throws { try await self.sender(packet) }

    /// What another task may send with.
    var sender: @Sendable (AnyPacket) async throws -> Void {
        { [channel, handler] packet in try await channel.eventLoop.submit { handler.value.send(packet) }.get() }
    }

    func subscribe(_ filter: String, qos: QoS = .atLeastOnce) async throws {
        try await self.send(.subscribe(Subscribe(id: TestClient.id(1), filters: [Subscription(filter: filter, qos: qos)])))
        guard case .suback? = await self.next() else { throw Misfortune(description: "no SUBACK") }
    }

    /// The next packet; `nil` when the connection has ended.
    func next() async -> AnyPacket? {
        // Moved out, since an iterator in a field cannot be waited on in place.
        var packets = self.packets
        defer { self.packets = packets }
        return await packets.next()
    }

    /// The next packet as short text.
    func nextText() async -> String? {
        await self.next().map(TestClient.text)
    }

    /// How many acknowledgements have left.
    var acknowledged: Int {
        get async throws { try await self.channel.eventLoop.submit { [handler] in handler.value.acknowledged }.get() }
    }

    /// The connection breaks without a goodbye.
    func vanish() async throws {
        try await self.channel.close()
    }
}

private final class PacketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let version: ProtocolVersion
    private let manner: SocketClient.Manner
    private let packets: AsyncStream<AnyPacket>.Continuation
    private var context: ChannelHandlerContext?
    private var bytes = ByteBuffer()
    private(set) var acknowledged = 0

    init(_ version: ProtocolVersion, _ manner: SocketClient.Manner, _ packets: AsyncStream<AnyPacket>.Continuation) {
        self.version = version
        self.manner = manner
        self.packets = packets
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func send(_ packet: AnyPacket) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 64)
        packet.write(to: &buffer, version: self.version)
        context.writeAndFlush(self.wrapOutboundOut(buffer), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var more = self.unwrapInboundIn(data)
        self.bytes.writeBuffer(&more)
        do {
            while let found = try self.bytes.withUnsafeReadableBytes({ try AnyPacket.decodeFirst(of: $0, version: self.version) }) {
                self.bytes.moveReaderIndex(forwardBy: found.bytes)
                if case .publish(let publish) = found.packet { self.received(publish, context) }
                self.packets.yield(found.packet)
            }
        } catch {
            context.close(promise: nil)
        }
    }

    private func received(_ publish: DecodedPublish, _ context: ChannelHandlerContext) {
        switch self.manner {
        case .ignores: break
        case .reacts(let topic):
            self.send(.publish(OutgoingPublish(topic: topic, payload: publish.payloadText, retain: true)))
        case .acknowledges(let delay):
            guard let id = publish.packetID else { return }
            context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
                self.acknowledged += 1
                self.send(.puback(Puback(id: id)))
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.packets.finish()
    }
}

@available(*, unavailable)
extension PacketHandler: Sendable {}
