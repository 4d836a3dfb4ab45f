import COpenSSL

/// SHA-256 by libcrypto (FIPS 180-4), as a plain value without heap storage.
///
/// Cost: about 0.1 µs plus 0.5 ns a byte on processors with SHA instructions.
package struct SHA256: Sendable {
    private var context = SHA256_CTX()

    /// An empty hash.
    package init() {
        SHA256_Init(&self.context)
    }

    /// Adds bytes to the hash.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        SHA256_Update(&self.context, start, bytes.count)
    }

    /// The digest of everything added; the hash itself can go on from a copy.
    package consuming func finish() -> Digest {
        var digest = Digest()
        withUnsafeMutableBytes(of: &digest.words) { bytes in
            _ = SHA256_Final(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &self.context)
        }
        return digest
    }

    /// The digest of `bytes` in one step.
    package static func digest(of bytes: [UInt8]) -> Digest {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }

    /// The lower-case hex digest of a body, as `SignedRequest.bodySHA256Hex` wants it.
    package static func hex(of bytes: [UInt8]) -> String {
        SHA256.digest(of: bytes).hex
    }

    /// The hex digest of no bytes at all: the payload hash of every request without a body.
    package static let hexOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}

/// 32 bytes of SHA-256 or HMAC-SHA-256.
///
/// Not `Equatable` on purpose: the one comparison there is takes constant time.
package struct Digest: Sendable {
    fileprivate var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    fileprivate init() {}

    /// Reads 64 lower-case hex digits; nil for anything else, upper case included.
    init?(lowercaseHex text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        let valid = withUnsafeMutableBytes(of: &self.words) { bytes in
            for index in 0..<32 {
                guard let high = Digest.nibble(digits[2 * index]), let low = Digest.nibble(digits[2 * index + 1]) else { return false }
                bytes[index] = high << 4 | low
            }
            return true
        }
        if !valid { return nil }
    }

    /// Constant-time comparison (`CRYPTO_memcmp`).
    func matches(_ other: Digest) -> Bool {
        withUnsafeBytes(of: self.words) { mine in
            withUnsafeBytes(of: other.words) { theirs in
                CRYPTO_memcmp(mine.baseAddress, theirs.baseAddress, 32) == 0
            }
        }
    }

    /// 64 lower-case hex digits.
    package var hex: String {
        String(unsafeUninitializedCapacity: 64) { digits in
            self.writeHex { digits.initializeElement(at: $0, to: $1) }
            return 64
        }
    }

    /// Appends the 64 lower-case hex digits.
    func appendHex(to bytes: inout [UInt8]) {
        self.writeHex { bytes.append($1) }
    }

    /// Reads the 32 bytes.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: self.words) { body($0) }
    }

    private func writeHex(_ write: (Int, UInt8) -> Void) {
        withUnsafeBytes(of: self.words) { bytes in
            for index in 0..<32 {
                write(2 * index, Digest.hexDigit(bytes[index] >> 4))
                write(2 * index + 1, Digest.hexDigit(bytes[index] & 15))
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// HMAC-SHA-256 (RFC 2104) with the two key blocks hashed in advance, so that a cached key costs two SHA-256 passes and no set-up.
struct HMACKey: Sendable {
    private let inner: SHA256
    private let outer: SHA256

    init(_ key: [UInt8]) {
        var block = key
        if block.count > 64 {
            block = SHA256.digest(of: key).withBytes { Array($0) }
        }
        block.append(contentsOf: repeatElement(0, count: 64 - block.count))
        var inner = SHA256()
        var outer = SHA256()
        block.map { $0 ^ 0x36 }.withUnsafeBytes { inner.update($0) }
        block.map { $0 ^ 0x5c }.withUnsafeBytes { outer.update($0) }
        self.inner = inner
        self.outer = outer
    }

    init(_ key: Digest) {
        self.init(key.withBytes { Array($0) })
    }

    /// The authentication code of `message`.
    func authenticate(_ message: [UInt8]) -> Digest {
        var inner = self.inner
        message.withUnsafeBytes { inner.update($0) }
        var outer = self.outer
        inner.finish().withBytes { outer.update($0) }
        return outer.finish()
    }
}
