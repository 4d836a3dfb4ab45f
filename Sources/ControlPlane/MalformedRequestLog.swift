import Broker
import Logging
import NIOCore
import NIOHTTP1

/// Says in the log what Hummingbird answers with a bare 400: bytes that are not HTTP.
final class MalformedRequestLog: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let logger: Logger

    init(_ logger: Logger) {
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let fault = error as? HTTPParserError {
            let peer = context.remoteAddress.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
            if fault == .invalidEOFState {
                self.logger.record(.debug, "the client left in the middle of a request", [.peer: "\(peer)"])
            } else {
                self.logger.record(.notice, "request refused: it is not HTTP: \(fault)", [.peer: "\(peer)", .status: "400"])
            }
        }
        context.fireErrorCaught(error)
    }
}

@available(*, unavailable)
extension MalformedRequestLog: Sendable {}
