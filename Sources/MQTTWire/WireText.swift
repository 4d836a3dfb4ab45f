/// The rule every UTF-8 string of MQTT obeys (MQTT 5 §1.5.4; 3.1.1 §1.5.3).
package enum WireText {
    /// The offset of the first byte that breaks the rule, or nil when all is well.
    ///
    /// Well-formed UTF-8 per RFC 3629, so no surrogates, no overlong forms and nothing over U+10FFFF [MQTT-1.5.4-1];
    /// no U+0000 [MQTT-1.5.4-2]. Runs of ASCII are read eight bytes at a time.
    package static func firstInvalidByte(in bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        let count = bytes.count
        while index < count {
            if index + 8 <= count {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                // The second test finds a zero byte in a word whose bytes are all below 0x80.
                if word & 0x8080_8080_8080_8080 == 0, (word &- 0x0101_0101_0101_0101) & 0x8080_8080_8080_8080 == 0 {
                    index += 8
                    continue
                }
            }
            let length = Self.scalarBytes(in: bytes, at: index)
            if length == 0 { return index }
            index += length
        }
        return nil
    }

    /// Bytes of the scalar that starts at `index`, or 0 when none validly does.
    private static func scalarBytes(in bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
        let first = bytes[index]
        if first < 0x80 { return first == 0 ? 0 : 1 }
        let available = bytes.count - index
        // The bounds of the second byte exclude overlong forms, surrogates and values over U+10FFFF (RFC 3629 §4).
        let length: Int
        let second: ClosedRange<UInt8>
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard available >= length, second.contains(bytes[index + 1]) else { return 0 }
        for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 {
            return 0
        }
        return length
    }
}
