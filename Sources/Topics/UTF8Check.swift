/// Checks the strings of MQTT: well-formed UTF-8 without U+0000. [MQTT-1.5.4-1] [MQTT-1.5.4-2]
///
/// Control characters and non-characters, which MQTT only advises against, pass.
package enum UTF8Check {
    /// What is wrong, and at which byte.
    package enum Fault: Hashable, Sendable {
        case malformed(offset: Int)
        case nullCharacter(offset: Int)
    }

    /// Whether `bytes` may be an MQTT string. Takes eight ASCII bytes at a time; never allocates.
    package static func isValidMQTTString(_ bytes: UnsafeRawBufferPointer) -> Bool {
        self.firstFault(in: bytes) == nil
    }

    /// The first reason why `bytes` cannot be an MQTT string, or nil.
    package static func firstFault(in bytes: UnsafeRawBufferPointer) -> Fault? {
        let count = bytes.count
        var position = 0
        while position < count {
            if position + 8 <= count {
                let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                // Neither a byte above 0x7F nor, by the borrow of the subtraction, a zero byte.
                let zeroes = (word &- 0x0101_0101_0101_0101) & ~word
                if (word | zeroes) & 0x8080_8080_8080_8080 == 0 {
                    position += 8
                    continue
                }
            }
            let lead = bytes[position]
            if lead == 0 { return .nullCharacter(offset: position) }
            if lead < 0x80 {
                position += 1
                continue
            }
            guard let length = self.sequenceLength(in: bytes, at: position) else { return .malformed(offset: position) }
            position += length
        }
        return nil
    }

    /// Source: Unicode Standard, table 3-7 (well-formed byte sequences): no surrogates, no overlong forms,
    /// nothing above U+10FFFF.
    private static func sequenceLength(in bytes: UnsafeRawBufferPointer, at position: Int) -> Int? {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[position] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else { return nil }
        for offset in 2..<max(length, 2) where bytes[position + offset] & 0xC0 != 0x80 { return nil }
        return length
    }
}
