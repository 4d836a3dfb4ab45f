import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Binds one listener's addresses and sets up the connections that come in.
struct DoorOpener: Sendable {
    let listener: BrokerConfiguration.Listener
    let core: NIOLoopBound<BrokerCore>
    let loop: any EventLoop
    let tls: NIOSSLContext?
    let fallback: HTTPFallback

    struct Opened: Sendable {
        let channels: [any Channel]
        let port: Int
    }

    /// The first address decides about the port; a further one that this machine does not have is left out.
    func open(logger: Logger) async throws -> Opened {
        // A free port of the first address may be taken on the second: then another one is tried.
        for _ in 0..<20 {
            let first = try await self.bind(self.listener.hosts[0], port: self.listener.port)
            let port = first.localAddress?.port ?? self.listener.port
            var channels = [first]
            do {
                for host in self.listener.hosts.dropFirst() {
                    do {
                        channels.append(try await self.bind(host, port: port))
                    } catch let failure as BindFailure where failure.isMissingAddress {
                        logger.record(.debug, "address not available on this machine", [.door: "\(self.listener.name)", .peer: "\(host)"])
                    }
                }
                return Opened(channels: channels, port: port)
            } catch let failure as BindFailure where self.listener.port == 0 && failure.code == EADDRINUSE {
                for channel in channels { try? await channel.close() }
            } catch {
                for channel in channels { try? await channel.close() }
                throw self.explain(error, port: port)
            }
        }
        throw ListenError("listen \(self.listener.hosts[0]) failed: no free port was found on every address")
    }

    private struct BindFailure: Error {
        let host: String
        let code: Int32
        let text: String
        var isMissingAddress: Bool { self.code == EADDRNOTAVAIL || self.code == EAFNOSUPPORT }
    }

    private func bind(_ host: String, port: Int) async throws -> any Channel {
        do {
            return try await self.bootstrap().bind(host: host, port: port).get()
        } catch let error as IOError {
            let failure = BindFailure(host: host, code: error.errnoCode, text: Self.words(error))
            guard host == self.listener.hosts[0] else { throw failure }
            throw self.explain(failure, port: port)
        }
    }

    private func explain(_ error: any Error, port: Int) -> any Error {
        guard let failure = error as? BindFailure else { return error }
        return ListenError(
            "listen \(failure.host):\(port) failed: \(failure.text); stop the other process or pass --\(self.listener.name)-port")
    }

    private static func words(_ error: IOError) -> String {
        switch error.errnoCode {
        case EADDRINUSE: "address in use"
        case EACCES: "permission denied (ports below 1024 need root)"
        case EADDRNOTAVAIL: "this machine has no such address"
        default: error.description
        }
    }

    private func bootstrap() -> ServerBootstrap {
        ServerBootstrap(group: self.loop)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 256 * 1024, high: 1024 * 1024))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.setUp(channel) }
            }
    }

    private func setUp(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        let core = self.core.value
        let door = Door(name: self.listener.name, profile: self.listener.profile)
        let peer = channel.remoteAddress.map(Self.text) ?? "unknown"
        switch self.listener.speaks {
        case .mqtt:
            try pipeline.addHandler(ConnectionHandler(core: core, door: door, peer: peer, principal: nil, isWebSocket: false))
        case .http:
            try pipeline.addHandler(UpgradeHandler(core: core, door: door, peer: peer, fallback: self.fallback))
        }
    }

    private static func text(_ address: SocketAddress) -> String {
        "\(address.ipAddress ?? "unknown"):\(address.port ?? 0)"
    }
}
