import Broker
import MQTTWire
import NIOCore
import Testing

/// An MQTT client of a plane's broker, without a socket.
// SAFETY: everything but the broker is touched on the broker's loop only, inside of `submit`.
final class PlaneClient: Link, @unchecked Sendable {
    private let broker: Broker
    private let version: ProtocolVersion
    private var connection: Connection?
    private var received: [UInt8] = []
    private(set) var closeText: String?
    var prefixBytes: Int { 0 }
    var isWritable: Bool { true }

    /// A client that has connected.
    static func connected(
        _ id: String, to broker: Broker, version: ProtocolVersion = .v5, keepAlive: UInt16 = 60, expiry: UInt32? = nil, will: Will? = nil,
        profile: ServiceProfile = .aws
    ) async throws -> PlaneClient {
        let client = PlaneClient(broker, version)
        try await broker.submit { core in
            client.connection = core.accept(
                client, door: Door(name: "mqtts", profile: profile, address: "127.0.0.1:8883"), peer: "127.0.0.9:40000", principal: nil)
        }
        let connect = Connect(
            protocolVersion: version, clientID: id, cleanStart: expiry == nil, keepAliveSeconds: keepAlive, will: will,
            sessionExpirySeconds: expiry)
        try await client.send(.connect(connect))
        guard case .connack? = try await client.packets().first else {
            throw Misfortune(description: "no CONNACK for \(id)")
        }
        return client
    }

    struct Misfortune: Error, CustomStringConvertible { let description: String }

    private init(_ broker: Broker, _ version: ProtocolVersion) {
        self.broker = broker
        self.version = version
    }

    func send(_ packet: AnyPacket) async throws {
        try await self.broker.submit { core in
            guard let connection = self.connection else { return }
            var buffer = ByteBuffer()
            packet.write(to: &buffer, version: self.version)
            _ = Array(buffer.readableBytesView).withUnsafeBytes { core.received($0, on: connection) }
            core.endTick()
        }
    }

    func subscribe(_ filters: String...) async throws {
        try await self.subscribe(filters)
    }

    func subscribe(_ filters: [String]) async throws {
        guard let id = PacketID(7) else { return }
        try await self.send(.subscribe(Subscribe(id: id, filters: filters.map { Subscription(filter: $0, qos: .atLeastOnce) })))
        guard case .suback? = try await self.packets().first else { throw Misfortune(description: "no SUBACK") }
    }

    /// What has come since the last call.
    func packets() async throws -> [AnyPacket] {
        try await self.broker.submit { core in
            core.endTick()
            var packets: [AnyPacket] = []
            while let decoded = try self.received.withUnsafeBytes({ try AnyPacket.decodeFirst(of: $0, version: self.version) }) {
                self.received.removeFirst(decoded.bytes)
                packets.append(decoded.packet)
            }
            return packets
        }
    }

    func messages() async throws -> [OutgoingPublish] {
        try await self.packets().compactMap { packet in
            guard case .publish(let publish) = packet else { return nil }
            return publish
        }
    }

    func wasClosed() async throws -> String? {
        try await self.broker.submit { core in
            core.endTick()
            return self.closeText
        }
    }

    // MARK: Link

    func send(_ batch: consuming ByteBuffer) -> ByteBuffer {
        self.received += Array(batch.readableBytesView)
        return batch
    }

    func pauseReading() {}

    func resumeReading() {}

    func close(_ end: String) {
        self.closeText = end
    }
}
