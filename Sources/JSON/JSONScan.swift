/// Finds the bytes that end or interrupt a run of plain string bytes.
enum JSONScan {
    /// The first quote, backslash or control character at or after `offset`, or the end; eight bytes at a step.
    @inline(__always)
    static func plainEnd(of bytes: UnsafeRawBufferPointer, from offset: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var offset = offset
        while offset + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5C)
            // Borrows may mark bytes above the first hit, never below it.
            let found =
                ((word &- (ones &* 0x20)) & ~word | (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes) & highs
            if found != 0 { return offset + found.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return offset }
            offset += 1
        }
        return offset
    }
}
