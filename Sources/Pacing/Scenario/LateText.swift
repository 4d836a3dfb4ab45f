import JSON

/// Text with variables whose value is known only while the plan runs (`${now}`, `${epoch}`, captured ones).
///
/// The reader replaces every other variable at once and leaves these between two U+FFFE, a code point that
/// is no character and that the reader refuses in files; so a text stays one `String`, and texts without
/// such variables cost nothing. Source: scheduler §16.6.
package enum LateText {
    static let mark: Unicode.Scalar = "\u{FFFE}"

    /// The stand-in for one variable.
    static func placeholder(_ name: String) -> String { "\u{FFFE}\(name)\u{FFFE}" }

    /// Whether there is anything left to fill in. U+FFFE is `EF BF BE` in UTF-8.
    static func isLate(_ text: String) -> Bool {
        text.utf8.contains(0xEF) && text.unicodeScalars.contains(Self.mark)
    }

    static func isLate(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): Self.isLate(text)
        case .array(let elements): elements.contains { Self.isLate($0) }
        case .object(let object): object.contains { Self.isLate($0.value) }
        case .null, .bool, .number: false
        }
    }

    /// The first variable in the text, for messages.
    static func firstName(in text: String) -> String {
        let parts = text.unicodeScalars.split(separator: Self.mark, omittingEmptySubsequences: false)
        return parts.count > 1 ? String(parts[1]) : ""
    }

    /// Fills in the text. A text that is only one variable takes that variable's type.
    /// - Throws: the name of the first variable that has no value yet.
    static func filled(_ text: String, from values: some LateValues) throws(MissingVariable) -> JSONValue {
        let parts = text.unicodeScalars.split(separator: Self.mark, omittingEmptySubsequences: false)
        if parts.count == 3, parts[0].isEmpty, parts[2].isEmpty { return try Self.value(String(parts[1]), values) }
        var result = ""
        for (place, part) in parts.enumerated() {
            if place % 2 == 0 {
                result.unicodeScalars.append(contentsOf: part)
            } else {
                let value = try Self.value(String(part), values)
                result += value.string ?? value.text
            }
        }
        return .string(result)
    }

    /// Fills in every text of a value. Keys are never late.
    static func filled(_ value: JSONValue, from values: some LateValues) throws(MissingVariable) -> JSONValue {
        switch value {
        case .string(let text):
            return Self.isLate(text) ? try Self.filled(text, from: values) : value
        case .array(let elements):
            var filled: [JSONValue] = []
            for element in elements { filled.append(try Self.filled(element, from: values)) }
            return .array(filled)
        case .object(let object):
            var filled = JSONObject()
            for (key, member) in object { filled[key] = try Self.filled(member, from: values) }
            return .object(filled)
        case .null, .bool, .number:
            return value
        }
    }

    /// Fills in a text that stays a text.
    static func filledText(_ text: String, from values: some LateValues) throws(MissingVariable) -> String {
        guard Self.isLate(text) else { return text }
        let value = try Self.filled(text, from: values)
        return value.string ?? value.text
    }

    private static func value(_ name: String, _ values: some LateValues) throws(MissingVariable) -> JSONValue {
        guard let value = values.lateValue(of: name) else { throw MissingVariable(name: name) }
        return value
    }
}

/// Where late variables get their values.
protocol LateValues {
    func lateValue(of name: String) -> JSONValue?
}

/// A variable was used before anything captured it.
struct MissingVariable: Error {
    var name: String
}
