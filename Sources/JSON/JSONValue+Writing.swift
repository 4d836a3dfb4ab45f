extension JSONValue {
    /// Appends the compact text: no white space, members in order, numbers as written.
    package func write(into bytes: inout [UInt8]) {
        var writer = JSONWriter()
        writer.value(self)
        writer.append(to: &bytes)
    }

    /// The compact text.
    package var utf8: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.copy()
    }

    /// The compact text as a string.
    package var text: String { String(decoding: self.utf8, as: UTF8.self) }

    /// Length of the compact text in bytes.
    package var compactBytes: Int {
        var writer = JSONWriter()
        writer.value(self)
        return writer.count
    }

    /// The text over several lines, two spaces a level; ends without a line feed.
    /// - Parameter level: how deep the value stands in a larger text. The first line is not indented.
    package func pretty(level: Int = 0) -> String {
        var writer = JSONWriter()
        self.writePretty(into: &writer, level: level)
        return String(decoding: writer.copy(), as: UTF8.self)
    }

    private func writePretty(into writer: inout JSONWriter, level: Int) {
        switch self {
        case .array(let elements) where !elements.isEmpty:
            writer.byte(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                writer.startLine(after: place > 0, level: level + 1)
                element.writePretty(into: &writer, level: level + 1)
            }
            writer.startLine(after: false, level: level)
            writer.byte(UInt8(ascii: "]"))
        case .object(let object) where !object.isEmpty:
            writer.byte(UInt8(ascii: "{"))
            for (place, member) in object.members.enumerated() {
                writer.startLine(after: place > 0, level: level + 1)
                writer.key(member.key)
                writer.byte(UInt8(ascii: " "))
                member.value.writePretty(into: &writer, level: level + 1)
            }
            writer.startLine(after: false, level: level)
            writer.byte(UInt8(ascii: "}"))
        case .null, .bool, .number, .string, .array, .object:
            writer.value(self)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func startLine(after previous: Bool, level: Int) {
        if previous { self.byte(UInt8(ascii: ",")) }
        self.byte(0x0A)
        for _ in 0..<level { self.literal("  ") }
    }
}
