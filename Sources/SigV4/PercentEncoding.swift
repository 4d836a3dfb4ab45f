/// RFC 3986 percent-encoding as SigV4 wants it: everything but letters, digits and `-._~`, with upper-case digits.
///
/// Source: AWS General Reference, "Create a canonical request", `UriEncode`.
enum PercentEncoding {
    /// One bit for each of the 128 ASCII bytes that stays as it is.
    private static let low: UInt64 = 0x03ff_6000_0000_0000
    private static let high: UInt64 = 0x47ff_fffe_87ff_fffe

    static func isUnreserved(_ byte: UInt8) -> Bool {
        if byte >= 128 { return false }
        return (byte < 64 ? PercentEncoding.low >> UInt64(byte) : PercentEncoding.high >> UInt64(byte - 64)) & 1 == 1
    }

    /// Appends one byte, encoded unless unreserved.
    static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        if PercentEncoding.isUnreserved(byte) {
            bytes.append(byte)
        } else {
            bytes.append(UInt8(ascii: "%"))
            bytes.append(PercentEncoding.upperHexDigit(byte >> 4))
            bytes.append(PercentEncoding.upperHexDigit(byte & 15))
        }
    }

    /// Encodes `text`; bytes of `keeping` stay as they are.
    static func encode(_ text: some Sequence<UInt8>, keeping: [UInt8] = []) -> [UInt8] {
        var encoded: [UInt8] = []
        for byte in text {
            if keeping.contains(byte) {
                encoded.append(byte)
            } else {
                PercentEncoding.append(byte, to: &encoded)
            }
        }
        return encoded
    }

    static func encode(_ text: String, keeping: [UInt8] = []) -> String {
        String(decoding: PercentEncoding.encode(text.utf8, keeping: keeping), as: UTF8.self)
    }

    /// Decodes `%XX`; a `%` without two hex digits stands for itself, `+` too.
    static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.withUnsafeBufferPointer { input in
            Array(unsafeUninitializedCapacity: input.count) { output, count in
                var index = 0
                while index < input.count {
                    var byte = input[index]
                    if byte == UInt8(ascii: "%"), input.count - index >= 3, let high = PercentEncoding.hexValue(input[index + 1]),
                        let low = PercentEncoding.hexValue(input[index + 2])
                    {
                        byte = high << 4 | low
                        index += 2
                    }
                    output.initializeElement(at: count, to: byte)
                    count += 1
                    index += 1
                }
            }
        }
    }

    static func upperHexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
