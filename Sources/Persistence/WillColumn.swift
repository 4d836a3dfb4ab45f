import MQTTWire
import NIOCore

/// A will in one column: the bytes of an MQTT 5 CONNECT that carries it.
enum WillColumn {
    static func bytes(of will: Will) -> [UInt8] {
        var buffer = ByteBuffer()
        AnyPacket.connect(Connect(protocolVersion: .v5, clientID: "", cleanStart: true, keepAliveSeconds: 0, will: will))
            .write(to: &buffer, version: .v5)
        return Array(buffer.readableBytesView)
    }

    static func will(from bytes: [UInt8]) -> Will? {
        let decoded = try? bytes.withUnsafeBytes { try AnyPacket.decodeFirst(of: $0, version: .v5) }
        guard case .connect(let connect)? = decoded?.packet else { return nil }
        return connect.will
    }
}
