import Glibc

/// Takes the WebSocket framing off a server's bytes, in place (RFC 6455 §5.2; server frames are unmasked).
struct FrameStripper {
    private var remaining = 0
    private var isControl = false
    private var header: (UInt64, UInt64) = (0, 0)
    private var headerBytes = 0
    /// The server sent a Close frame.
    private(set) var isClosed = false

    /// Moves the payload of the data frames among `count` bytes at `bytes` to their front.
    /// - Returns: how many payload bytes there are. A frame or header cut short continues in the next call.
    mutating func strip(_ bytes: UnsafeMutableRawPointer, count: Int) -> Int {
        var read = 0
        var written = 0
        while read < count {
            if self.remaining > 0 {
                let taken = min(self.remaining, count - read)
                if !self.isControl {
                    if written != read { memmove(bytes + written, bytes + read, taken) }
                    written += taken
                }
                read += taken
                self.remaining -= taken
            } else {
                let byte = bytes.load(fromByteOffset: read, as: UInt8.self)
                read += 1
                self.headerByte(byte)
            }
        }
        return written
    }

    private mutating func headerByte(_ byte: UInt8) {
        withUnsafeMutableBytes(of: &self.header) { $0[self.headerBytes] = byte }
        self.headerBytes += 1
        guard self.headerBytes >= 2 else { return }
        withUnsafeBytes(of: self.header) { header in
            let short = Int(header[1] & 0x7F)
            let extended = short == 126 ? 2 : short == 127 ? 8 : 0
            guard self.headerBytes == 2 + extended else { return }
            self.remaining = extended == 0 ? short : header[2..<(2 + extended)].reduce(0) { $0 << 8 | Int($1) }
            self.isControl = header[0] & 0x08 != 0
            if header[0] & 0x0F == 8 { self.isClosed = true }
            self.headerBytes = 0
        }
    }
}
