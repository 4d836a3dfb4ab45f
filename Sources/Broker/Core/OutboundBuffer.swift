import NIOCore

/// Bytes on their way to one client, collected until the end of the tick.
///
/// Empty at rest: the memory comes from the core's pool with the first byte and goes back with the flush.
struct OutboundBuffer {
    /// Written to between `open` and `take` only.
    var buffer = ByteBuffer()
    private var isOpen = false
    let prefixBytes: Int

    init(prefixBytes: Int) {
        self.prefixBytes = prefixBytes
    }

    var isEmpty: Bool { !self.isOpen }

    /// Bytes waiting, without the link's prefix.
    var count: Int { self.isOpen ? self.buffer.writerIndex - self.prefixBytes : 0 }

    /// Takes memory for a new batch.
    @inline(__always)
    mutating func open(_ memory: consuming ByteBuffer) {
        // Consumed, so that the memory has one owner when it is written to; a second one would cost a copy of it all.
        self.buffer = consume memory
        if self.prefixBytes > 0 {
            self.buffer.reserveCapacity(self.prefixBytes)
            self.buffer.moveWriterIndex(to: self.prefixBytes)
        }
        self.isOpen = true
    }

    /// Gives the batch away and is empty again.
    mutating func take() -> ByteBuffer {
        self.isOpen = false
        let batch = self.buffer
        self.buffer = ByteBuffer()
        return batch
    }

    @inline(__always)
    mutating func append(_ body: (inout ByteBuffer) -> Void) {
        body(&self.buffer)
    }

    /// Appends a packet of four bytes: an acknowledgement without a reason.
    @inline(__always)
    mutating func append(acknowledgement firstByte: UInt8, id: UInt16) {
        self.buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 4) { room in
            room.storeBytes(of: (UInt32(firstByte) << 24 | 2 << 16 | UInt32(id)).bigEndian, as: UInt32.self)
            return 4
        }
    }
}
