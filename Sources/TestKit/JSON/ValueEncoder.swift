import JSON

/// Makes a JSON value of an `Encodable`, without Foundation.
struct ValueEncoder: Encoder {
    /// Where something is written. Containers are handed out before they are filled, hence a class.
    final class Place {
        /// What needs no container.
        var value: JSONValue?
        private var members: [(key: String, place: Place)]?
        private var elements: [Place]?

        /// What has been written; an empty object if nothing was, as for a struct without members.
        var finished: JSONValue {
            if let value { return value }
            if let elements { return .array(elements.map(\.finished)) }
            var object = JSONObject()
            for member in self.members ?? [] { object[member.key] = member.place.finished }
            return .object(object)
        }

        // The containers of one place share what is written, as those of a class and its superclass do.

        func becomeObject() { self.members = self.members ?? [] }
        func becomeArray() { self.elements = self.elements ?? [] }

        func member(_ key: String) -> Place {
            let place = Place()
            self.members?.append((key, place))
            return place
        }

        func element() -> Place {
            let place = Place()
            self.elements?.append(place)
            return place
        }
    }

    let place: Place
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        self.place.becomeObject()
        return KeyedEncodingContainer(MemberContainer<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        self.place.becomeArray()
        return ElementContainer(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleContainer(encoder: self)
    }

    func encode(_ value: some Encodable) throws {
        if let simple = JSONValue(simple: value) {
            self.place.value = simple
        } else {
            try value.encode(to: self)
        }
    }

    func member(_ key: any CodingKey) -> ValueEncoder {
        ValueEncoder(place: self.place.member(key.stringValue), codingPath: self.codingPath + [key])
    }

    func element(_ index: Int) -> ValueEncoder {
        ValueEncoder(place: self.place.element(), codingPath: self.codingPath + [PlainKey(index)])
    }
}

private struct MemberContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { self.encoder.codingPath }

    func encodeNil(forKey key: Key) { self.encoder.member(key).place.value = .null }

    func encode(_ value: some Encodable, forKey key: Key) throws { try self.encoder.member(key).encode(value) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        self.encoder.member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { self.encoder.member(key).unkeyedContainer() }

    func superEncoder() -> any Encoder { self.encoder.member(PlainKey("super")) }

    func superEncoder(forKey key: Key) -> any Encoder { self.encoder.member(key) }
}

private struct ElementContainer: UnkeyedEncodingContainer {
    let encoder: ValueEncoder
    private(set) var count = 0
    var codingPath: [any CodingKey] { self.encoder.codingPath }

    init(encoder: ValueEncoder) {
        self.encoder = encoder
    }

    private mutating func next() -> ValueEncoder {
        defer { self.count += 1 }
        return self.encoder.element(self.count)
    }

    mutating func encodeNil() { self.next().place.value = .null }

    mutating func encode(_ value: some Encodable) throws { try self.next().encode(value) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        self.next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self.next().unkeyedContainer() }

    mutating func superEncoder() -> any Encoder { self.next() }
}

private struct SingleContainer: SingleValueEncodingContainer {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { self.encoder.codingPath }

    func encodeNil() { self.encoder.place.value = .null }

    func encode(_ value: some Encodable) throws { try self.encoder.encode(value) }
}

/// A key by its text alone.
struct PlainKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ text: String) {
        self.stringValue = text
        self.intValue = nil
    }

    init(_ index: Int) {
        self.stringValue = "\(index)"
        self.intValue = index
    }

    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }
}

extension JSONValue {
    /// A value that JSON has a form for; `nil` for those that are made of others.
    fileprivate init?(simple value: some Encodable) {
        switch value {
        case let value as Bool: self = .bool(value)
        case let value as String: self = .string(value)
        case let value as Double: self = JSON(value).value
        case let value as Float: self = JSONNumber(text: "\(value)").map { .number($0) } ?? .null
        case let value as any FixedWidthInteger: self = JSON(value).value
        default: return nil
        }
    }
}
