/// MQTT packets as bytes, made by hand so that wrong ones can be made too.
enum PacketText {
    /// A whole packet: first byte, remaining length, body.
    static func packet(_ first: UInt8, _ body: [UInt8]) -> [UInt8] {
        var length = body.count
        var bytes = [first]
        repeat {
            let more: UInt8 = length > 127 ? 0x80 : 0
            bytes.append(UInt8(length & 0x7F) | more)
            length >>= 7
        } while length > 0
        return bytes + body
    }

    static func string(_ text: String) -> [UInt8] {
        self.data(Array(text.utf8))
    }

    static func data(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    }

    /// CONNECT with a 60 s keep alive; `level` 5 has an empty property list.
    static func connect(
        _ clientID: [UInt8], level: UInt8 = 4, protocolName: String = "MQTT", flags: UInt8 = 0x02, rest: [UInt8] = []
    ) -> [UInt8] {
        let properties: [UInt8] = level == 5 ? [0] : []
        return self.packet(
            0x10, self.string(protocolName) + [level, flags, 0, 60] + properties + self.data(clientID) + rest)
    }

    static func connect(_ clientID: String, level: UInt8 = 4) -> [UInt8] {
        self.connect(Array(clientID.utf8), level: level)
    }

    /// SUBSCRIBE at QoS 0, packet id 1.
    static func subscribe(_ filter: String, level: UInt8 = 4, options: UInt8 = 0, flags: UInt8 = 2) -> [UInt8] {
        let properties: [UInt8] = level == 5 ? [0] : []
        return self.packet(0x80 | flags, [0, 1] + properties + self.string(filter) + [options])
    }

    /// PUBLISH at QoS 0 of MQTT 3.1.1.
    static func publish(_ topic: String, _ payload: String) -> [UInt8] {
        self.packet(0x30, self.string(topic) + Array(payload.utf8))
    }

    /// PUBLISH of MQTT 5 at QoS 0 with these property bytes.
    static func publish5(_ topic: [UInt8], properties: [UInt8], _ payload: String = "x") -> [UInt8] {
        self.packet(0x30, self.data(topic) + [UInt8(properties.count)] + properties + Array(payload.utf8))
    }
}
