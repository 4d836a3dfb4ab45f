import JSON

/// A JSON value, written as a literal: `["temp": 21.5, "modes": ["eco", "off"], "note": .null]`.
///
/// Numbers keep every digit they were written with and objects the order of their members. Two values are equal when they mean the
/// same: `1` and `1.0` are, and objects are whatever their order.
public struct JSON: Equatable, Sendable {
    let value: JSONValue

    init(_ value: JSONValue) {
        self.value = value
    }

    /// `null`. There is no `nil` literal, so that "no value" and "the value null" cannot be mixed up.
    public static let null = JSON(JSONValue.null)

    // MARK: Making

    /// `true` or `false`.
    public init(_ value: Bool) {
        self.value = .bool(value)
    }

    /// A whole number.
    public init(_ value: some BinaryInteger) {
        // The decimal text of a whole number is a JSON number of any length.
        self.value = JSONNumber(text: String(value)).map { .number($0) } ?? .null
    }

    /// A number; `null` for infinities and NaN, which JSON cannot say.
    public init(_ value: Double) {
        self.value = JSONNumber(value).map { .number($0) } ?? .null
    }

    /// A text.
    public init(_ value: String) {
        self.value = .string(value)
    }

    /// An array.
    public init(_ elements: [JSON]) {
        self.value = .array(elements.map(\.value))
    }

    /// An object, its members in the order of their names.
    public init(_ members: [String: JSON]) {
        var object = JSONObject()
        for (key, member) in members.sorted(by: { $0.key < $1.key }) { object[key] = member.value }
        self.value = .object(object)
    }

    /// Reads a JSON text.
    ///
    /// - Throws: ``JSONFailure`` with line and column.
    public init(parsing text: String) throws {
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads a JSON text of UTF-8 bytes.
    ///
    /// - Throws: ``JSONFailure`` with line and column.
    public init(parsing bytes: [UInt8]) throws {
        do throws(JSONError) {
            self.value = try JSONValue(parsing: bytes)
        } catch {
            throw JSONFailure(description: "this is not JSON: \(error.text)")
        }
    }

    // MARK: Reading

    /// Whether this is `null`.
    public var isNull: Bool { self.value.isNull }
    /// `nil` when this is no boolean.
    public var bool: Bool? { self.value.bool }
    /// The whole number, however it was written; `nil` when this is none, or when it does not fit.
    public var int: Int? { self.value.int64.map { Int($0) } }
    /// The nearest double; `nil` when this is no number.
    public var double: Double? { self.value.double }
    /// `nil` when this is no text.
    public var string: String? { self.value.string }
    /// `nil` when this is no array.
    public var array: [JSON]? { self.value.array?.map { JSON($0) } }

    /// The members by name; `nil` when this is no object.
    public var object: [String: JSON]? {
        guard let object = self.value.object else { return nil }
        return Dictionary(object.map { ($0.key, JSON($0.value)) }) { _, last in last }
    }

    /// The member of that name; `nil` when there is none, also when this is no object.
    public subscript(key: String) -> JSON? {
        self.value[key].map { JSON($0) }
    }

    /// The element at that place, from 0; `nil` when there is none, also when this is no array.
    public subscript(index: Int) -> JSON? {
        guard let array = self.value.array, array.indices.contains(index) else { return nil }
        return JSON(array[index])
    }

    /// What a JSON pointer (RFC 6901) such as `/state/reported/temp` names; `nil` when it names nothing.
    public subscript(pointer pointer: String) -> JSON? {
        self.value[pointer: pointer].map { JSON($0) }
    }
}

extension JSON: CustomStringConvertible {
    /// The compact text: no white space, members in order, numbers as written.
    public var description: String { self.value.text }
}

extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self.init(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self.init(value) }
    /// A number.
    public init(floatLiteral value: Double) { self.init(value) }
    /// A text.
    public init(stringLiteral value: String) { self.init(value) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self.init(elements) }

    /// An object, its members in the order written; of members with the same name the last one holds.
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(members: elements) }

    init(members: [(String, JSON)]) {
        var object = JSONObject()
        for (key, member) in members { object[key] = member.value }
        self.value = .object(object)
    }
}

/// A text that is not JSON, or a value that does not fit where it is wanted.
public struct JSONFailure: Error, Equatable, CustomStringConvertible {
    /// What is wrong, and where.
    public let description: String

    init(description: String) {
        self.description = description
    }
}
