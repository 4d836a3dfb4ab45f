import Hummingbird
import Logging
import NIOCore

/// Where a request came in.
struct DoorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The door's own port; `nil` in tests without a socket.
    let localPort: Int?
    /// Whether the connection was made to a loopback address.
    let isLocal: Bool
    let peer: String
    /// The loop of the connection.
    let loop: any EventLoop
    /// Ends what is being read of the request with an error.
    let interrupt: @Sendable (any Error) -> Void

    init(source: ApplicationRequestContextSource) {
        self.init(channel: source.channel, logger: source.logger)
    }

    init(channel: any Channel, logger: Logger) {
        self.init(
            localAddress: channel.localAddress, remoteAddress: channel.remoteAddress, loop: channel.eventLoop,
            interrupt: { channel.pipeline.fireErrorCaught($0) }, logger: logger)
    }

    /// - Parameter localAddress: `nil` (no socket) counts as loopback.
    init(
        localAddress: SocketAddress?, remoteAddress: SocketAddress?, loop: any EventLoop,
        interrupt: @escaping @Sendable (any Error) -> Void = { _ in }, logger: Logger
    ) {
        self.coreContext = .init(source: LoggerSource(logger: logger))
        self.localPort = localAddress?.port
        self.isLocal = localAddress.map { HostName.isLoopback($0.ipAddress ?? "") } ?? true
        self.peer = remoteAddress.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
        self.loop = loop
        self.interrupt = interrupt
    }

    private struct LoggerSource: RequestContextSource {
        let logger: Logger
    }
}
