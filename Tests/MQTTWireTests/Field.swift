import MQTTWire

/// A field of a golden packet, as JSON has it.
enum Field: Decodable, Equatable, Sendable {
    case flag(Bool)
    case number(Int)
    case text(String)
    case list([Field])
    case record([String: Field])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([Field].self) {
            self = .list(value)
        } else {
            self = .record(try container.decode([String: Field].self))
        }
    }
}

/// The fields of a packet in the form of `fixtures/packets`.
struct FieldList {
    private(set) var fields: [String: Field] = [:]

    subscript(_ name: String) -> Field? {
        get { self.fields[name] }
        set { self.fields[name] = newValue }
    }

    mutating func add(_ name: String, _ value: String?) { self[name] = value.map { .text($0) } }
    mutating func add(_ name: String, _ value: Bool?) { self[name] = value.map { .flag($0) } }
    mutating func add(_ name: String, _ value: (some BinaryInteger)?) { self[name] = value.map { .number(Int($0)) } }
    mutating func add(_ name: String, hexadecimal value: [UInt8]?) { self[name] = value.map { .text(Hexadecimal.text($0)) } }
    mutating func add(_ name: String, _ value: Reason) { self[name] = Self.field(value) }
    mutating func add(_ name: String, _ values: [Reason]) { self[name] = values.isEmpty ? nil : .list(values.map(Self.field)) }
    mutating func add(flag name: String, _ value: Bool) { self[name] = value ? .flag(true) : nil }
    mutating func add(_ properties: [UserProperty]) {
        guard !properties.isEmpty else { return }
        self["userProperties"] = .list(properties.map { .list([.text($0.name), .text($0.value)]) })
    }

    private static func field(_ reason: Reason) -> Field {
        let digits = String(reason.rawValue, radix: 16, uppercase: true)
        return .text("0x" + (digits.count == 1 ? "0" : "") + digits)
    }
}
