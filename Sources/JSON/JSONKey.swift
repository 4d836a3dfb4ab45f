/// A member name of an object, compared byte by byte.
///
/// The fingerprint makes "not this one" a single integer comparison, so that small objects need no
/// dictionary. Strings that Unicode calls equivalent but whose bytes differ are different keys (RFC 8259 §8.3).
package struct JSONKey: Hashable, Sendable {
    package let text: String
    @usableFromInline let fingerprint: UInt64

    package init(_ text: String) {
        self.text = text
        self.fingerprint = JSONKey.withBytes(of: text) { JSONKey.fingerprint(of: $0) }
    }

    init(text: String, bytes: UnsafeRawBufferPointer) {
        self.text = text
        self.fingerprint = JSONKey.fingerprint(of: bytes)
    }

    @inlinable
    package static func == (left: JSONKey, right: JSONKey) -> Bool {
        left.fingerprint == right.fingerprint && left.text == right.text
    }

    /// Seeded, unlike the fingerprint: indexes are built over input that may be hostile.
    @inlinable
    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.text)
    }

    /// Mixes length and all bytes; not meant to resist an attacker, `==` looks at the text as well.
    private static func fingerprint(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset + 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 32
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < bytes.count {
            tail = tail << 8 | UInt64(bytes[offset])
            offset += 1
        }
        hash = (hash ^ tail) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 29)
    }

    private static func withBytes<Result>(of text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = text.utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return result }
        return Array(text.utf8).withUnsafeBytes(body)
    }
}
