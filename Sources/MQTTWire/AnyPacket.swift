package import NIOCore

/// Any control packet as a value; for clients, in-memory links and tests, never on the broker's message path.
package enum AnyPacket: Equatable, Sendable {
    case connect(Connect)
    case connack(Connack)
    case publish(OutgoingPublish)
    case puback(Puback)
    case pubrec(Pubrec)
    case pubrel(Pubrel)
    case pubcomp(Pubcomp)
    case subscribe(Subscribe)
    case suback(Suback)
    case unsubscribe(Unsubscribe)
    case unsuback(Unsuback)
    case pingreq(Pingreq)
    case pingresp(Pingresp)
    case disconnect(Disconnect)
    case auth(Auth)

    /// Reads one body; checks the header flags too.
    /// - Parameter version: the connection's version; CONNECT names its own.
    package static func decode(
        _ type: PacketType, flags: UInt8, body: UnsafeRawBufferPointer, version: ProtocolVersion
    ) throws(WireError) -> AnyPacket {
        try PacketFramer.check(type, flags: flags, version: version)
        var frame = FrameReader(body, flags: flags, version: version)
        switch type {
        case .connect: return .connect(try Connect.read(&frame))
        case .connack: return .connack(try Connack.read(&frame))
        case .publish: return .publish(try OutgoingPublish.read(&frame))
        case .puback: return .puback(try Puback.read(&frame))
        case .pubrec: return .pubrec(try Pubrec.read(&frame))
        case .pubrel: return .pubrel(try Pubrel.read(&frame))
        case .pubcomp: return .pubcomp(try Pubcomp.read(&frame))
        case .subscribe: return .subscribe(try Subscribe.read(&frame))
        case .suback: return .suback(try Suback.read(&frame))
        case .unsubscribe: return .unsubscribe(try Unsubscribe.read(&frame))
        case .unsuback: return .unsuback(try Unsuback.read(&frame))
        case .pingreq: return .pingreq(try Pingreq.read(&frame))
        case .pingresp: return .pingresp(try Pingresp.read(&frame))
        case .disconnect: return .disconnect(try Disconnect.read(&frame))
        case .auth: return .auth(try Auth.read(&frame))
        }
    }

    /// Reads the packet at the start of `bytes`.
    /// - Returns: the packet and the bytes it took; nil when it is not complete.
    package static func decodeFirst(
        of bytes: UnsafeRawBufferPointer, maximumPacketBytes: Int = PacketFramer.largestPacketBytes, version: ProtocolVersion
    ) throws(WireError) -> (packet: AnyPacket, bytes: Int)? {
        let header = try PacketFramer.header(of: bytes, maximumPacketBytes: maximumPacketBytes, version: version)
        guard let header, bytes.count >= header.totalBytes else { return nil }
        let body = UnsafeRawBufferPointer(rebasing: bytes[header.headerBytes..<header.totalBytes])
        return (try Self.decode(header.type, flags: header.flags, body: body, version: version), header.totalBytes)
    }

    /// The type of the packet inside.
    package var type: PacketType {
        switch self {
        case .connect: .connect
        case .connack: .connack
        case .publish: .publish
        case .puback: .puback
        case .pubrec: .pubrec
        case .pubrel: .pubrel
        case .pubcomp: .pubcomp
        case .subscribe: .subscribe
        case .suback: .suback
        case .unsubscribe: .unsubscribe
        case .unsuback: .unsuback
        case .pingreq: .pingreq
        case .pingresp: .pingresp
        case .disconnect: .disconnect
        case .auth: .auth
        }
    }

    /// Appends the whole packet.
    package func write(to buffer: inout ByteBuffer, version: ProtocolVersion) {
        switch self {
        case .connect(let packet): packet.write(to: &buffer, version: version)
        case .connack(let packet): packet.write(to: &buffer, version: version)
        case .publish(let packet): packet.write(to: &buffer, version: version)
        case .puback(let packet): packet.write(to: &buffer, version: version)
        case .pubrec(let packet): packet.write(to: &buffer, version: version)
        case .pubrel(let packet): packet.write(to: &buffer, version: version)
        case .pubcomp(let packet): packet.write(to: &buffer, version: version)
        case .subscribe(let packet): packet.write(to: &buffer, version: version)
        case .suback(let packet): packet.write(to: &buffer, version: version)
        case .unsubscribe(let packet): packet.write(to: &buffer, version: version)
        case .unsuback(let packet): packet.write(to: &buffer, version: version)
        case .pingreq(let packet): packet.write(to: &buffer, version: version)
        case .pingresp(let packet): packet.write(to: &buffer, version: version)
        case .disconnect(let packet): packet.write(to: &buffer, version: version)
        case .auth(let packet): packet.write(to: &buffer, version: version)
        }
    }
}
