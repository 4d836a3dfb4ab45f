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

    /// The first address decides about the port. Of the further ones only `::1` may be missing: it is there by default, and not
    /// every machine has it.
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
                    } catch let failure as BindFailure where failure.isMissingAddress && host == "::1" {
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
            return try await self.bootstrap(isVersion6: host.contains(":")).bind(host: host, port: port).get()
        } catch let error as IOError {
            let failure = BindFailure(host: host, code: error.errnoCode, text: error.description)
            guard host == self.listener.hosts[0] else { throw failure }
            throw self.explain(failure, port: port)
        }
    }

    private func explain(_ error: any Error, port: Int) -> any Error {
        guard let failure = error as? BindFailure else { return error }
        let option = "--\(self.listener.name)-port"
        let words =
            switch failure.code {
            case EADDRINUSE: "address in use; stop the other process or pass \(option)"
            case EACCES: "permission denied; ports below 1024 need root: pass \(option) with a higher one"
            case EADDRNOTAVAIL, EAFNOSUPPORT: "this machine has no such address; pass --bind with one that it has"
            default: "\(failure.text); pass another --bind or \(option)"
            }
        return ListenError("listen \(failure.host):\(port) failed: \(words)")
    }

    private func bootstrap(isVersion6: Bool) -> ServerBootstrap {
        let bootstrap = ServerBootstrap(group: self.loop)
        // Without it :: takes 0.0.0.0's port as well, and both cannot be opened.
        let apart = isVersion6 ? bootstrap.serverChannelOption(Self.onlyVersion6, value: 1) : bootstrap
        return
            apart
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // An HTTP client may end its side once its request is sent. Over TLS the end of a side is that of the session.
            .childChannelOption(.allowRemoteHalfClosure, value: self.listener.speaks == .http && !self.listener.usesTLS)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 256 * 1024, high: 1024 * 1024))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.setUp(channel) }
            }
    }

    private static let onlyVersion6 = ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only)

    private func setUp(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        let core = self.core.value
        let door = Door(name: self.listener.name, profile: self.listener.profile, address: channel.localAddress.map(Self.text))
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
