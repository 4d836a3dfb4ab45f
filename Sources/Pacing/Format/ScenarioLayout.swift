import JSON

/// Writes an object on one line, or where that is too long on several: broken after commas, what belongs together under its first part.
///
///     {"sub":{"client":"app","filters":["$aws/things/T/shadow/name/test1/update/accepted",
///                                       "$aws/things/T/shadow/name/test2/update/accepted"],"qos":1}}
struct ScenarioLayout {
    /// Characters in a line; a text is never broken, so a line may have more.
    private let width: Int
    private var text = ""
    private var column = 0

    static func text(of object: JSONObject, width: Int) -> String {
        let value = JSONValue.object(object)
        let flat = value.text
        guard Self.count(flat) > width else { return flat }
        var layout = ScenarioLayout(width: width)
        layout.write(value, before: 0)
        return layout.text
    }

    private init(width: Int) {
        self.width = width
    }

    /// - Parameter after: characters that follow on the same line.
    private mutating func write(_ value: JSONValue, before after: Int) {
        let flat = value.text
        if self.column + Self.count(flat) + after <= self.width {
            self.append(flat)
            return
        }
        switch value {
        case .object(let object) where !object.isEmpty:
            let parts = object.members.map { Part(key: JSONValue.string($0.key.text).text + ":", value: $0.value) }
            self.write(parts, "{", "}", before: after, isList: false)
        case .array(let elements) where !elements.isEmpty:
            // Steps, matches and the like stand below each other.
            let isList = elements.contains { $0.isContainer }
            self.write(elements.map { Part(key: "", value: $0) }, "[", "]", before: after, isList: isList)
        case .null, .bool, .number, .string, .object, .array:
            self.append(flat)
        }
    }

    private struct Part {
        var key: String
        var value: JSONValue
    }

    private mutating func write(_ parts: [Part], _ open: String, _ close: String, before after: Int, isList: Bool) {
        self.append(open)
        let indent = self.column
        for (place, part) in parts.enumerated() {
            let isLast = place == parts.count - 1
            let following = isLast ? 1 + after : 1
            let count = Self.count(part.key) + Self.count(part.value.text) + following
            if place > 0, isList || self.goesToNextLine(part, count: count, indent: indent) { self.startLine(indent) }
            self.append(part.key)
            self.write(part.value, before: following)
            self.append(isLast ? close : ",")
        }
    }

    /// What does not fit behind the former part gets a line of its own where it fits there whole; else it begins here if its beginning does.
    private func goesToNextLine(_ part: Part, count: Int, indent: Int) -> Bool {
        if self.column + count <= self.width { return false }
        if indent + count <= self.width || !part.value.isContainer { return true }
        return self.column + Self.count(part.key) + part.value.beginning > self.width
    }

    private mutating func append(_ piece: String) {
        self.text += piece
        self.column += Self.count(piece)
    }

    private mutating func startLine(_ indent: Int) {
        self.text += "\n" + String(repeating: " ", count: indent)
        self.column = indent
    }

    fileprivate static func count(_ text: String) -> Int { text.unicodeScalars.count }
}

extension JSONValue {
    fileprivate var isContainer: Bool { self.array != nil || self.object != nil }

    /// Characters up to and with the comma behind its first part that holds nothing itself.
    fileprivate var beginning: Int {
        switch self {
        case .object(let object):
            object.members.first.map { 2 + ScenarioLayout.count(JSONValue.string($0.key.text).text) + $0.value.beginning } ?? 2
        case .array(let elements): elements.first.map { 1 + $0.beginning } ?? 2
        case .null, .bool, .number, .string: ScenarioLayout.count(self.text) + 1
        }
    }
}
