import Glibc

/// Bytes waiting for the socket, wrapped in masked WebSocket frames where the link needs them.
///
/// Everything appended between two flushes leaves as one frame (more only past 65,535 bytes), with the masking key zero, which
/// RFC 6455 §5.3 permits and which costs nothing to apply. Memory is given back only by ``deallocate()``.
struct OutboundBytes {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var start = 0
    private var end = 0
    /// Where the open frame's reserved header begins; nil when no frame is open.
    private var frameStart: Int?
    private let isFramed: Bool

    /// Two bytes, a 16-bit length and the masking key.
    private static let reservedHeaderBytes = 8

    init(isFramed: Bool) {
        self.isFramed = isFramed
        self.capacity = 512
        self.base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    func deallocate() {
        self.base.deallocate()
    }

    var pendingBytes: Int { self.end - self.start }
    var unsent: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: self.base + self.start, count: self.end - self.start) }

    /// Room for `count` bytes of one packet, to be filled by the caller at once.
    @inline(__always)
    mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if self.isFramed {
            if let frameStart = self.frameStart, self.end - frameStart - Self.reservedHeaderBytes + count > 65535 { self.closeFrame() }
            if self.frameStart == nil {
                self.makeRoom(Self.reservedHeaderBytes)
                self.frameStart = self.end
                self.end += Self.reservedHeaderBytes
            }
        }
        self.makeRoom(count)
        let place = self.base + self.end
        self.end += count
        return place
    }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { source in
            guard let first = source.baseAddress else { return }
            self.reserve(source.count).copyMemory(from: first, byteCount: source.count)
        }
    }

    /// Bytes outside any frame: the upgrade request.
    mutating func appendUnframed(_ bytes: [UInt8]) {
        self.makeRoom(bytes.count)
        bytes.withUnsafeBytes {
            (self.base + self.end).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(self.base), byteCount: $0.count)
        }
        self.end += bytes.count
    }

    /// Completes the open frame so that ``unsent`` can be written.
    @inline(__always)
    mutating func prepareToSend() {
        if self.frameStart != nil { self.closeFrame() }
    }

    @inline(__always)
    mutating func sent(_ count: Int) {
        self.start += count
        if self.start == self.end {
            self.start = 0
            self.end = 0
        }
    }

    @inline(__always)
    private mutating func makeRoom(_ count: Int) {
        if self.end + count > self.capacity { self.grow(count) }
    }

    @inline(never)
    private mutating func grow(_ count: Int) {
        let used = self.end - self.start
        self.capacity = max(self.capacity * 2, (used + count) * 2)
        let wider = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 16)
        wider.copyMemory(from: self.base + self.start, byteCount: used)
        self.base.deallocate()
        self.base = wider
        if let frameStart = self.frameStart { self.frameStart = frameStart - self.start }
        self.start = 0
        self.end = used
    }

    private mutating func closeFrame() {
        guard let frameStart = self.frameStart else { return }
        self.frameStart = nil
        let header = self.base + frameStart
        let payload = header + Self.reservedHeaderBytes
        let payloadBytes = self.end - frameStart - Self.reservedHeaderBytes
        header.storeBytes(of: 0x82, as: UInt8.self)
        if payloadBytes < 126 {
            (header + 1).storeBytes(of: 0x80 | UInt8(payloadBytes), as: UInt8.self)
            (header + 2).storeBytes(of: 0, as: UInt32.self)
            memmove(header + 6, payload, payloadBytes)
            self.end -= 2
        } else {
            (header + 1).storeBytes(of: 0x80 | 126, as: UInt8.self)
            (header + 2).storeBytes(of: UInt16(payloadBytes).bigEndian, as: UInt16.self)
            (header + 4).storeBytes(of: 0, as: UInt32.self)
        }
    }
}
