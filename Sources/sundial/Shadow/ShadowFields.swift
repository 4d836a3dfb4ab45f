import JSON

/// The values of a shadow one by one: `desired.rgb.r` is 1, set at a time.
struct ShadowFields {
    struct Field: Equatable {
        /// Keys joined by dots; a key that is no plain word stands in quotes.
        let path: String
        let value: JSONValue
        /// When it was set; `nil` where the metadata does not say.
        let seconds: Int64?

        /// Compact JSON, fit for a terminal.
        var text: String { LogLine.clean(self.value.text) }
    }

    private(set) var fields: [Field] = []

    /// - Parameters:
    ///   - state: sections by name.
    ///   - metadata: of the same shape; `nil` when there is none.
    init(state: JSONValue?, metadata: JSONValue?) {
        if let state { self.add(state, metadata, path: "") }
    }

    private mutating func add(_ value: JSONValue, _ metadata: JSONValue?, path: String) {
        guard case .object(let object) = value, !object.isEmpty || path.isEmpty else {
            self.fields.append(Field(path: path, value: value, seconds: Self.seconds(in: metadata)))
            return
        }
        for member in object {
            let name = Self.name(member.key)
            self.add(member.value, metadata?[member.key], path: path.isEmpty ? name : "\(path).\(name)")
        }
    }

    private static func name(_ key: String) -> String {
        let isPlain =
            !key.isEmpty
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
        return isPlain ? key : LogLine.clean(JSONValue.string(key).text)
    }

    /// A value's own stamp, or the first of an array's elements, which were all set at once.
    private static func seconds(in metadata: JSONValue?) -> Int64? {
        switch metadata {
        case .object(let object)?:
            object["timestamp"]?.int64 ?? object.lazy.compactMap { Self.seconds(in: $0.value) }.first
        case .array(let elements)?: elements.lazy.compactMap { Self.seconds(in: $0) }.first
        case .null?, .bool?, .number?, .string?, nil: nil
        }
    }
}
