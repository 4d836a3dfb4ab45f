/// One topic level as two words: exact for levels up to 15 bytes, a hash and the length for longer ones.
///
/// Comparing words instead of byte arrays, and hashing two words instead of a level of any
/// length, is what makes a step of the trie cost one memory access.
struct LevelKey: Equatable {
    let low: UInt64
    let high: UInt64

    /// Levels of this many bytes and more are not held by the key, only told apart by it.
    private static let inlineLimit = 16
    private static let longMark: UInt64 = 0xFF << 56

    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) {
        let count = end - start
        switch count {
        case 8..<Self.inlineLimit:
            self.low = Self.load(bytes, at: start, as: UInt64.self)
            // The last eight bytes, without those that `low` has already.
            let tail = Self.load(bytes, at: end - 8, as: UInt64.self) >> UInt64(8 * (16 - count))
            self.high = tail | UInt64(count) << 56
        case 4..<8:
            self.low =
                UInt64(Self.load(bytes, at: start, as: UInt32.self))
                | UInt64(Self.load(bytes, at: end - 4, as: UInt32.self)) << UInt64(8 * (count - 4))
            self.high = UInt64(count) << 56
        case 0..<4:
            var word: UInt64 = 0
            for offset in 0..<count { word |= UInt64(bytes[start + offset]) << UInt64(8 * offset) }
            self.low = word
            self.high = UInt64(count) << 56
        default:
            self.low = Self.hash(bytes, from: start, to: end)
            self.high = Self.longMark | UInt64(count)
        }
    }

    /// Whether equal keys may still stand for different levels.
    @inline(__always)
    var isLong: Bool { self.high >= Self.longMark }

    /// The hash of this level below the node `parent`.
    @inline(__always)
    func hash(below parent: UInt32) -> UInt64 {
        Self.mixed(self.low ^ 0x9E37_79B9_7F4A_7C15, self.high ^ (UInt64(parent) &* 0xD6E8_FEB8_6659_FD93) ^ 0xE703_7ED1_A0B4_28DB)
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> UInt64 {
        var state = UInt64(end - start) ^ 0x8EBC_6AF0_9C88_C6E3
        var position = start
        while position + 8 <= end {
            state = self.mixed(state ^ self.load(bytes, at: position, as: UInt64.self), 0xA076_1D64_78BD_642F)
            position += 8
        }
        // Only long levels come here, so there always are eight bytes to read back over.
        return self.mixed(state ^ self.load(bytes, at: end - 8, as: UInt64.self), 0xE703_7ED1_A0B4_28DB)
    }

    @inline(__always)
    private static func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    /// Little-endian, so that a key is the same on every machine.
    @inline(__always)
    private static func load<Word: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, as type: Word.Type
    ) -> Word {
        Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }
}
