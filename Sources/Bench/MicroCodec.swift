import MQTTWire
import NIOCore

/// Reading and writing packets.
enum MicroCodec {
    static func run(_ timer: inout MicroTimer) throws {
        let payload = [UInt8](repeating: 0x2E, count: MessageLayout.payloadBytes)
        for qos in [UInt8(0), 1] {
            let packet = PacketBytes.publish(topic: "bench/17", qos: qos, payload: payload)
            try timer.measure("read PUBLISH QoS \(qos), 3.1.1") { try Self.read(packet, .v311) }
        }
        var buffer = ByteBuffer()
        let properties = PublishProperties(messageExpirySeconds: 60, userProperties: [UserProperty(name: "a", value: "b")])
        OutgoingPublish(topic: Array("bench/17".utf8), payload: payload, properties: properties).write(to: &buffer, version: .v5)
        let withProperties = Array(buffer.readableBytesView)
        try timer.measure("read PUBLISH QoS 0, 5.0 with properties") { try Self.read(withProperties, .v5) }

        guard let id = PacketID(7) else { throw BenchFailure("7 is a packet id") }
        timer.measure("write PUBACK") {
            buffer.clear()
            Puback.write(id: id, to: &buffer)
            return buffer.readableBytes
        }
        let connect = PacketBytes.connect(clientID: "bench-17")
        try timer.measure("read CONNECT, 3.1.1") {
            try connect.withUnsafeBytes { bytes in
                guard let found = try AnyPacket.decodeFirst(of: bytes, version: .v311) else { return 0 }
                return found.bytes
            }
        }
    }

    @inline(__always)
    private static func read(_ packet: [UInt8], _ version: ProtocolVersion) throws -> Int {
        try packet.withUnsafeBytes { bytes in
            guard let header = try PacketFramer.header(of: bytes, maximumPacketBytes: 1 << 20, version: version) else { return 0 }
            let body = UnsafeRawBufferPointer(rebasing: bytes[header.headerBytes..<header.totalBytes])
            var frame = FrameReader(body, flags: header.flags, version: version)
            return try Publish.read(&frame).payload.count
        }
    }
}
