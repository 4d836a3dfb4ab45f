/// Where a message carries its publisher, number and time of sending.
enum MessageLayout: Sendable {
    /// The last 64 bytes of the packet: publisher (4 bytes), 4 unused, number (8), time (8), filler.
    case binary
    /// A shadow update that ends with `"clientToken":"<16 hexadecimal digits>"}`, which the service repeats at the end of its answer.
    case clientToken

    static let payloadBytes = 64

    func payload(publisher: Int) -> [UInt8] {
        switch self {
        case .binary:
            var bytes = [UInt8](repeating: UInt8(ascii: "."), count: Self.payloadBytes)
            bytes.withUnsafeMutableBytes {
                $0.storeBytes(of: UInt32(publisher), as: UInt32.self)
                $0.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
            }
            return bytes
        case .clientToken:
            return Self.shadowDocument
        }
    }

    @inline(__always)
    func write(sequence: UInt64, now: Int64, to packet: UnsafeMutableRawPointer, packetBytes: Int) {
        switch self {
        case .binary:
            let payload = packet + (packetBytes - Self.payloadBytes)
            (payload + 8).storeBytes(of: sequence, as: UInt64.self)
            (payload + 16).storeBytes(of: now, as: Int64.self)
        case .clientToken:
            var digits = sequence
            for index in 1...16 {
                let digit = UInt8(digits & 0xF)
                (packet + (packetBytes - 2 - index)).storeBytes(of: digit < 10 ? 48 + digit : 87 + digit, as: UInt8.self)
                digits >>= 4
            }
        }
    }

    /// The publisher, number and time of the message whose payload is given; nil when it is not one of ours.
    @inline(__always)
    func read(_ payload: UnsafeRawPointer, count: Int) -> (publisher: Int, sequence: UInt64, sentAt: Int64)? {
        switch self {
        case .binary:
            guard count == Self.payloadBytes else { return nil }
            return (
                Int(payload.loadUnaligned(as: UInt32.self)), payload.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                payload.loadUnaligned(fromByteOffset: 16, as: Int64.self)
            )
        case .clientToken:
            guard count > 20 else { return nil }
            var sequence: UInt64 = 0
            for index in (count - 18)..<(count - 2) {
                let character = payload.load(fromByteOffset: index, as: UInt8.self)
                switch character {
                case 48...57: sequence = sequence << 4 | UInt64(character - 48)
                case 97...102: sequence = sequence << 4 | UInt64(character - 87)
                default: return nil
                }
            }
            return (0, sequence, 0)
        }
    }

    /// A 300-byte update of an ordinary desired state.
    private static let shadowDocument: [UInt8] = {
        let front = #"{"state":{"desired":{"power":"on","brightness":73,"color":{"r":255,"g":128,"b":0},"scene":"evening","#
        let middle = #""schedule":[1,2,3,5,8,13],"limits":{"minimum":18.5,"maximum":24.25},"label":""#
        let back = #""}},"clientToken":"0000000000000000"}"#
        let filler = String(repeating: "x", count: 300 - front.utf8.count - middle.utf8.count - back.utf8.count)
        return Array((front + middle + filler + back).utf8)
    }()
}
