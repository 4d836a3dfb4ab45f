extension WallTime {
    /// ISO 8601 with milliseconds (rounded down) in UTC: `2026-01-02T03:04:05.678Z`.
    package var iso8601: String {
        let (date, secondOfDay) = self.dateAndSecondOfDay
        let milliseconds = self.millisecondsSinceEpoch - self.secondsSinceEpoch * 1000
        var text: [UInt8] = []
        text.reserveCapacity(24)
        text.appendDigits(date.year, count: 4)
        text.append(UInt8(ascii: "-"))
        text.appendDigits(date.month, count: 2)
        text.append(UInt8(ascii: "-"))
        text.appendDigits(date.day, count: 2)
        text.append(UInt8(ascii: "T"))
        text.appendDigits(secondOfDay / 3600, count: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDigits(secondOfDay / 60 % 60, count: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDigits(secondOfDay % 60, count: 2)
        text.append(UInt8(ascii: "."))
        text.appendDigits(milliseconds, count: 3)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Basic ISO 8601 in UTC, seconds rounded down: `20260102T030405Z`, the form of `X-Amz-Date`.
    package var basicISO8601: String {
        let (date, secondOfDay) = self.dateAndSecondOfDay
        var text: [UInt8] = []
        text.reserveCapacity(16)
        text.appendDigits(date.year, count: 4)
        text.appendDigits(date.month, count: 2)
        text.appendDigits(date.day, count: 2)
        text.append(UInt8(ascii: "T"))
        text.appendDigits(secondOfDay / 3600, count: 2)
        text.appendDigits(secondOfDay / 60 % 60, count: 2)
        text.appendDigits(secondOfDay % 60, count: 2)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads exactly `20260102T030405Z`; nil for any other text and for days that do not exist.
    ///
    /// Years outside 1677 to 2262 saturate: a date far away stays far away, and is not "unreadable".
    package init?(basicISO8601 text: some StringProtocol) {
        var scanner = DigitScanner(text)
        guard let year = scanner.digits(4), let month = scanner.digits(2), let day = scanner.digits(2), scanner.skip("T"),
            let hour = scanner.digits(2), let minute = scanner.digits(2), let second = scanner.digits(2), scanner.skip("Z"),
            scanner.isAtEnd
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        self.init(date: date, hour: hour, minute: minute, second: second, nanosecond: 0)
    }

    /// Reads `2026-01-02T03:04:05Z` with any number of decimals after the seconds (more than nine
    /// are cut off); nil for any other text, other zones than `Z`, and days that do not exist.
    ///
    /// Years outside 1677 to 2262 saturate.
    package init?(iso8601 text: some StringProtocol) {
        var scanner = DigitScanner(text)
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2), scanner.skip("T"), let hour = scanner.digits(2), scanner.skip(":"),
            let minute = scanner.digits(2), scanner.skip(":"), let second = scanner.digits(2)
        else { return nil }
        var nanosecond: Int64 = 0
        if scanner.skip(".") {
            guard let fraction = scanner.nanosecondFraction() else { return nil }
            nanosecond = fraction
        }
        guard scanner.skip("Z"), scanner.isAtEnd else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        self.init(date: date, hour: hour, minute: minute, second: second, nanosecond: nanosecond)
    }

    private init?(date: CivilDate, hour: Int64, minute: Int64, second: Int64, nanosecond: Int64) {
        guard date.exists, hour < 24, minute < 60, second < 60 else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second
        let whole = WallTime(secondsSinceEpoch: seconds)
        self.init(nanosecondsSinceEpoch: whole.nanosecondsSinceEpoch.addingSaturated(nanosecond))
    }

    private var dateAndSecondOfDay: (date: CivilDate, secondOfDay: Int64) {
        let seconds = self.secondsSinceEpoch
        let days = seconds.dividedRoundingDown(by: 86_400)
        return (CivilDate(daysSinceEpoch: days), seconds - days * 86_400)
    }
}

extension [UInt8] {
    /// Appends the last `count` decimal digits of a value that is not negative.
    fileprivate mutating func appendDigits(_ value: Int64, count: Int) {
        var divisor: Int64 = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            self.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}

/// Reads fixed-width decimal fields and separators from ASCII text.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: some StringProtocol) {
        self.bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { self.position == self.bytes.count }

    mutating func digits(_ count: Int) -> Int64? {
        guard self.bytes.count - self.position >= count else { return nil }
        var value: Int64 = 0
        for byte in self.bytes[self.position..<self.position + count] {
            guard let digit = Self.digit(byte) else { return nil }
            value = value * 10 + digit
        }
        self.position += count
        return value
    }

    mutating func skip(_ separator: Unicode.Scalar) -> Bool {
        guard !self.isAtEnd, self.bytes[self.position] == UInt8(ascii: separator) else { return false }
        self.position += 1
        return true
    }

    /// One or more decimals, as nanoseconds.
    mutating func nanosecondFraction() -> Int64? {
        var value: Int64 = 0
        var weight: Int64 = 100_000_000
        let start = self.position
        while !self.isAtEnd, let digit = Self.digit(self.bytes[self.position]) {
            value += digit * weight
            weight /= 10
            self.position += 1
        }
        return self.position > start ? value : nil
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int64(byte - UInt8(ascii: "0")) : nil
    }
}
