import NIOCore

/// What a WebSocket client sends, taken apart (RFC 6455 §5).
///
/// Payload is unmasked into a buffer of the caller as it arrives, so a frame need not be complete and none is ever held whole.
struct WebSocketFrames {
    enum Event: Equatable {
        case ping([UInt8])
        case pong
        /// The client closes, with the code it gave.
        case close(UInt16?)
    }

    struct Violation: Error, Equatable {
        /// The close code for the client. RFC 6455 §7.4.1.
        let code: UInt16
        let text: String
    }

    private enum State {
        case header
        case payload(left: Int)
        case control(opcode: UInt8, length: Int)
    }

    private var state = State.header
    private var maskKey: UInt32 = 0
    private var maskOffset = 0
    private var isInsideMessage = false
    /// A header or control frame that is not complete: 14 + 125 bytes at most.
    private var pending: [UInt8] = []

    init() {}

    /// Takes what arrived.
    ///
    /// - Parameters:
    ///   - payload: binary payload is appended here, unmasked.
    ///   - event: called for control frames, in order with the payload.
    mutating func received(
        _ bytes: UnsafeRawBufferPointer, payload: inout ByteBuffer, event: (Event, inout ByteBuffer) -> Void
    ) throws(Violation) {
        var rest = bytes[...]
        while true {
            switch self.state {
            case .header:
                guard try self.readHeader(&rest) else { return }
            case .payload(let left):
                let count = min(left, rest.count)
                if count > 0 {
                    self.unmask(UnsafeRawBufferPointer(rebasing: rest.prefix(count)), into: &payload)
                    rest = rest.dropFirst(count)
                }
                self.state = count == left ? .header : .payload(left: left - count)
                if count < left { return }
            case .control(let opcode, let length):
                let missing = length - self.pending.count
                self.pending.append(contentsOf: rest.prefix(missing))
                rest = rest.dropFirst(min(missing, rest.count))
                guard self.pending.count == length else { return }
                let body = self.unmaskedPending()
                self.pending.removeAll()
                self.state = .header
                event(try self.control(opcode, body), &payload)
            }
        }
    }

