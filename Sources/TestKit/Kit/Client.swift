import Broker
import MQTTWire
import NIOCore

extension Sundial {
    /// Opens an MQTT client in the process. It lives by the kit's clock: it pings, and its will and session expire, as time passes there.
    ///
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - id: its MQTT client id; its name if not said.
    ///   - clean: whether it begins without an earlier session.
    ///   - sessionExpiry: how long its session outlives the connection, in whole seconds; not at all if not said. MQTT 5 only.
    ///   - keepAlive: in seconds; 0 switches it off.
    /// - Throws: ``ClientFailure`` when it is not let in, with the broker's reason.
    public func connect(
        _ name: String, id: String? = nil, version: MQTTVersion = .v5, clean: Bool = true, sessionExpiry: Duration? = nil,
        keepAlive: Int = 60, will: Will? = nil
    ) async throws -> Client {
        guard let seconds = UInt16(exactly: keepAlive) else {
            throw ClientFailure(name, "a keep alive is 0 to 65535 seconds, not \(keepAlive)")
        }
        let connect = MQTTWire.Connect(
            protocolVersion: version.packetVersion, clientID: id ?? name, cleanStart: clean, keepAliveSeconds: seconds,
            will: try will?.packetWill(of: name, version), sessionExpirySeconds: try sessionExpiry.map { try $0.wholeSeconds(of: name) })
        let seat = try await self.onDesk { desk in
            let seat = try desk.seat(name)
            try seat.open(connect, settle: desk.settle)
            return NIOLoopBound(seat, eventLoop: desk.loop)
        }
        return Client(name, self, seat, connect)
    }

    /// An MQTT client in the process, as ``Sundial/connect(_:id:version:clean:sessionExpiry:keepAlive:will:)`` opens it.
    ///
    /// It acknowledges what it receives and pings by itself.
    public final class Client: Sendable {
        /// What messages call it.
        public let name: String
        let kit: Sundial
        let seat: NIOLoopBound<ClientSeat>
        private let connect: MQTTWire.Connect

        init(_ name: String, _ kit: Sundial, _ seat: NIOLoopBound<ClientSeat>, _ connect: MQTTWire.Connect) {
            self.name = name
            self.kit = kit
            self.seat = seat
            self.connect = connect
        }

        // MARK: Subscribing and publishing

        /// Subscribes, and waits until it is granted.
        ///
        /// - Throws: ``ClientFailure`` when one is refused.
        public func subscribe(_ filters: String..., qos: Int = 1) async throws {
            let level = try self.level(qos)
            try await self.onSeat { try $0.subscribe(filters, qos: level, settle: $1.settle) }
        }

        /// Ends subscriptions.
        public func unsubscribe(_ filters: String...) async throws {
            try await self.onSeat { try $0.unsubscribe(filters, settle: $1.settle) }
        }

        /// Publishes, and waits until it is acknowledged; at QoS 0 until the broker has it.
        ///
        /// - Throws: ``ClientFailure`` when it is refused, and when the broker sends the client away for it.
        public func publish(_ topic: String, _ payload: Payload, qos: Int = 1, retain: Bool = false) async throws {
            let publish = OutgoingPublish(topic: Array(topic.utf8), payload: payload.bytes, qos: try self.level(qos), retain: retain)
            try await self.onSeat { try $0.publish(publish, settle: $1.settle) }
        }

        private func level(_ qos: Int) throws -> QoS {
            guard let level = UInt8(exactly: qos).flatMap({ QoS(rawValue: $0) }) else {
                throw ClientFailure(self.name, "a QoS is 0, 1 or 2, not \(qos)")
            }
            return level
        }

        // MARK: Connection

        /// Whether it is connected.
        public var isConnected: Bool {
            get async { (try? await self.onSeat { seat, _ in seat.client.isConnected }) ?? false }
        }

        /// Says goodbye: no will is published.
        public func disconnect() async throws {
            try await self.onSeat { seat, _ in
                seat.client.disconnect()
                seat.record.left("it has said goodbye")
            }
        }

        /// Loses the connection without a goodbye; its will is published when the broker notices.
        public func drop(_ how: LossKind = .close) async throws {
            try await self.onSeat { seat, _ in
                switch how {
                case .close:
                    seat.client.tearOff()
                    seat.record.left("it lost its connection")
                case .silent:
                    seat.client.fallSilent()
                    seat.record.left("it fell silent")
                }
            }
        }

        /// Connects again with the same settings; what its session kept comes now.
        ///
        /// - Parameter clean: whether it begins without its earlier session.
        public func reconnect(clean: Bool = false) async throws {
            var connect = self.connect
            connect.cleanStart = clean
            let packet = connect
            try await self.onSeat { try $0.open(packet, settle: $1.settle) }
        }

        // MARK: What came

        /// The latest messages it has received, oldest first.
        public var messages: [Message] {
            get async { (try? await self.onSeat { seat, _ in seat.record.received.messages }) ?? [] }
        }

        private func onSeat<Value: Sendable>(_ body: @escaping @Sendable (ClientSeat, Desk) throws -> Value) async throws -> Value {
            let seat = self.seat
            return try await self.kit.onDesk { try body(seat.value, $0) }
        }
    }
}

extension MQTTVersion {
    var packetVersion: ProtocolVersion {
        switch self {
        case .v31: .v31
        case .v311: .v311
        case .v5: .v5
        }
    }
}

extension Will {
    fileprivate func packetWill(of client: String, _ version: MQTTVersion) throws -> MQTTWire.Will {
        guard let level = UInt8(exactly: self.qos).flatMap({ QoS(rawValue: $0) }) else {
            throw ClientFailure(client, "the QoS of a will is 0, 1 or 2, not \(self.qos)")
        }
        var will = MQTTWire.Will(topic: self.topic, payload: self.payload.bytes, qos: level, retain: self.retain)
        let delay = try self.delay.wholeSeconds(of: client)
        if version == .v5, delay > 0 { will.delayIntervalSeconds = delay }
        return will
    }
}

extension Duration {
    fileprivate func wholeSeconds(of client: String) throws -> UInt32 {
        guard self.components.attoseconds == 0, let seconds = UInt32(exactly: self.components.seconds) else {
            throw ClientFailure(client, "\(Words.time(self)) is no whole number of seconds from 0 to 4294967295")
        }
        return seconds
    }
}
