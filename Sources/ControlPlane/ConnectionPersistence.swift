import NIOCore
import NIOHTTP1

/// Ends a connection after the answer to a request that wants no other after it, or that has not been read to its end.
/// RFC 9112 §9.3, §9.6.
///
/// Stands where the version and the fields of a request are still as sent.
final class ConnectionPersistence: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Requests {
        case come
        /// The latest is the last.
        case lastBegan
        /// What still comes is thrown away.
        case ignored
    }

    private var requests = Requests.come
    private var unanswered = 0
    /// The latest request has not come to its end.
    private var isReading = false
    /// The connection ends with the answer under way.
    private var isClosing = false

    /// How long a client that was told that its connection ends may go on sending: closing at once could take the answer from it.
    private static let lingeringTime = TimeAmount.seconds(2)

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = self.unwrapInboundIn(data)
        switch (part, self.requests) {
        case (_, .ignored):
            return
        case (.head, .lastBegan):
            self.requests = .ignored
            return
        case (.head(var head), .come):
            self.unanswered += 1
            self.isReading = true
            if !head.isKeepAlive { self.requests = .lastBegan }
            // Only HTTP/1.1 demands it; an empty one tells them apart where the version is not known any more.
            if head.version != .http1_1, !head.headers.contains(name: "host") { head.headers.add(name: "host", value: "") }
            part = .head(head)
        case (.body, .come), (.body, .lastBegan):
            break
        case (.end, .come), (.end, .lastBegan):
            self.isReading = false
        }
        context.fireChannelRead(self.wrapInboundOut(part))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            self.isClosing = self.isLast(head)
            if self.isClosing, head.isKeepAlive { head.headers.add(name: "connection", value: "close") }
            context.write(self.wrapOutboundOut(.head(head)), promise: promise)
        case .end where self.isClosing:
            let written = promise ?? context.eventLoop.makePromise()
            context.writeAndFlush(data, promise: written)
            self.close(context, after: written.futureResult)
        case .end:
            self.unanswered -= 1
            context.write(data, promise: promise)
        case .head, .body:
            context.write(data, promise: promise)
        }
    }

    private func isLast(_ answer: HTTPResponseHead) -> Bool {
        guard answer.isKeepAlive else { return true }
        let isLatest = self.unanswered == 1
        switch self.requests {
        case .come: return isLatest && self.isReading
        case .lastBegan, .ignored: return isLatest
        }
    }

    private func close(_ context: ChannelHandlerContext, after written: EventLoopFuture<Void>) {
        self.requests = .ignored
        let patience = self.isReading ? Self.lingeringTime : .zero
        written.assumeIsolated().whenComplete { _ in
            if patience == .zero { return context.close(promise: nil) }
            _ = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { context.close(promise: nil) }
        }
    }
}

@available(*, unavailable)
extension ConnectionPersistence: Sendable {}
