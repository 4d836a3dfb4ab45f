import JSON

extension JSON: Codable {
    /// Reads any value; of numbers too long for a double the rest is lost, since no decoder shows the digits.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? ValueDecoder {
            self.init(decoder.value)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self.init(.null)
        } else if let value = try? container.decode(Bool.self) {
            self.init(value)
        } else if let value = try? container.decode(Int64.self) {
            self.init(value)
        } else if let value = try? container.decode(Double.self) {
            self.init(value)
        } else if let value = try? container.decode(String.self) {
            self.init(value)
        } else if let elements = try? container.decode([JSON].self) {
            self.init(elements)
        } else {
            self.init(try container.decode([String: JSON].self))
        }
    }

    /// Writes the value; a number as a whole one when it is.
    public func encode(to encoder: any Encoder) throws {
        if let encoder = encoder as? ValueEncoder {
            encoder.place.value = self.value
            return
        }
        var container = encoder.singleValueContainer()
        switch self.value {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let number):
            if let whole = number.int64 { try container.encode(whole) } else { try container.encode(number.double) }
        case .string(let value): try container.encode(value)
        case .array(let elements): try container.encode(elements.map { JSON($0) })
        case .object: try container.encode(self.object ?? [:])
        }
    }

    /// The JSON of any `Encodable` value, such as a struct with the state of a shadow.
    ///
    /// - Throws: what the value's own encoding throws.
    public init(encoding value: some Encodable) throws {
        let place = ValueEncoder.Place()
        try ValueEncoder(place: place, codingPath: []).encode(value)
        self.init(place.finished)
    }

    /// A `Decodable` value made of this.
    ///
    /// - Throws: `DecodingError` when something is missing or of the wrong kind.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try ValueDecoder(value: self.value, codingPath: []).decode(type)
    }
}
