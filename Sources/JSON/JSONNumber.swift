/// A number as it was written; nothing is rounded on the way through.
package struct JSONNumber: Sendable {
    /// The text, in the grammar of RFC 8259 §6.
    package let text: String

    init(checkedText text: String) {
        self.text = text
    }

    package init(_ value: Int64) {
        self.text = String(value)
    }

    /// Nil for infinities and NaN, which JSON cannot say.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.text = value.description
    }

    /// Nil when `text` is not a JSON number.
    package init?(text: String) {
        guard let value = try? JSONValue(parsing: text), case .number(let number) = value, number.text == text else { return nil }
        self = number
    }

    /// The value when it is a whole number in range, however written (`3`, `3.0`, `3e0`).
    package var int64: Int64? {
        Int64(self.text) ?? DecimalForm(self.text)?.int64
    }

    /// The nearest double; infinite when out of range.
    package var double: Double {
        Double(self.text) ?? .nan
    }
}

extension JSONNumber: Equatable {
    /// Equal value, exactly: `1 == 1.0 == 10e-1`; no rounding is involved however long the digits are.
    package static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.text == right.text { return true }
        guard let left = DecimalForm(left.text), let right = DecimalForm(right.text) else { return false }
        return left == right
    }
}

/// A decimal number without leading or trailing zeros: sign, digits, power of ten of the last digit.
private struct DecimalForm: Equatable {
    private var isNegative = false
    private var digits: [UInt8] = []
    private var exponent = 0

    /// Nil when the exponent does not fit; such numbers are equal only when written alike.
    init?(_ text: String) {
        var afterPoint = false
        var bytes = text.utf8.makeIterator()
        scan: while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "-"):
                self.isNegative = true
            case UInt8(ascii: "."):
                afterPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let written = Self.exponent(&bytes) else { return nil }
                let (sum, overflow) = self.exponent.addingReportingOverflow(written)
                if overflow { return nil }
                self.exponent = sum
                break scan
            default:
                if afterPoint { self.exponent -= 1 }
                if byte != UInt8(ascii: "0") || !self.digits.isEmpty { self.digits.append(byte - UInt8(ascii: "0")) }
            }
        }
        while self.digits.last == 0 {
            self.digits.removeLast()
            self.exponent += 1
        }
        if self.digits.isEmpty {
            self.isNegative = false
            self.exponent = 0
        }
    }

    private static func exponent(_ bytes: inout String.UTF8View.Iterator) -> Int? {
        var text = ""
        while let byte = bytes.next() { text.unicodeScalars.append(UnicodeScalar(byte)) }
        guard let value = Int(text), value.magnitude < 1 << 60 else { return nil }
        return value
    }

    var int64: Int64? {
        guard self.exponent >= 0, self.exponent <= 19 else { return nil }
        var value: Int64 = 0
        for digit in self.digits + Array(repeating: 0, count: self.exponent) {
            let (tenfold, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let step = self.isNegative ? -Int64(digit) : Int64(digit)
            let (sum, overflow) = tenfold.addingReportingOverflow(step)
            if tooLarge || overflow { return nil }
            value = sum
        }
        return value
    }
}