    /// - Returns: whether the header is complete.
    private mutating func readHeader(_ rest: inout Slice<UnsafeRawBufferPointer>) throws(Violation) -> Bool {
        if self.pending.isEmpty {
            // The usual case, where nothing needs to be kept.
            let bytes = UnsafeRawBufferPointer(rebasing: rest)
            guard bytes.count >= 2 else {
                self.pending.append(contentsOf: bytes)
                rest = rest.dropFirst(bytes.count)
                return false
            }
            try self.checkFirstBytes(bytes[0], bytes[1])
            let length = Self.headerBytes(bytes[1])
            if bytes.count >= length {
                try self.finishHeader(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
                rest = rest.dropFirst(length)
                return true
            }
        }
        return try self.readHeaderInPieces(&rest)
    }

    private mutating func readHeaderInPieces(_ rest: inout Slice<UnsafeRawBufferPointer>) throws(Violation) -> Bool {
        while let byte = rest.first {
            self.pending.append(byte)
            rest = rest.dropFirst()
            guard self.pending.count >= 2 else { continue }
            if self.pending.count == 2 { try self.checkFirstBytes(self.pending[0], self.pending[1]) }
            if self.pending.count == Self.headerBytes(self.pending[1]) {
                let header = self.pending
                self.pending.removeAll()
                let result: Result<Void, Violation> = header.withUnsafeBytes { bytes in
                    Result { () throws(Violation) in try self.finishHeader(bytes) }
                }
                try result.get()
                return true
            }
        }
        return false
    }

    /// With the mask, by the second byte.
    private static func headerBytes(_ second: UInt8) -> Int {
        switch second & 0x7F {
        case 126: 8
        case 127: 14
        default: 6
        }
    }

    private func checkFirstBytes(_ first: UInt8, _ second: UInt8) throws(Violation) {
        let opcode = first & 0x0F
        if first & 0x70 != 0 { throw Violation(code: 1002, text: "a WebSocket frame with reserved bits; no extension was agreed") }
        if second & 0x80 == 0 { throw Violation(code: 1002, text: "an unmasked WebSocket frame; clients must mask [RFC 6455 §5.1]") }
        switch opcode {
        case 0x0:
            if !self.isInsideMessage { throw Violation(code: 1002, text: "a WebSocket continuation frame without a beginning") }
        case 0x1:
            throw Violation(code: 1003, text: "a WebSocket text frame; MQTT is carried in binary frames [MQTT5-6.0.0-1]")
        case 0x2:
            if self.isInsideMessage { throw Violation(code: 1002, text: "a new WebSocket message inside a fragmented one") }
        case 0x8, 0x9, 0xA:
            if first & 0x80 == 0 || second & 0x7F > 125 {
                throw Violation(code: 1002, text: "a WebSocket control frame that is fragmented or longer than 125 bytes")
            }
        default:
            throw Violation(code: 1002, text: "WebSocket opcode \(opcode) does not exist")
        }
    }

    private mutating func finishHeader(_ header: UnsafeRawBufferPointer) throws(Violation) {
        let opcode = header[0] & 0x0F
        let isFinal = header[0] & 0x80 != 0
        let length: UInt64
        switch header[1] & 0x7F {
        case 126: length = UInt64(UInt16(bigEndian: header.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        case 127: length = UInt64(bigEndian: header.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
        case let short: length = UInt64(short)
        }
        guard length <= UInt64(Int.max) else {
            throw Violation(code: 1002, text: "a WebSocket frame with an impossible length")
        }
        self.maskKey = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: header.count - 4, as: UInt32.self))
        self.maskOffset = 0
        if opcode >= 0x8 {
            self.state = .control(opcode: opcode, length: Int(length))
        } else {
            self.isInsideMessage = !isFinal
            self.state = .payload(left: Int(length))
        }
    }

    /// Copies eight bytes at a time; never touches the buffer that was read into, which would cost a copy of its own.
    @inline(__always)
    private mutating func unmask(_ bytes: UnsafeRawBufferPointer, into payload: inout ByteBuffer) {
        guard let from = bytes.baseAddress else { return }
        let shift = UInt32(8 * self.maskOffset)
        let key32 = shift == 0 ? self.maskKey : self.maskKey >> shift | self.maskKey << (32 - shift)
        let key = UInt64(key32) << 32 | UInt64(key32)
        let count = bytes.count
        payload.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            guard let to = room.baseAddress else { return 0 }
            var offset = 0
            while offset + 8 <= count {
                let word = from.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                to.storeBytes(of: word ^ key.littleEndian, toByteOffset: offset, as: UInt64.self)
                offset += 8
            }
            while offset < count {
                let byte = from.load(fromByteOffset: offset, as: UInt8.self)
                to.storeBytes(of: byte ^ UInt8(truncatingIfNeeded: key >> UInt64(8 * (offset & 7))), toByteOffset: offset, as: UInt8.self)
                offset += 1
            }
            return count
        }
        self.maskOffset = (self.maskOffset + count) & 3
    }

    private func unmaskedPending() -> [UInt8] {
        self.pending.enumerated().map { $0.element ^ UInt8(truncatingIfNeeded: self.maskKey >> UInt32(8 * ($0.offset & 3))) }
    }

    private func control(_ opcode: UInt8, _ body: [UInt8]) throws(Violation) -> Event {
        switch opcode {
        case 0x9: return .ping(body)
        case 0xA: return .pong
        default:
            if body.count == 1 { throw Violation(code: 1002, text: "a WebSocket close frame with half a code") }
            return .close(body.count >= 2 ? UInt16(body[0]) << 8 | UInt16(body[1]) : nil)
        }
    }

    // MARK: What the server sends

    /// The room a header needs, at most; a batch leaves it free in front.
    static let maximumHeaderBytes = 10

    /// Writes the header of one binary frame into the free room in front of its payload and sets the reader index to it.
    static func frame(_ batch: inout ByteBuffer) {
        let payloadBytes = batch.writerIndex - Self.maximumHeaderBytes
        let start: Int
        if payloadBytes < 126 {
            start = Self.maximumHeaderBytes - 2
            batch.setInteger(0x8200 | UInt16(payloadBytes), at: start)
        } else if payloadBytes <= 0xFFFF {
            start = Self.maximumHeaderBytes - 4
            batch.setInteger(0x827E_0000 | UInt32(payloadBytes), at: start)
        } else {
            start = Self.maximumHeaderBytes - 10
            batch.setInteger(0x827F as UInt16, at: start)
            batch.setInteger(UInt64(payloadBytes), at: start + 2)
        }
        batch.moveReaderIndex(to: start)
    }

    /// A pong with the ping's own payload.
    static func pong(_ body: [UInt8]) -> ByteBuffer {
        ByteBuffer(bytes: [0x8A, UInt8(body.count)] + body)
    }

    static func close(code: UInt16) -> ByteBuffer {
        ByteBuffer(bytes: [0x88, 2, UInt8(code >> 8), UInt8(code & 0xFF)])
    }
}
