import JSON

/// Makes a `Decodable` of a JSON value, without Foundation.
struct ValueDecoder: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = self.value.object else { throw self.mismatch([String: JSON].self, "an object") }
        return KeyedDecodingContainer(MemberReader<Key>(decoder: self, object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = self.value.array else { throw self.mismatch([JSON].self, "an array") }
        return ElementReader(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { SingleReader(decoder: self) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try self.simple(type) ?? type.init(from: self)
    }

    /// A value that JSON has a form for; `nil` for types that are made of others.
    private func simple<Value: Decodable>(_ type: Value.Type) throws -> Value? {
        switch type {
        case is Bool.Type: return try self.checked(self.value.bool as? Value, "a boolean")
        case is String.Type: return try self.checked(self.value.string as? Value, "a string")
        case is Double.Type: return try self.checked(self.value.double as? Value, "a number")
        case is Float.Type: return try self.checked(self.value.number.flatMap { Float($0.text) } as? Value, "a number")
        case let type as any FixedWidthInteger.Type:
            return try self.checked(self.integer(type) as? Value, "a whole number that fits into \(type)")
        default: return nil
        }
    }

    private func integer<Whole: FixedWidthInteger>(_ type: Whole.Type) -> Whole? {
        guard let number = self.value.number else { return nil }
        return Whole(number.text) ?? number.int64.flatMap { Whole(exactly: $0) }
    }

    private func checked<Value>(_ value: Value?, _ expected: String) throws -> Value {
        guard let value else { throw self.mismatch(Value.self, expected) }
        return value
    }

    func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: self.codingPath, debugDescription: "\(expected) is wanted, not \(self.value.text)"))
    }
}

private struct MemberReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ValueDecoder
    let object: JSONObject
    var codingPath: [any CodingKey] { self.decoder.codingPath }
    var allKeys: [Key] { self.object.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { self.object[key.stringValue] != nil }

    private func member(_ key: any CodingKey) throws -> ValueDecoder {
        guard let value = self.object[key.stringValue] else {
            let names = self.object.keys.joined(separator: ", ")
            throw DecodingError.keyNotFound(
                key, .init(codingPath: self.codingPath, debugDescription: "there is no \"\(key.stringValue)\" among: \(names)"))
        }
        return ValueDecoder(value: value, codingPath: self.codingPath + [key])
    }

    func decodeNil(forKey key: Key) throws -> Bool { try self.member(key).value.isNull }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try self.member(key).decode(type) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        try self.member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try self.member(key).unkeyedContainer() }

    func superDecoder() throws -> any Decoder { try self.member(PlainKey("super")) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try self.member(key) }
}

private struct ElementReader: UnkeyedDecodingContainer {
    let decoder: ValueDecoder
    let elements: [JSONValue]
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { self.decoder.codingPath }
    var count: Int? { self.elements.count }
    var isAtEnd: Bool { self.currentIndex == self.elements.count }

    init(decoder: ValueDecoder, elements: [JSONValue]) {
        self.decoder = decoder
        self.elements = elements
    }

    private func current(_ type: Any.Type) throws -> ValueDecoder {
        let path = self.codingPath + [PlainKey(self.currentIndex)]
        guard !self.isAtEnd else {
            throw DecodingError.valueNotFound(
                type, .init(codingPath: path, debugDescription: "the array has only \(self.elements.count) elements"))
        }
        return ValueDecoder(value: self.elements[self.currentIndex], codingPath: path)
    }

    mutating func decodeNil() throws -> Bool {
        guard try self.current(JSON.self).value.isNull else { return false }
        self.currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try self.current(type).decode(type)
        self.currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        let container = try self.current(JSON.self).container(keyedBy: type)
        self.currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try self.current(JSON.self).unkeyedContainer()
        self.currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try self.current(JSON.self)
        self.currentIndex += 1
        return decoder
    }
}

private struct SingleReader: SingleValueDecodingContainer {
    let decoder: ValueDecoder
    var codingPath: [any CodingKey] { self.decoder.codingPath }

    func decodeNil() -> Bool { self.decoder.value.isNull }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try self.decoder.decode(type) }
}
