import MQTTWire
import NIOCore
import Sessions

/// The only MQTT handler of a pipeline: bytes in to the core, batches out, WebSocket or not.
///
/// It decides nothing: the core owns the protocol, `WebSocketFrames` the framing.
final class ConnectionHandler: ChannelInboundHandler, Link {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let core: BrokerCore
    private let door: Door
    private let peer: String
    private let principal: String?
    private var frames: WebSocketFrames?
    private var context: ChannelHandlerContext?
    private var connection: Connection?
    /// The beginning of a packet whose rest has not come.
    private var partial: ByteBuffer?
    private var isClosing = false
    private var isPaused = false

    let prefixBytes: Int

    init(core: BrokerCore, door: Door, peer: String, principal: String?, isWebSocket: Bool) {
        self.core = core
        self.door = door
        self.peer = peer
        self.principal = principal
        self.frames = isWebSocket ? WebSocketFrames() : nil
        self.prefixBytes = isWebSocket ? WebSocketFrames.maximumHeaderBytes : 0
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { self.begin() }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.begin()
        context.fireChannelActive()
    }

    private func begin() {
        guard self.connection == nil else { return }
        self.connection = self.core.accept(self, door: self.door, peer: self.peer, principal: self.principal, timeLine: .real)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isClosing, let connection else { return }
        let buffer = self.unwrapInboundIn(data)
        if self.frames == nil {
            self.take(buffer, on: connection)
        } else {
            self.takeFrames(buffer, on: connection)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let connection { self.core.linkIsWritable(connection) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.finish(.lost)
        context.fireChannelInactive()
    }

    /// MQTT has no use for a connection that goes one way.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.finish(HandshakeFailure.end(for: error))
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.finish(.lost)
        self.context = nil
    }

    private func finish(_ end: ConnectionEnd) {
        self.isClosing = true
        self.partial = nil
        guard let connection else { return }
        self.connection = nil
        self.core.linkClosed(connection, end)
    }

    // MARK: Bytes in

    @inline(__always)
    private func take(_ buffer: ByteBuffer, on connection: Connection) {
        if self.partial != nil {
            self.takeWithPartial(buffer, on: connection)
            return
        }
        let used = buffer.withUnsafeReadableBytes { self.core.received($0, on: connection) }
        if used < buffer.readableBytes, connection.isOpen {
            var rest = ByteBuffer()
            buffer.withUnsafeReadableBytes { _ = rest.writeBytes(UnsafeRawBufferPointer(rebasing: $0[used...])) }
            self.partial = rest
        }
    }

    private func takeWithPartial(_ buffer: ByteBuffer, on connection: Connection) {
        guard var whole = self.partial.take() else { return }
        whole.writeImmutableBuffer(buffer)
        let used = whole.withUnsafeReadableBytes { self.core.received($0, on: connection) }
        guard connection.isOpen, used < whole.readableBytes else { return }
        whole.moveReaderIndex(forwardBy: used)
        if whole.readerIndex > whole.readableBytes { whole.discardReadBytes() }
        self.partial = whole
    }

    private func takeFrames(_ buffer: ByteBuffer, on connection: Connection) {
        guard var frames = self.frames.take() else { return }
        var scratch = self.core.borrowScratch()
        do {
            try buffer.withUnsafeReadableBytes { bytes throws(WebSocketFrames.Violation) in
                try frames.received(bytes, payload: &scratch) { event, payload in
                    self.handle(&payload, on: connection)
                    self.handle(event)
                }
            }
            self.handle(&scratch, on: connection)
        } catch {
            self.handle(&scratch, on: connection)
            self.refuse(error, on: connection)
        }
        self.core.giveBack(scratch: scratch)
        self.frames = frames
    }

    /// Gives the unmasked bytes collected so far to the core.
    private func handle(_ payload: inout ByteBuffer, on connection: Connection) {
        if payload.readableBytes > 0, connection.isOpen { self.take(payload, on: connection) }
        payload.clear()
    }

    private func handle(_ event: WebSocketFrames.Event) {
        guard !self.isClosing, let context else { return }
        switch event {
        case .pong:
            break
        case .ping(let body):
            // A client that pings and does not read gets no more pongs; the latest would do anyway. RFC 6455 §5.5.3.
            guard context.channel.isWritable else { return }
            context.writeAndFlush(self.wrapOutboundOut(WebSocketFrames.pong(body)), promise: nil)
        case .close(let code):
            context.writeAndFlush(self.wrapOutboundOut(WebSocketFrames.close(code: code ?? 1000)), promise: nil)
            self.finish(self.door.profile.limits.closeFrameEndsCleanly ? .closeFrame : .lost)
            context.close(promise: nil)
        }
    }

    private func refuse(_ violation: WebSocketFrames.Violation, on connection: Connection) {
        guard !self.isClosing, let context else { return }
        context.writeAndFlush(self.wrapOutboundOut(WebSocketFrames.close(code: violation.code)), promise: nil)
        self.finish(.violation(.protocolError, violation.text))
        context.close(promise: nil)
    }

    // MARK: Link

    var isWritable: Bool { self.context?.channel.isWritable ?? false }

    func send(_ batch: consuming ByteBuffer) -> ByteBuffer {
        guard let context else { return batch }
        if self.prefixBytes > 0 { WebSocketFrames.frame(&batch) }
        context.writeAndFlush(self.wrapOutboundOut(batch), promise: nil)
        return batch
    }

    func pauseReading() {
        self.isPaused = true
        self.setAutoRead(false)
    }

    func resumeReading() {
        self.isPaused = false
        if let connection, self.partial != nil { self.takeWithPartial(ByteBuffer(), on: connection) }
        // What was kept may have been too much again.
        if !self.isPaused { self.setAutoRead(true) }
    }

    private func setAutoRead(_ value: Bool) {
        guard let context else { return }
        do {
            try context.channel.syncOptions?.setOption(.autoRead, value: value)
        } catch {
            // Only a channel that is closed has no options; its end has come or will.
            context.close(promise: nil)
        }
    }

    func close(_ end: String) {
        self.isClosing = true
        self.connection = nil
        guard let context else { return }
        if self.prefixBytes > 0, context.channel.isActive {
            context.writeAndFlush(self.wrapOutboundOut(WebSocketFrames.close(code: 1000)), promise: nil)
        }
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}

extension Optional {
    /// Moves the value out, so that it has one owner while it changes.
    @inline(__always)
    fileprivate mutating func take() -> Wrapped? {
        let value = self
        self = nil
        return value
    }
}
