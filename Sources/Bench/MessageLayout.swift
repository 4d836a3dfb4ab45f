/// Where a message carries its publisher, number and time of sending.
enum MessageLayout: Sendable {
    /// The last 64 bytes of the packet: publisher (4 bytes), 4 unused, number (8), time (8), filler.
    case binary
    /// A shadow update of one of several things.
    case shadow(ShadowLayout)

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
        case .shadow:
            return ShadowLayout.document
        }
    }

    @inline(__always)
    func write(sequence: UInt64, now: Int64, to packet: UnsafeMutableRawPointer, packetBytes: Int) {
        switch self {
        case .binary:
            let payload = packet + (packetBytes - Self.payloadBytes)
            (payload + 8).storeBytes(of: sequence, as: UInt64.self)
            (payload + 16).storeBytes(of: now, as: Int64.self)
        case .shadow(let shadows):
            shadows.write(sequence: sequence, to: packet, packetBytes: packetBytes)
        }
    }

    /// The publisher, number and time of the plain message whose payload is given; nil when it is not one of ours.
    @inline(__always)
    static func read(_ payload: UnsafeRawPointer, count: Int) -> (publisher: Int, sequence: UInt64, sentAt: Int64)? {
        guard count == Self.payloadBytes else { return nil }
        return (
            Int(payload.loadUnaligned(as: UInt32.self)), payload.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            payload.loadUnaligned(fromByteOffset: 16, as: Int64.self)
        )
    }
}
