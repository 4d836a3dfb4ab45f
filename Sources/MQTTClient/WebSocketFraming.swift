import NIOCore

/// The client's side of WebSocket frames (RFC 6455 §5): masks what leaves, unwraps what arrives.
///
/// Payload is passed on as it comes, frame by frame or in parts, since MQTT does not care for message boundaries (MQTT 5 §6).
struct WebSocketFraming {
    enum Event: Equatable {
        /// Answer with ``frame(_:_:maskingKey:into:)`` of kind pong and this data.
        case ping([UInt8])
        /// The server closes, with its code where it gave one.
        case close(code: UInt16?)
        case violation(String)
    }

    enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    private enum State {
        case header
        case payload(remaining: Int)
        case control(Opcode, bytes: Int)
    }

    private var state = State.header
    private var isInsideMessage = false

    /// Wraps `payload` into one masked frame (§5.3).
    static func frame(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer, maskingKey: UInt32, into buffer: inout ByteBuffer) {
        buffer.writeInteger(0x80 | opcode.rawValue)
        switch payload.count {
        case ..<126: buffer.writeInteger(0x80 | UInt8(payload.count))
        case ..<65536:
            buffer.writeInteger(0x80 | UInt8(126))
            buffer.writeInteger(UInt16(payload.count))
        default:
            buffer.writeInteger(0x80 | UInt8(127))
            buffer.writeInteger(UInt64(payload.count))
        }
        buffer.writeInteger(maskingKey)
        let key = [UInt8(maskingKey >> 24), UInt8(maskingKey >> 16 & 0xFF), UInt8(maskingKey >> 8 & 0xFF), UInt8(maskingKey & 0xFF)]
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: payload.count) { space in
            for index in 0..<payload.count { space[index] = payload[index] ^ key[index & 3] }
            return payload.count
        }
    }

    /// Takes frames from `input`, appending payload to `output`.
    /// - Returns: the next event, or nil when `input` has no further whole step.
    mutating func next(from input: inout ByteBuffer, into output: inout ByteBuffer) -> Event? {
        while true {
            switch self.state {
            case .header:
                guard let header = Self.header(&input) else { return nil }
                if let fault = self.enter(header) { return .violation(fault) }
            case .payload(let remaining):
                guard let part = input.readSlice(length: min(remaining, input.readableBytes)), part.readableBytes > 0 || remaining == 0
                else { return nil }
                output.writeImmutableBuffer(part)
                self.state = remaining == part.readableBytes ? .header : .payload(remaining: remaining - part.readableBytes)
            case .control(let opcode, let bytes):
                guard let data = input.readBytes(length: bytes) else { return nil }
                self.state = .header
                if opcode == .ping { return .ping(data) }
                if opcode == .close { return .close(code: data.count >= 2 ? UInt16(data[0]) << 8 | UInt16(data[1]) : nil) }
            }
        }
    }

    private struct Header {
        let first: UInt8
        let isMasked: Bool
        let payloadBytes: UInt64
    }

    /// - Returns: nil, and nothing taken, while the header is incomplete.
    private static func header(_ input: inout ByteBuffer) -> Header? {
        let start = input.readerIndex
        guard let first = input.getInteger(at: start, as: UInt8.self), let second = input.getInteger(at: start + 1, as: UInt8.self) else {
            return nil
        }
        var headerBytes = 2
        var length = UInt64(second & 0x7F)
        if length == 126 {
            guard let extended = input.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            length = UInt64(extended)
            headerBytes = 4
        } else if length == 127 {
            guard let extended = input.getInteger(at: start + 2, as: UInt64.self) else { return nil }
            length = extended
            headerBytes = 10
        }
        input.moveReaderIndex(forwardBy: headerBytes)
        return Header(first: first, isMasked: second & 0x80 != 0, payloadBytes: length)
    }

    /// - Returns: what is wrong with the frame.
    private mutating func enter(_ header: Header) -> String? {
        guard header.first & 0x70 == 0 else { return "a frame uses reserved bits, though no extension was agreed on" }
        guard !header.isMasked else { return "a server's frame is masked" }
        guard let opcode = Opcode(rawValue: header.first & 0x0F) else { return "frame type \(header.first & 0x0F) does not exist" }
        guard let payloadBytes = Int(exactly: header.payloadBytes) else { return "a frame claims \(header.payloadBytes) bytes" }
        let isFinal = header.first & 0x80 != 0
        switch opcode {
        case .text: return "it sent a text frame; MQTT is binary"
        case .binary, .continuation:
            guard (opcode == .continuation) == self.isInsideMessage else { return "fragments are mixed up" }
            self.isInsideMessage = !isFinal
            self.state = .payload(remaining: payloadBytes)
        case .close, .ping, .pong:
            guard isFinal, payloadBytes < 126 else { return "a control frame is fragmented or too long" }
            self.state = .control(opcode, bytes: payloadBytes)
        }
        return nil
    }
}
