/// Takes a raw query apart and writes each name and value decoded and encoded again, into memory of at least three times its size.
struct QueryEncoder {
    private let input: UnsafeBufferPointer<UInt8>
    private let output: UnsafeMutableBufferPointer<UInt8>
    private let plusIsSpace: Bool
    /// Bytes written.
    private(set) var count = 0
    /// Whether a literal `+` was seen.
    private(set) var hasPlus = false

    init(input: UnsafeBufferPointer<UInt8>, output: UnsafeMutableBufferPointer<UInt8>, plusIsSpace: Bool) {
        self.input = input
        self.output = output
        self.plusIsSpace = plusIsSpace
    }

    /// Splits at `&`, then each part at its first `=`; empty parts are nothing.
    mutating func encodeAll(_ found: (CanonicalQuery.Parameter) -> Void) {
        var start = 0
        while start < self.input.count {
            var end = start
            var equals: Int?
            while end < self.input.count, self.input[end] != UInt8(ascii: "&") {
                if equals == nil, self.input[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if start < end {
                let rawName = start..<(equals ?? end)
                let rawValue = equals.map { $0 + 1..<end } ?? end..<end
                let name = self.encode(rawName)
                let value = self.encode(rawValue)
                found(CanonicalQuery.Parameter(name: name, value: value, rawName: rawName, rawValue: rawValue))
            }
            start = end + 1
        }
    }

    private mutating func encode(_ range: Range<Int>) -> Range<Int> {
        // Locals, since the compiler keeps them in registers: this loop is a quarter of a verification.
        let (input, output) = (self.input, self.output)
        let start = self.count
        var count = start
        var index = range.lowerBound
        while index < range.upperBound {
            var byte = input[index]
            index += 1
            if PercentEncoding.isUnreserved(byte) {
                output.initializeElement(at: count, to: byte)
                count += 1
                continue
            }
            if byte == UInt8(ascii: "%"), range.upperBound - index >= 2,
                let high = PercentEncoding.hexValue(input[index]), let low = PercentEncoding.hexValue(input[index + 1])
            {
                byte = high << 4 | low
                index += 2
            } else if byte == UInt8(ascii: "+") {
                self.hasPlus = true
                if self.plusIsSpace { byte = UInt8(ascii: " ") }
            }
            count = QueryEncoder.write(byte, to: output, at: count)
        }
        self.count = count
        return start..<count
    }

    private static func write(_ byte: UInt8, to output: UnsafeMutableBufferPointer<UInt8>, at count: Int) -> Int {
        if PercentEncoding.isUnreserved(byte) {
            output.initializeElement(at: count, to: byte)
            return count + 1
        }
        output.initializeElement(at: count, to: UInt8(ascii: "%"))
        output.initializeElement(at: count + 1, to: PercentEncoding.upperHexDigit(byte >> 4))
        output.initializeElement(at: count + 2, to: PercentEncoding.upperHexDigit(byte & 15))
        return count + 3
    }
}
