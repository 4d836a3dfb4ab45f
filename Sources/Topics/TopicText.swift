/// What names and filters have in common as text: separators, length, depth, encoding.
enum TopicText {
    static let slash = UInt8(ascii: "/")
    static let plus = UInt8(ascii: "+")
    static let hash = UInt8(ascii: "#")
    static let dollar = UInt8(ascii: "$")

    /// The position of the `/` that ends the level starting at `start`, or the end of `bytes`.
    @inline(__always)
    static func endOfLevel(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != self.slash { end += 1 }
        return end
    }

    static func hasPrefix(_ bytes: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
        guard bytes.count >= prefix.utf8CodeUnitCount else { return false }
        for offset in 0..<prefix.utf8CodeUnitCount where bytes[offset] != prefix.utf8Start[offset] { return false }
        return true
    }

    /// The first rule broken, of: length and depth after `start`, and the encoding of the whole.
    static func fault(in bytes: UnsafeRawBufferPointer, countingFrom start: Int, limits: TopicLimits) -> TopicError? {
        let counted = bytes.count - start
        if counted > limits.maximumBytes { return .tooLong(bytes: counted, limit: limits.maximumBytes) }
        switch UTF8Check.firstFault(in: bytes) {
        case .malformed(let offset): return .malformedUTF8(offset: offset)
        case .nullCharacter(let offset): return .nullCharacter(offset: offset)
        case nil: break
        }
        guard let limit = limits.maximumSlashes else { return nil }
        var slashes = 0
        for byte in bytes[start...] where byte == self.slash { slashes += 1 }
        return slashes > limit ? .tooManySlashes(slashes: slashes, limit: limit) : nil
    }
}
