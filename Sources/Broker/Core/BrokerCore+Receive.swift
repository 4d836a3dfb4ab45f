import MQTTWire
import NIOCore
package import Sessions
import Timeline
import Topics

extension BrokerCore {
    /// A connection was made; it has until its profile's time-out to send CONNECT.
    ///
    /// - Parameter timeLine: the time its client lives by: real for one beyond a socket.
    package func accept(
        _ link: any Link, door: Door, peer: String, principal: String?, timeLine: TimeLine = .service
    ) -> Connection {
        self.beginTick()
        self.connectionCount += 1
        let connection = Connection(
            number: self.connectionCount, door: door, link: link, peer: peer, principal: principal, timeLine: timeLine,
            keepAliveLine: timeLine == .real ? self.networkKeepAlive : timeLine, now: self.now(on: timeLine))
        self.connections[ObjectIdentifier(connection)] = connection
        connection.timer = self.schedule(.connectTimeout(connection), at: connection.machine.connectDeadline, on: timeLine)
        return connection
    }

    /// Handles every complete packet in `bytes`.
    ///
    /// - Returns: how many bytes were used; the rest is the beginning of a packet, or all of it waits because the link was asked to
    ///   pause. Once the connection has ended everything is used.
    package func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) -> Int {
        self.beginTick()
        if self.idleWatch != nil { self.idleWatch?.received(bytes.count, from: connection.number, at: self.realNow) }
        if connection.out.count > connection.mostUnsentBytes {
            self.end(connection, .unread(bytes: connection.out.count))
            return bytes.count
        }
        guard let quotas = connection.quotas else { return self.handlePackets(in: bytes, upTo: .max, on: connection) }
        guard let allowance = quotas.throughput.allowance(now: self.now) else { return 0 }
        let used = self.handlePackets(in: bytes, upTo: allowance, on: connection)
        self.charge(bytes: used, to: quotas, on: connection)
        return used
    }

    /// - Parameter allowance: bytes after which no further packet is begun.
    private func handlePackets(in bytes: UnsafeRawBufferPointer, upTo allowance: Int, on connection: Connection) -> Int {
        let heardAt = self.now(on: connection.keepAliveLine)
        var used = 0
        do {
            while used < bytes.count, used <= allowance {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
                guard let header = try self.header(of: rest, on: connection) else { return used }
                guard header.totalBytes <= rest.count else { return used }
                // Whole packets count, not bytes: half a packet may be all that a broken client ever sends.
                connection.machine.keepAlive.heard(now: heardAt)
                let body = UnsafeRawBufferPointer(rebasing: rest[header.headerBytes..<header.totalBytes])
                let entriesBefore = self.gate.entryCount
                try self.handle(header, body, on: connection)
                if self.gate.isOverfull, self.gate.entryCount != entriesBefore {
                    self.end(connection, .violation(.quotaExceeded, "the state file cannot keep up: too much waits to be written"))
                }
                guard connection.isOpen else { return bytes.count }
                used += header.totalBytes
            }
        } catch {
            self.refuse(error, on: connection)
            return bytes.count
        }
        return used
    }

    /// The peer is gone, or its link failed.
    package func linkClosed(_ connection: Connection, _ end: ConnectionEnd) {
        self.beginTick()
        self.end(connection, end)
    }

    @inline(__always)
    private func header(of bytes: UnsafeRawBufferPointer, on connection: Connection) throws(WireError) -> FrameHeader? {
        if connection.machine.isConnected {
            return try PacketFramer.header(of: bytes, maximumPacketBytes: connection.maximumPacketBytes, version: connection.version)
        }
        // Nothing but CONNECT may come first, so nothing else is waited for, and nobody reserves much before it is known.
        if let type = PacketType(rawValue: bytes[0] >> 4), let end = connection.machine.admits(type) {
            self.end(connection, Self.stranger(bytes[0]) ?? end)
            throw WireError.unknownPacketType(bytes[0] >> 4)
        }
        return try PacketFramer.header(
            of: bytes, maximumPacketBytes: min(connection.maximumPacketBytes, Self.maximumConnectBytes), version: nil)
    }

    /// Clients of other protocols, told by their first byte: the hello of TLS, or the method of an HTTP request.
    private static func stranger(_ first: UInt8) -> ConnectionEnd? {
        switch first {
        case 0x16:
            ConnectionEnd(cause: .clientError, reason: nil, text: "the client speaks TLS and this door does not; use the mqtts door")
        case UInt8(ascii: "D"), UInt8(ascii: "G"), UInt8(ascii: "H"), UInt8(ascii: "O"), UInt8(ascii: "P"):
            ConnectionEnd(
                cause: .clientError, reason: nil, text: "the client seems to speak HTTP; use the http or https door, MQTT is at /mqtt there"
            )
        default:
            nil
        }
    }

    /// No CONNECT needs more: five strings of 64 KiB at most, and some user properties.
    private static let maximumConnectBytes = 1024 * 1024

    @inline(__always)
    private func handle(_ header: FrameHeader, _ body: UnsafeRawBufferPointer, on connection: Connection) throws(WireError) {
        let isMessage = header.type == .publish || header.type == .puback
        if !isMessage || !connection.machine.isConnected, let end = connection.machine.admits(header.type) {
            self.end(connection, end)
            return
        }
        var frame = FrameReader(body, flags: header.flags, version: connection.version)
        switch header.type {
        case .publish: try self.publishReceived(&frame, body, on: connection)
        case .puback: self.pubackReceived(try Puback.read(&frame), on: connection)
        case .pubrec: self.pubrecReceived(try Pubrec.read(&frame), on: connection)
        case .pubrel: self.pubrelReceived(try Pubrel.read(&frame), on: connection)
        case .pubcomp: self.pubcompReceived(try Pubcomp.read(&frame), on: connection)
        case .connect: self.connectReceived(try Connect.read(&frame), on: connection)
        case .subscribe: self.subscribeReceived(try Subscribe.read(&frame), on: connection)
        case .unsubscribe: self.unsubscribeReceived(try Unsubscribe.read(&frame), on: connection)
        case .pingreq:
            _ = try Pingreq.read(&frame)
            self.send(to: connection) { Pingresp().write(to: &$0, version: connection.version) }
        case .disconnect: self.disconnectReceived(try Disconnect.read(&frame), on: connection)
        case .connack, .suback, .unsuback, .pingresp, .auth: break
        }
    }

    /// What a peer sent is not MQTT, or not allowed: only its connection ends.
    private func refuse(_ error: WireError, on connection: Connection) {
        guard connection.isOpen else { return }
        self.counters.protocolErrors += 1
        if connection.machine.phase == .awaitingConnect {
            if let code = error.connectReturnCode {
                // A CONNECT of a level we do not speak is answered. [MQTT5-3.1.2-2] [MQTT3-3.1.2-2]
                self.send(to: connection) { buffer in
                    Connack(sessionPresent: false, returnCode: code).write(to: &buffer, version: .v311)
                }
            }
            self.end(connection, ConnectionEnd(cause: .clientError, reason: nil, text: "CONNECT is not valid: \(error.text)"))
        } else {
            self.end(connection, .violation(error))
        }
    }
}
