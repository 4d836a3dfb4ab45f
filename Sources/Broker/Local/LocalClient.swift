package import MQTTWire
import NIOCore
package import Sessions
import Timeline

/// An MQTT client inside the process: it speaks real packets with the core over a ``MemoryLink``.
///
/// It acknowledges what it receives and pings by itself. It can connect again and again; what the protocol makes a client keep of
/// its session, it keeps. Packets enter the core in the call that sends them; answers come with ``LocalClients/settle()``.
package final class LocalClient {
    package enum Event: Equatable {
        /// CONNACK with success.
        case connected(Connack)
        /// A message, with what set it off; repeated QoS 2 messages are not shown.
        case message(DecodedPublish, CauseID?)
        /// PUBACK, PUBCOMP, or a PUBREC that refuses.
        case acknowledged(PacketID, Reason)
        case subscribed(PacketID, [Reason])
        /// Without reasons before MQTT 5.
        case unsubscribed(PacketID, [Reason])
        /// The broker closed the connection, or sent what cannot be read.
        case closed(Closing)
    }

    /// How the broker ended a connection.
    package struct Closing: Equatable {
        /// A CONNACK that refused.
        package var connack: Connack?
        package var disconnect: Disconnect?
        /// The broker's own words about it, which go to its log.
        package var text: String
    }

    private enum Phase: Equatable { case idle, connecting, connected }

    package let name: String
    package let door: Door
    private unowned let among: LocalClients
    private let onEvent: (Event) -> Void
    /// `false` leaves it to ``publishAgain(_:_:)`` what is repeated after a new connection.
    package var repeatsByItself = true
    private var phase = Phase.idle
    private var connection: Connection?
    private var link: MemoryLink?
    private var trace = DeliveryTrace()
    /// Connections that it fell silent on.
    private var silent: [Connection] = []
    private var bytes = ByteBuffer()
    private var connect = Connect()
    private var closing = Closing(text: "")
    private var flight = LocalFlight()
    private var keepAlive: Duration?
    private var lastSent = Instant.zero
    private var ping: DeadlineToken?

    init(_ name: String, door: Door, among: LocalClients, onEvent: @escaping (Event) -> Void) {
        self.name = name
        self.door = door
        self.among = among
        self.onEvent = onEvent
    }

    private var core: BrokerCore { self.among.core }

    package var isConnected: Bool { self.phase == .connected && self.connection?.isOpen == true }

    /// The client id in force, once the broker has accepted it.
    package var clientID: ClientID? { self.connection?.clientID }

    /// `false` plays a client that is connected but does not read: the core keeps what it has for it.
    package var isReading: Bool {
        get { self.link?.isWritable ?? false }
        set {
            guard let link, let connection, link.isWritable != newValue else { return }
            link.isWritable = newValue
            if newValue { self.core.linkIsWritable(connection) }
        }
    }

    // MARK: Connecting and leaving

    /// Opens a connection; answered by `connected` or `closed`. One that is open is torn off first.
    package func open(_ connect: Connect) {
        self.tearOff()
        if connect.clientID != self.connect.clientID { self.flight.reconnected(sessionPresent: false) }
        self.connect = connect
        self.closing = Closing(text: "")
        self.bytes = ByteBuffer()
        let link = MemoryLink { [weak self] in
            if let self { self.among.hasNews(self) }
        }
        self.link = link
        let connection = self.core.accept(link, door: self.door, peer: "local \(self.name)", principal: nil)
        connection.trace = self.trace
        self.connection = connection
        self.phase = .connecting
        self.send(.connect(connect))
    }

    /// Says goodbye and is gone: no `closed` follows.
    package func disconnect(_ reason: Reason = .normalDisconnection, sessionExpirySeconds: UInt32? = nil) {
        guard self.phase != .idle else { return }
        self.send(.disconnect(Disconnect(reason: reason, sessionExpirySeconds: sessionExpirySeconds)))
        self.forgetConnection()
    }

    /// The connection breaks without a goodbye; no `closed` follows.
    package func tearOff() {
        if let connection, self.phase != .idle, connection.isOpen { self.core.linkClosed(connection, .lost) }
        self.forgetConnection()
    }

    /// Never speaks again and hears nothing more, while the connection stays for the broker to give up; no `closed` follows.
    package func fallSilent() {
        self.silent.removeAll { !$0.isOpen }
        if let connection, self.phase != .idle, connection.isOpen { self.silent.append(connection) }
        self.forgetConnection()
    }

    /// Leaves nothing of itself on the core but what its session keeps: says goodbye, and connections on which it is silent break.
    package func leave() {
        for connection in self.silent where connection.isOpen { self.core.linkClosed(connection, .lost) }
        self.silent = []
        if self.phase == .connected { self.disconnect() } else { self.tearOff() }
    }

    private func forgetConnection() {
        self.phase = .idle
        self.link?.abandon()
        self.link = nil
        self.trace.end()
        self.trace = DeliveryTrace()
        if let ping { self.core.cancel(ping) }
        self.ping = nil
    }

    // MARK: Sending

    /// Publishes on an open connection.
    ///
    /// - Returns: the packet id that `acknowledged` will name; `nil` at QoS 0, or when every id is in use and nothing was sent.
    @discardableResult
    package func publish(_ publish: OutgoingPublish) -> PacketID? {
        precondition(self.phase == .connected, "\(self.name) publishes without a connection")
        guard publish.qos != .atMostOnce else {
            self.send(.publish(publish))
            return nil
        }
        guard let id = self.flight.freshID() else { return nil }
        var publish = publish
        publish.packetID = id
        self.flight.sent(publish, id)
        self.send(.publish(publish))
        return id
    }

    /// Publishes again what an earlier connection left unacknowledged: under its packet id as long as the session lives, otherwise as new.
    ///
    /// - Returns: as ``publish(_:)``.
    package func publishAgain(_ publish: OutgoingPublish, _ id: PacketID) -> PacketID? {
        var again = publish
        again.isDuplicate = true
        guard let entry = self.flight.outbound.first(where: { $0.id == id }) else { return self.publish(again) }
        if entry.isReleased {
            self.send(.pubrel(Pubrel(id: id)))
        } else {
            again.packetID = id
            self.send(.publish(again))
        }
        return id
    }

    /// Subscribes on an open connection; `subscribed` answers. `nil`: every packet id is in use and nothing was sent.
    @discardableResult
    package func subscribe(_ filters: [Subscription], identifier: UInt32? = nil) -> PacketID? {
        precondition(self.phase == .connected, "\(self.name) subscribes without a connection")
        guard let id = self.flight.freshID() else { return nil }
        self.flight.asked(id)
        self.send(.subscribe(Subscribe(id: id, filters: filters, subscriptionIdentifier: identifier)))
        return id
    }

    /// Unsubscribes on an open connection; `unsubscribed` answers. `nil`: every packet id is in use and nothing was sent.
    @discardableResult
    package func unsubscribe(_ filters: [String]) -> PacketID? {
        precondition(self.phase == .connected, "\(self.name) unsubscribes without a connection")
        guard let id = self.flight.freshID() else { return nil }
        self.flight.asked(id)
        self.send(.unsubscribe(Unsubscribe(id: id, filters: filters)))
        return id
    }

    private func send(_ packet: AnyPacket) {
        guard let connection, let link, self.phase != .idle else { return }
        var buffer = ByteBuffer()
        packet.write(to: &buffer, version: self.connect.protocolVersion)
        self.lastSent = self.core.instant
        link.bring(buffer, to: self.core, on: connection)
    }

    // MARK: Keep alive

    /// Sends PINGREQ unless something was sent meanwhile. [MQTT5-3.1.2-20]
    private func pingIsDue() {
        self.ping = nil
        guard self.phase == .connected, let keepAlive else { return }
        if self.core.instant >= self.lastSent + keepAlive { self.send(.pingreq(Pingreq())) }
        if self.phase == .connected { self.schedulePing(after: keepAlive) }
    }

    private func schedulePing(after keepAlive: Duration) {
        self.ping = self.core.schedule(at: self.lastSent + keepAlive, kind: .connection) { [weak self] in self?.pingIsDue() }
    }

    private func beginKeepAlive(_ connack: Connack) {
        let seconds = connack.serverKeepAliveSeconds ?? self.connect.keepAliveSeconds
        self.keepAlive = seconds == 0 ? nil : .seconds(Int64(seconds))
        if let keepAlive { self.schedulePing(after: keepAlive) }
    }

    // MARK: Receiving

    /// Reads what has come; called outside the core's tick.
    func read() {
        guard let link else { return }
        var arrived = link.takeArrived()
        self.bytes.writeBuffer(&arrived)
        while self.link === link, let packet = self.nextPacket() { self.received(packet) }
        guard self.link === link, let text = link.closeText else { return }
        self.closing.text = text
        self.forgetConnection()
        self.onEvent(.closed(self.closing))
    }

    private func nextPacket() -> AnyPacket? {
        let version = self.connect.protocolVersion
        let found: Result<(packet: AnyPacket, bytes: Int)?, WireError> = self.bytes.withUnsafeReadableBytes { bytes in
            do throws(WireError) {
                return .success(try AnyPacket.decodeFirst(of: bytes, version: version))
            } catch {
                return .failure(error)
            }
        }
        switch found {
        case .success(let found):
            if let found { self.bytes.moveReaderIndex(forwardBy: found.bytes) }
            return found?.packet
        case .failure(let error):
            self.tearOff()
            self.closing.text = "the broker sent what is not MQTT: \(error.text)"
            self.onEvent(.closed(self.closing))
            return nil
        }
    }

    private func received(_ packet: AnyPacket) {
        switch packet {
        case .connack(let connack): self.connackReceived(connack)
        case .publish(let publish): self.publishReceived(publish)
        case .puback(let ack): self.acknowledged(ack.id, ack.reason)
        case .pubrec(let ack):
            if ack.reason.isError {
                self.acknowledged(ack.id, ack.reason)
            } else {
                self.flight.released(ack.id)
                self.send(.pubrel(Pubrel(id: ack.id)))
            }
        case .pubrel(let release):
            self.flight.completed(release.id)
            self.send(.pubcomp(Pubcomp(id: release.id)))
        case .pubcomp(let ack): self.acknowledged(ack.id, ack.reason)
        case .suback(let ack):
            self.flight.answered(ack.id)
            self.onEvent(.subscribed(ack.id, ack.reasons))
        case .unsuback(let ack):
            self.flight.answered(ack.id)
            self.onEvent(.unsubscribed(ack.id, ack.reasons))
        case .disconnect(let disconnect): self.closing.disconnect = disconnect
        case .pingresp, .connect, .subscribe, .unsubscribe, .pingreq, .auth: break
        }
    }

    private func connackReceived(_ connack: Connack) {
        guard !connack.reason.isError, connack.returnCode == .accepted else {
            self.closing.connack = connack
            return
        }
        self.phase = .connected
        self.flight.reconnected(sessionPresent: connack.sessionPresent)
        self.beginKeepAlive(connack)
        self.onEvent(.connected(connack))
        guard self.repeatsByItself else { return }
        // Both sides repeat what is unacknowledged, in the order it was first sent. [MQTT5-4.4.0-1] [MQTT5-4.6.0-1]
        for entry in self.flight.outbound {
            if entry.isReleased {
                self.send(.pubrel(Pubrel(id: entry.id)))
            } else {
                var again = entry.publish
                again.isDuplicate = true
                self.send(.publish(again))
            }
        }
    }

    private func publishReceived(_ publish: DecodedPublish) {
        let cause = self.trace.read(topic: publish.topic)
        guard let id = publish.packetID else {
            self.onEvent(.message(publish, cause))
            return
        }
        if publish.qos == .exactlyOnce {
            if self.flight.received(exactlyOnce: id) { self.onEvent(.message(publish, cause)) }
            self.send(.pubrec(Pubrec(id: id)))
        } else {
            self.onEvent(.message(publish, cause))
            self.send(.puback(Puback(id: id)))
        }
    }

    private func acknowledged(_ id: PacketID, _ reason: Reason) {
        self.flight.acknowledged(id)
        self.onEvent(.acknowledged(id, reason))
    }
}

@available(*, unavailable)
extension LocalClient: Sendable {}
