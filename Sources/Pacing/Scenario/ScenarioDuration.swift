package import JSON

/// Durations as scenario files write them: a number of seconds, `"250ms"`, `"1.5s"`, `"2m"`, `"1h"` or a sum such as `"1m30s"`.
///
/// Held to the nanosecond; finer digits are refused, so that nothing is rounded unseen. Source: scheduler §4.
package enum ScenarioDuration {
    /// The longest duration a file may name: about a hundred years.
    static let longest: Int64 = 36_525 * 86_400 * 1_000_000_000

    /// Why a value is no duration.
    package enum Fault: Error, Equatable {
        case negative, unreadable, noUnit, tooFine, tooLong, wrongType
    }

    /// The duration a JSON value names.
    package static func read(_ value: JSONValue) throws(Fault) -> Duration {
        switch value {
        case .number(let number): try Self.seconds(number.text)
        case .string(let text): try Self.parse(text)
        case .null, .bool, .array, .object: throw .wrongType
        }
    }

    /// The duration a text with units names.
    package static func parse(_ text: String) throws(Fault) -> Duration {
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "-") { throw .negative }
        guard !bytes.isEmpty else { throw .unreadable }
        var total: Int64 = 0
        while !bytes.isEmpty {
            let number = bytes.prefix { $0 == UInt8(ascii: ".") || Self.isDigit($0) }
            bytes = bytes.dropFirst(number.count)
            let unit = bytes.prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
            bytes = bytes.dropFirst(unit.count)
            guard !number.isEmpty else { throw .unreadable }
            if unit.isEmpty { throw bytes.isEmpty ? .noUnit : .unreadable }
            guard let scale = Self.nanoseconds(inUnit: String(decoding: unit, as: UTF8.self)) else { throw .unreadable }
            let (sum, overflow) = total.addingReportingOverflow(try Self.scaled(number, by: scale))
            if overflow || sum > Self.longest { throw .tooLong }
            total = sum
        }
        return .nanoseconds(total)
    }

    private static func seconds(_ text: String) throws(Fault) -> Duration {
        if text.utf8.first == UInt8(ascii: "-") { throw .negative }
        if text.utf8.contains(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
            guard let value = Double(text), value.isFinite, value * 1e9 <= Double(Self.longest) else { throw .tooLong }
            return .nanoseconds(Int64(value * 1e9 + 0.5))
        }
        return .nanoseconds(try Self.scaled(Array(text.utf8)[...], by: 1_000_000_000))
    }

    /// `digits[.digits]` times `scale`, exactly.
    private static func scaled(_ number: ArraySlice<UInt8>, by scale: Int64) throws(Fault) -> Int64 {
        let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, !whole.isEmpty else { throw .unreadable }
        var value: Int64 = 0
        for digit in whole {
            let (tenfold, tooLarge) = value.multipliedReportingOverflow(by: 10)
            if tooLarge || tenfold > Self.longest { throw .tooLong }
            value = tenfold + Int64(digit - UInt8(ascii: "0"))
        }
        let (product, overflow) = value.multipliedReportingOverflow(by: scale)
        if overflow { throw .tooLong }
        value = product
        guard parts.count == 2 else { return try Self.checked(value) }
        guard let fraction = parts.last, !fraction.isEmpty else { throw .unreadable }
        var place = scale
        for digit in fraction {
            let figure = Int64(digit - UInt8(ascii: "0"))
            if place % 10 != 0 {
                // A unit such as the minute is not a power of ten; only zeros may follow where it ends.
                let (part, remainder) = (place * figure).quotientAndRemainder(dividingBy: 10)
                if remainder != 0 { throw .tooFine }
                value += part
                place = 0
            } else {
                place /= 10
                value += place * figure
                if place == 0, figure != 0 { throw .tooFine }
            }
        }
        return try Self.checked(value)
    }

    private static func checked(_ value: Int64) throws(Fault) -> Int64 {
        if value > Self.longest { throw .tooLong }
        return value
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func nanoseconds(inUnit unit: String) -> Int64? {
        switch unit {
        case "ns": 1
        case "us": 1000
        case "ms": 1_000_000
        case "s": 1_000_000_000
        case "m": 60_000_000_000
        case "h": 3_600_000_000_000
        default: nil
        }
    }
}

extension ScenarioDuration.Fault {
    /// What is wrong, for a message that goes on with how to write it.
    package var text: String {
        switch self {
        case .negative: "a duration cannot be negative"
        case .unreadable: "this is not a duration"
        case .noUnit: "this duration has no unit"
        case .tooFine: "this duration is finer than a nanosecond"
        case .tooLong: "this duration is longer than 100 years"
        case .wrongType: "a duration is a number of seconds or a text"
        }
    }

    /// How a duration is written.
    package static var cure: String { "write seconds as a number or a text such as \"250ms\", \"1.5s\", \"2m\" or \"1m30s\"" }
}
