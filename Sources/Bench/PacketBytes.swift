/// MQTT 3.1.1 packets as raw bytes. Written here rather than taken from `MQTTWire`, so that the generator cannot share its faults.
enum PacketBytes {
    /// CONNECT with a clean session and the longest keep alive (MQTT 3.1.1 §3.1).
    static func connect(clientID: String) -> [UInt8] {
        packet(0x10, [0, 4] + Array("MQTT".utf8) + [4, 0x02, 0xFF, 0xFF] + text(clientID))
    }

    /// SUBSCRIBE to `filters`, packet id 1 (MQTT 3.1.1 §3.8).
    static func subscribe(_ filters: [String], qos: UInt8) -> [UInt8] {
        packet(0x82, [0, 1] + filters.flatMap { text($0) + [qos] })
    }

    static let disconnect: [UInt8] = [0xE0, 0]

    static func publish(topic: String, qos: UInt8, payload: [UInt8]) -> [UInt8] {
        packet(0x30 | qos << 1, text(topic) + (qos > 0 ? [0, 1] : []) + payload)
    }

    private static func text(_ string: String) -> [UInt8] {
        let bytes = Array(string.utf8)
        return [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    }

    private static func packet(_ first: UInt8, _ body: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var remaining = body.count
        repeat {
            let low = UInt8(remaining % 128)
            remaining /= 128
            length.append(remaining > 0 ? low | 0x80 : low)
        } while remaining > 0
        return [first] + length + body
    }
}

/// The extent of one packet at the front of received bytes.
struct PacketExtent {
    let first: UInt8
    let headerBytes: Int
    let totalBytes: Int

    /// - Returns: nil while the packet is incomplete.
    @inline(__always)
    init?(_ bytes: UnsafeRawPointer, count: Int) {
        guard count >= 2 else { return nil }
        self.first = bytes.load(as: UInt8.self)
        var remaining = Int(bytes.load(fromByteOffset: 1, as: UInt8.self))
        var header = 2
        if remaining >= 0x80 {
            remaining &= 0x7F
            var shift = 7
            while true {
                guard header < count else { return nil }
                let byte = Int(bytes.load(fromByteOffset: header, as: UInt8.self))
                header += 1
                remaining |= (byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
        }
        guard header + remaining <= count else { return nil }
        self.headerBytes = header
        self.totalBytes = header + remaining
    }
}
