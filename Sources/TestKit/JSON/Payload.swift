import JSON

/// What a message carries: `"hello"`, `["temp": 21]` or `.bytes([1, 2])`.
public enum Payload: Equatable, Sendable {
    /// UTF-8 text, as it is.
    case text(String)
    /// Compact JSON, its members in the order written.
    case json(JSON)
    /// Any bytes.
    case bytes([UInt8])

    var bytes: [UInt8] {
        switch self {
        case .text(let text): Array(text.utf8)
        case .json(let json): json.value.utf8
        case .bytes(let bytes): bytes
        }
    }
}

extension Payload: ExpressibleByStringInterpolation, ExpressibleByDictionaryLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }

    /// A JSON object.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .json(JSON(members: elements))
    }
}
