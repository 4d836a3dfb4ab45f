import Logging
package import NIOCore
import Sessions
import SigV4
import Timeline

/// The first handler of an HTTP door: reads one request head and decides who handles the connection.
///
/// A WebSocket upgrade of `/mqtt` is verified and becomes a `ConnectionHandler`, with no task of its own. Everything else goes, with the
/// bytes that came, to the HTTP library behind `fallback`.
final class UpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let core: BrokerCore
    private let door: Door
    private let peer: String
    private let fallback: HTTPFallback
    private var bytes = ByteBuffer()
    private var isDecided = false {
        didSet {
            if let timer { self.core.cancel(timer) }
            self.timer = nil
        }
    }
    /// Answered and closing: what still comes is not kept.
    private var isRefused = false
    /// Until a head has come.
    private var timer: CoreTimerToken?

    /// Room for a request head. Signed URLs with long session tokens take a few KiB.
    private static let maximumHeadBytes = 32 * 1024

    init(core: BrokerCore, door: Door, peer: String, fallback: @escaping HTTPFallback) {
        self.core = core
        self.door = door
        self.peer = peer
        self.fallback = fallback
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let timeout = self.door.profile.limits.connectTimeout
        self.timer = self.core.schedule(after: timeout, on: .real) { [weak self] in
            self?.timedOut()
            channel.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isRefused else { return }
        var more = self.unwrapInboundIn(data)
        self.bytes.writeBuffer(&more)
        if !self.isDecided { self.decide(context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.isDecided = true
        context.fireChannelInactive()
    }

    /// Without a whole head there is nothing to answer.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed, !self.isDecided { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.isDecided = true
        if self.bytes.readableBytes > 0, context.channel.isActive {
            context.fireChannelRead(self.wrapInboundOut(self.bytes))
            context.fireChannelReadComplete()
        }
        self.bytes = ByteBuffer()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.core.logger.record(
            .notice, "connection closed: \(HandshakeFailure.end(for: error).text)", [.door: "\(self.door.name)", .peer: "\(self.peer)"])
        context.close(promise: nil)
    }

    /// Nothing at all is what browsers do with spare connections; half a request is worth a line.
    private func timedOut() {
        self.timer = nil
        self.isDecided = true
        guard self.bytes.readableBytes > 0 else { return }
        self.core.logger.record(
            .notice, "connection closed: no whole request came in time", [.door: "\(self.door.name)", .peer: "\(self.peer)"])
    }

    /// What the first byte tells about a client at the wrong door, which would wait for an answer that HTTP never gives.
    private var wrongDoor: String? {
        switch self.bytes.getInteger(at: self.bytes.readerIndex, as: UInt8.self) {
        case 0x16: "the client speaks TLS and this door does not; use the https door (https, wss)"
        case 0x10: "the client speaks MQTT without WebSocket; use the mqtt or mqtts door, or /mqtt over ws or wss"
        default: nil
        }
    }

    private func decide(_ context: ChannelHandlerContext) {
        if let wrongDoor {
            self.core.counters.connectionsRefused += 1
            self.core.logger.record(.notice, "connection closed: \(wrongDoor)", [.door: "\(self.door.name)", .peer: "\(self.peer)"])
            self.isDecided = true
            context.close(promise: nil)
            return
        }
        let length = self.bytes.withUnsafeReadableBytes { RequestHead.length(in: $0) }
        guard let length, length <= Self.maximumHeadBytes else {
            if self.bytes.readableBytes > Self.maximumHeadBytes { self.refuseLongHead(context) }
            return
        }
        self.isDecided = true
        let head: RequestHead
        do {
            head = try self.bytes.withUnsafeReadableBytes { bytes throws(RequestHead.Malformed) in
                try RequestHead(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
            }
        } catch {
            self.refuse(context, status: 400, phrase: "Bad Request", message: "This is not HTTP: \(error.text).")
            return
        }
        if head.asksForWebSocket {
            self.bytes.moveReaderIndex(forwardBy: length)
            self.upgrade(head, context)
        } else {
            self.handOver(context)
        }
    }

    // MARK: WebSocket

    private func upgrade(_ head: RequestHead, _ context: ChannelHandlerContext) {
        guard head.path == "/mqtt" else {
            self.refuse(
                context, status: 404, phrase: "Not Found",
                message: "MQTT over WebSocket is served at /mqtt, not at \(head.path.prefix(200)).")
            return
        }
        guard let key = head.header("sec-websocket-key"), head.header("sec-websocket-version") == "13" else {
            self.refuse(
                context, status: 426, phrase: "Upgrade Required",
                message: "The WebSocket handshake needs Sec-WebSocket-Key and Sec-WebSocket-Version: 13.")
            return
        }
        let request = SignedRequest(method: head.method, target: head.target, headers: head.headers, localPort: context.localAddress?.port)
        let principal: String?
        switch self.core.verify(request) {
        case .accepted(let keyID, let notes):
            principal = keyID
            for note in notes { self.core.logger.record(.notice, "signature accepted, but: \(note)", [.peer: "\(self.peer)"]) }
        case .notChecked:
            principal = nil
        case .refused(let refusal):
            self.refuse(refusal, context)
            return
        }
        let answer = UpgradeAnswer.switchingProtocols(key: key, offered: head.header("sec-websocket-protocol"))
        context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
        let handler = ConnectionHandler(core: self.core, door: self.door, peer: self.peer, principal: principal, isWebSocket: true)
        do {
            try context.pipeline.syncOperations.addHandler(handler)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }

    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        self.core.counters.connectionsRefused += 1
        self.core.log(refusal, door: self.door.name, peer: self.peer)
        let response = RefusalResponse(refusal, traceID: self.core.shell.freshID())
        self.close(
            context,
            after: UpgradeAnswer.refusal(status: response.status, phrase: "Forbidden", headers: response.headers, body: response.body))
    }

    // MARK: Everything else

    private func handOver(_ context: ChannelHandlerContext) {
        let pipeline = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.fallback(context.channel).whenComplete { result in
            let (handler, context) = pipeline.value
            switch result {
            case .success:
                context.pipeline.syncOperations.removeHandler(handler, promise: nil)
            case .failure(let error):
                context.fireErrorCaught(error)
                context.close(promise: nil)
            }
        }
    }

    private func refuseLongHead(_ context: ChannelHandlerContext) {
        self.isDecided = true
        let lineIsLong = !self.bytes.readableBytesView.prefix(Self.maximumHeadBytes).contains(10)
        self.refuse(
            context, status: lineIsLong ? 414 : 431, phrase: lineIsLong ? "URI Too Long" : "Request Header Fields Too Large",
            message: "The request \(lineIsLong ? "line" : "head") is longer than \(Self.maximumHeadBytes) bytes.")
    }

    private func refuse(_ context: ChannelHandlerContext, status: Int, phrase: String, message: String) {
        self.core.counters.connectionsRefused += 1
        self.core.logger.record(
            .notice, "request refused: \(message)", [.door: "\(self.door.name)", .peer: "\(self.peer)", .status: "\(status)"])
        self.close(context, after: UpgradeAnswer.refusal(status: status, phrase: phrase, message: message))
    }

    private func close(_ context: ChannelHandlerContext, after answer: ByteBuffer) {
        self.isDecided = true
        self.isRefused = true
        self.bytes = ByteBuffer()
        context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension UpgradeHandler: Sendable {}

/// Sets up an HTTP library on a connection that does not upgrade; the bytes read so far follow when the future succeeds.
package typealias HTTPFallback = @Sendable (any Channel) -> EventLoopFuture<Void>
