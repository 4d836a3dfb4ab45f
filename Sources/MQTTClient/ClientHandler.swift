import MQTTWire
import NIOCore
import NIOTLS
import Timeline

/// The shell around ``ClientMachine``: bytes to packets and back, one timer, and the caller's promises. It decides nothing.
///
/// Everything happens on the channel's event loop.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Waiter {
        case publish(EventLoopPromise<PublishAcknowledgement>)
        case answer(EventLoopPromise<SubscriptionAcknowledgement>)
    }

    private let configuration: MQTTClientConfiguration
    private let eventLoop: any EventLoop
    private var machine: ClientMachine
    /// Present until the WebSocket is open.
    private var upgrade: UpgradeMachine?
    private var framing: WebSocketFraming?
    private var context: ChannelHandlerContext?
    private var frameBytes = ByteBuffer()
    private var packetBytes = ByteBuffer()
    private var outbound = ByteBuffer()
    private var isFlushScheduled = false
    private var timer: (at: Instant, scheduled: Scheduled<Void>)?
    private var openingTimer: Scheduled<Void>?
    private var waiters: [ClientMachine.CallID: Waiter] = [:]
    private var lastCall: UInt64 = 0
    private var hasEnded = false
    private var isSecured = false
    private var isSilent = false
    private let continuation: AsyncStream<ReceivedMessage>.Continuation
    private let messages: AsyncStream<ReceivedMessage>
    private let grantPromise: EventLoopPromise<ConnectionGrant>
    private let endPromise: EventLoopPromise<ConnectionEnd>
    /// Messages that found the buffer of ``MQTTClient/messages`` full.
    private(set) var droppedMessages = 0

    init(_ configuration: MQTTClientConfiguration, upgrade: UpgradeMachine?, eventLoop: any EventLoop) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.machine = ClientMachine(ClientMachineSettings(configuration))
        self.upgrade = upgrade
        self.grantPromise = eventLoop.makePromise()
        self.endPromise = eventLoop.makePromise()
        let limit = configuration.messageBufferLimit
        (self.messages, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limit))
    }

    /// What of this handler may leave its event loop.
    struct Outlets: Sendable {
        let handler: NIOLoopBound<ClientHandler>
        let channel: any Channel
        let grant: EventLoopFuture<ConnectionGrant>
        let end: EventLoopFuture<ConnectionEnd>
        let messages: AsyncStream<ReceivedMessage>
    }

    func outlets(of channel: any Channel) -> Outlets {
        Outlets(
            handler: NIOLoopBound(self, eventLoop: channel.eventLoop), channel: channel, grant: self.grantPromise.futureResult,
            end: self.endPromise.futureResult, messages: self.messages)
    }

    /// The loop's clock: the process's monotonic one, or a test's own.
    private var now: Instant { Instant(nanoseconds: Int64(self.eventLoop.now.uptimeNanoseconds)) }

    func publish(_ message: ClientPublish, _ promise: EventLoopPromise<PublishAcknowledgement>) {
        let call = self.register(.publish(promise))
        self.perform(self.machine.publish(message, call: call, now: self.now))
    }

    func subscribe(_ filters: [Subscription], identifier: UInt32?, _ promise: EventLoopPromise<SubscriptionAcknowledgement>) {
        let call = self.register(.answer(promise))
        self.perform(self.machine.subscribe(filters, identifier: identifier, call: call, now: self.now))
    }

    func unsubscribe(_ filters: [String], _ promise: EventLoopPromise<SubscriptionAcknowledgement>) {
        let call = self.register(.answer(promise))
        self.perform(self.machine.unsubscribe(filters, call: call, now: self.now))
    }

    func disconnect(_ reason: Reason, sessionExpirySeconds: UInt32?) {
        self.perform(self.machine.disconnect(reason: reason, sessionExpirySeconds: sessionExpirySeconds))
    }

    func drop() {
        self.outbound.clear()
        self.perform(self.machine.lost(.dropped))
    }

    /// Stays connected, but neither sends nor reads any more, not even to say goodbye.
    func fallSilent() {
        self.isSilent = true
        self.outbound.clear()
        self.machine.fellSilent()
        // What the server sends stays in the socket, as with a machine that hangs.
        self.context?.channel.setOption(.autoRead, value: false).whenFailure { _ in }
    }

    private func register(_ waiter: Waiter) -> ClientMachine.CallID {
        self.lastCall += 1
        let call = ClientMachine.CallID(number: self.lastCall)
        self.waiters[call] = waiter
        return call
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.perform(self.machine.lost(.failed(.connectionLost("the connection was closed"))))
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        let timeout = self.configuration.connectTimeout
        self.openingTimer = context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(timeout.wholeNanoseconds)) {
            let what = self.upgrade == nil ? "the TLS handshake" : "the answer to the WebSocket upgrade"
            self.perform(self.machine.lost(.failed(.timedOut(what, after: timeout))))
        }
        // Under TLS the event below says when to begin.
        if !self.configuration.endpoint.transport.isEncrypted { self.begin() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            self.isSecured = true
            self.begin()
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func begin() {
        if let upgrade = self.upgrade {
            self.outbound.writeBytes(upgrade.requestBytes)
            self.flush()
        } else {
            self.opened()
        }
    }

    private func opened() {
        self.openingTimer?.cancel()
        self.openingTimer = nil
        self.perform(self.machine.opened(now: self.now))
        self.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isSilent else { return }
        var bytes = self.unwrapInboundIn(data)
        if self.upgrade != nil {
            self.upgradeReceived(&bytes)
        } else if self.framing != nil {
            self.frameBytes.writeBuffer(&bytes)
            self.readFrames()
        } else {
            self.packetBytes.writeBuffer(&bytes)
            self.readPackets()
        }
    }

    private func upgradeReceived(_ bytes: inout ByteBuffer) {
        switch self.upgrade?.received(bytes.readableBytesView) {
        case .upgraded(let rest):
            self.upgrade = nil
            self.framing = WebSocketFraming()
            self.opened()
            self.frameBytes.writeBytes(rest)
            self.readFrames()
        case .failed(let error): self.perform(self.machine.lost(.failed(error)))
        case .needsMore, nil: break
        }
    }

    private func readFrames() {
        while !self.hasEnded {
            let event = self.framing?.next(from: &self.frameBytes, into: &self.packetBytes)
            self.readPackets()
            switch event {
            case .ping(let data): self.writeFrame(.pong, data)
            case .close(let code):
                let cause = "the server closed the WebSocket\(code.map { " with code \($0)" } ?? "")"
                self.perform(self.machine.lost(.failed(.connectionLost(cause))))
            case .violation(let fault): self.perform(self.machine.lost(.failed(.webSocketViolation(fault))))
            case nil:
                self.frameBytes.discardReadBytes()
                return
            }
        }
    }

    private func readPackets() {
        let now = self.now
        let limit = self.configuration.maximumPacketBytes.map { Int($0) } ?? PacketFramer.largestPacketBytes
        let version = self.configuration.version
        while !self.hasEnded {
            let step: Result<(packet: AnyPacket, bytes: Int)?, WireError> = self.packetBytes.withUnsafeReadableBytes { bytes in
                do throws(WireError) {
                    return .success(try AnyPacket.decodeFirst(of: bytes, maximumPacketBytes: limit, version: version))
                } catch {
                    return .failure(error)
                }
            }
            switch step {
            case .success(nil):
                self.packetBytes.discardReadBytes()
                return
            case .success(let found?):
                self.packetBytes.moveReaderIndex(forwardBy: found.bytes)
                self.perform(self.machine.received(found.packet, now: now))
            case .failure(let error): self.perform(self.machine.violated(self.duringOpening(error), reason: error.reason))
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .failed(let error) = self.upgrade?.ended() {
            self.perform(self.machine.lost(.failed(error)))
        } else {
            self.perform(self.machine.lost(.failed(self.duringOpening(.connectionLost("the server closed it")))))
        }
        context.fireChannelInactive()
    }

    /// A connection that breaks before MQTT was spoken mostly means a port of another kind.
    private func duringOpening(_ error: MQTTClientError) -> MQTTClientError {
        guard self.openingTimer != nil, case .connectionLost(let cause) = error else { return error }
        if self.configuration.endpoint.transport.isEncrypted, !self.isSecured {
            return .connectionLost("\(cause) during the TLS handshake; does that port speak TLS?")
        }
        return self.upgrade == nil ? error : .connectionLost("\(cause) instead of answering the upgrade; does that port speak WebSocket?")
    }

    /// What is no MQTT in place of the first answer mostly comes from a port of another kind, too.
    private func duringOpening(_ error: WireError) -> String {
        guard self.machine.isConnecting else { return error.text }
        let advice = self.configuration.endpoint.transport.isEncrypted ? "is that a port for MQTT?" : "does that port want TLS?"
        return "what came in place of CONNACK is not MQTT (\(error.text)); \(advice)"
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.perform(self.machine.lost(.failed(self.duringOpening(ConnectionFault.error(error, endpoint: self.configuration.endpoint)))))
    }

    private func perform(_ actions: [ClientMachine.Action]) {
        for action in actions {
            switch action {
            case .send(let packet):
                guard !self.isSilent else { continue }
                packet.write(to: &self.outbound, version: self.configuration.version)
                self.scheduleFlush()
            case .connected(let grant): self.grantPromise.succeed(grant)
            case .deliver(let message): self.deliver(message)
            case .published(let call, let acknowledgement):
                if case .publish(let promise) = self.waiters.removeValue(forKey: call) { promise.succeed(acknowledgement) }
            case .answered(let call, let acknowledgement):
                if case .answer(let promise) = self.waiters.removeValue(forKey: call) { promise.succeed(acknowledgement) }
            case .fail(let call, let error): self.fail(call, error)
            case .end(let end): self.end(end)
            }
        }
        self.setTimer()
    }

    private func deliver(_ message: ReceivedMessage) {
        self.configuration.onMessage?(message)
        if case .dropped = self.continuation.yield(message) { self.droppedMessages += 1 }
    }

    private func fail(_ call: ClientMachine.CallID, _ error: MQTTClientError) {
        switch self.waiters.removeValue(forKey: call) {
        case .publish(let promise): promise.fail(error)
        case .answer(let promise): promise.fail(error)
        case nil: break
        }
    }

    private func end(_ end: ConnectionEnd) {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.openingTimer?.cancel()
        self.timer?.scheduled.cancel()
        self.timer = nil
        if end == .dropped { self.outbound.clear() }
        self.flush()
        if end == .disconnected, self.framing != nil, !self.isSilent { self.writeFrame(.close, [0x03, 0xE8]) }
        self.context?.close(promise: nil)
        self.grantPromise.fail(end.error)
        self.continuation.finish()
        self.configuration.onEnd?(end)
        self.endPromise.succeed(end)
    }

    /// One timer: moved forward when something is due earlier, and otherwise left to find, when it fires, what is due then.
    private func setTimer() {
        let next = self.machine.nextDeadline
        guard !self.hasEnded, next < .distantFuture, let context = self.context, next < self.timer?.at ?? .distantFuture else { return }
        self.timer?.scheduled.cancel()
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, next.nanoseconds)))
        let scheduled = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            self.perform(self.machine.timerFired(now: self.now))
        }
        self.timer = (next, scheduled)
    }

    /// What several calls and answers of one tick send leaves in one write.
    private func scheduleFlush() {
        guard !self.isFlushScheduled, let context = self.context else { return }
        self.isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    private func flush() {
        guard let context = self.context, self.outbound.readableBytes > 0 else { return }
        if self.framing != nil {
            var framed = context.channel.allocator.buffer(capacity: self.outbound.readableBytes + 14)
            self.outbound.withUnsafeReadableBytes {
                WebSocketFraming.frame(.binary, $0, maskingKey: .random(in: .min ... .max), into: &framed)
            }
            context.writeAndFlush(self.wrapOutboundOut(framed), promise: nil)
        } else {
            context.writeAndFlush(self.wrapOutboundOut(self.outbound), promise: nil)
        }
        self.outbound = ByteBuffer()
    }

    private func writeFrame(_ opcode: WebSocketFraming.Opcode, _ data: [UInt8]) {
        guard let context = self.context else { return }
        var framed = context.channel.allocator.buffer(capacity: data.count + 14)
        data.withUnsafeBytes { WebSocketFraming.frame(opcode, $0, maskingKey: .random(in: .min ... .max), into: &framed) }
        context.writeAndFlush(self.wrapOutboundOut(framed), promise: nil)
    }
}

@available(*, unavailable)
extension ClientHandler: Sendable {}
