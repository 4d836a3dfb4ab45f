/// Percent-encoding of paths and queries, read strictly (RFC 3986 §2.1).
enum PercentText {
    enum Fault: Error, Equatable {
        /// A `%` without two hexadecimal digits after it, with the three characters that stand there.
        case malformed(String)
        case notUTF8

        var text: String {
            switch self {
            case .malformed(let text): "'\(text)' is no percent-encoding: % takes two hexadecimal digits, and % itself is written %25"
            case .notUTF8: "what its percent-encoding stands for is not UTF-8"
            }
        }
    }

    /// - Parameter plusIsSpace: as forms write spaces; in queries only.
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) throws(Fault) -> String {
        let encoded = Array(text.utf8)
        guard encoded.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") || $0 >= 0x80 }) else { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var index = 0
        while index < encoded.count {
            switch encoded[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < encoded.count, let high = Self.value(of: encoded[index + 1]), let low = Self.value(of: encoded[index + 2])
                else { throw .malformed(String(decoding: encoded[index...].prefix(3), as: UTF8.self)) }
                bytes.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
                index += 1
            case let byte:
                bytes.append(byte)
                index += 1
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return decoded
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
