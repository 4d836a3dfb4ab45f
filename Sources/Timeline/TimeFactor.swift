/// How many times as fast as real time a clock runs: 0.001 to 1 000 000, in steps of 0.001.
///
/// Whole thousandths, so that a time and the real time at which it comes convert into each other without rounding errors.
@usableFromInline
package struct TimeFactor: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 1 000 000 000.
    package let thousandths: Int64

    /// As fast as real time.
    package static let one = TimeFactor(unchecked: 1000)
    private static let range: ClosedRange<Int64> = 1...1_000_000_000

    private init(unchecked thousandths: Int64) {
        self.thousandths = thousandths
    }

    /// `nil` outside 0.001 to 1 000 000.
    package init?(thousandths: Int64) {
        guard Self.range.contains(thousandths) else { return nil }
        self.init(unchecked: thousandths)
    }

    /// Reads a decimal number: `60`, `0.5`, `2.50`.
    ///
    /// `nil` for what is no such number, has more than three decimals or lies outside 0.001 to 1 000 000.
    package init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        var digits = Array(parts[0])
        var decimals = parts.count > 1 ? Array(parts[1]) : [UInt8(ascii: "0")]
        while decimals.count > 3, decimals.last == UInt8(ascii: "0") { decimals.removeLast() }
        guard !digits.isEmpty, !decimals.isEmpty, decimals.count <= 3 else { return nil }
        digits += decimals + Array(repeating: UInt8(ascii: "0"), count: 3 - decimals.count)
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        guard let thousandths = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.init(thousandths: thousandths)
    }

    /// The shortest decimal number: `60`, `0.5`.
    @usableFromInline package var description: String {
        let (whole, rest) = self.thousandths.quotientAndRemainder(dividingBy: 1000)
        guard rest > 0 else { return "\(whole)" }
        var decimals = "\(1000 + rest)".dropFirst()
        while decimals.last == "0" { decimals.removeLast() }
        return "\(whole).\(decimals)"
    }
}
