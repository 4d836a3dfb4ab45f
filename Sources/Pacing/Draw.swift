/// One random draw of a run: a hash of seed, purpose, step id and attempt.
///
/// There is no stream of numbers, so adding a step does not change what others draw. Source: scheduler §9.
package struct Draw: Sendable {
    private var state: UInt64

    package init(seed: UInt64, purpose: String, step: String, attempt: Int) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            // A separator outside UTF-8, so that "ab","c" and "a","bc" differ.
            hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
        }
        mix(purpose.utf8)
        mix(step.utf8)
        self.state = hash ^ Self.scrambled(seed) ^ Self.scrambled(UInt64(truncatingIfNeeded: attempt) &+ 0x5851_F42D_4C95_7F2D)
    }

    /// The next 64 bits of this draw (SplitMix64).
    package mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        return Self.scrambled(self.state)
    }

    /// A whole number from 0 to `bound`, inclusive; every one equally likely but for one part in 2^64.
    package mutating func upTo(_ bound: UInt64) -> UInt64 {
        bound == .max ? self.next() : self.next().multipliedFullWidth(by: bound + 1).high
    }

    /// `count` bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            var word = self.next()
            for _ in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// A version 4 UUID (RFC 9562 §5.4) in lower case.
    package mutating func uuid() -> String {
        var bytes = self.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text = ""
        for (place, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(place) { text += "-" }
            text += byte < 16 ? "0" : ""
            text += String(byte, radix: 16)
        }
        return text
    }

    private static func scrambled(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
