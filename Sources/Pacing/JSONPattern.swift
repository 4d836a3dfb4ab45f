package import JSON

/// What a JSON value must look like: every key given must be there and match. Source: scheduler §16.5.
package indirect enum JSONPattern: Sendable {
    /// The kinds `$type` knows, as JSON names them.
    package enum Kind: String, CaseIterable, Sendable {
        case null, boolean, number, string, array, object
    }

    case any
    case literal(JSONValue)
    /// A text with late variables.
    case lateText(String)
    case type(Kind)
    case greater(Double)
    case near(Double, within: Double)
    case regex(String)
    case absent
    case length(Int)
    case variable(String)
    case object([Member])
    case array([JSONPattern])

    package struct Member: Sendable {
        package var key: String
        package var pattern: JSONPattern

        package init(key: String, pattern: JSONPattern) {
            self.key = key
            self.pattern = pattern
        }
    }

    static let operators = ["$any", "$type", "$gt", "$near", "$re", "$absent", "$len", "$var"]

    /// Whether `value` matches; nil is a value that is not there.
    func matches(_ value: JSONValue?, _ variables: some LateValues) -> Bool {
        guard let value else {
            if case .absent = self { return true }
            return false
        }
        switch self {
        case .any: return true
        case .absent: return false
        case .literal(let expected): return value == expected
        case .lateText(let text): return (try? LateText.filled(text, from: variables)).map { $0 == value } ?? false
        case .type(let kind): return Self.kind(of: value) == kind
        case .greater(let bound): return value.double.map { $0 > bound } ?? false
        case .near(let centre, let tolerance): return value.double.map { abs($0 - centre) <= tolerance } ?? false
        case .regex(let pattern): return value.string.map { TextPattern.matches($0, pattern) } ?? false
        case .length(let count): return Self.length(of: value) == count
        case .variable(let name): return variables.lateValue(of: name) == value
        case .object(let members):
            guard let object = value.object else { return false }
            return members.allSatisfy { $0.pattern.matches(object[$0.key], variables) }
        case .array(let patterns):
            guard let elements = value.array, elements.count == patterns.count else { return false }
            return zip(patterns, elements).allSatisfy { $0.matches($1, variables) }
        }
    }

    private static func kind(of value: JSONValue) -> Kind {
        switch value {
        case .null: .null
        case .bool: .boolean
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// Elements, members or characters.
    private static func length(of value: JSONValue) -> Int? {
        switch value {
        case .string(let text): text.count
        case .array(let elements): elements.count
        case .object(let object): object.count
        case .null, .bool, .number: nil
        }
    }
}

/// Regular expressions of matches, in the syntax of Swift's `Regex`; they may match anywhere in the text.
enum TextPattern {
    static func isValid(_ pattern: String) -> Bool {
        (try? Regex(pattern)) != nil
    }

    /// Compiled at each use: `Regex` is not `Sendable`, and messages that get this far are few.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let regex = try? Regex(pattern) else { return false }
        return text.firstMatch(of: regex) != nil
    }
}
