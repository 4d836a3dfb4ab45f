import JSON

/// `{"timestamp":…}`, kept as text because nearly all stamps in a message are alike.
struct TimestampText {
    private var seconds: Int64 = .min
    private var text: [UInt8] = []

    mutating func write(_ seconds: Int64, into writer: inout JSONWriter) {
        if seconds != self.seconds {
            var fresh = JSONWriter(capacity: 64)
            fresh.literal("{\"timestamp\":")
            fresh.integer(seconds)
            fresh.byte(UInt8(ascii: "}"))
            self.text = fresh.copy()
            self.seconds = seconds
        }
        writer.raw(self.text)
    }

    /// The metadata of a value all of whose leaves were set at `seconds`: same shape, stamps for leaves, nulls included.
    ///
    /// - Source: device-shadow §4; nulls appear in `update/accepted` only.
    mutating func writeShape(of value: JSONValue, _ seconds: Int64, into writer: inout JSONWriter) {
        switch value {
        case .null, .bool, .number, .string:
            self.write(seconds, into: &writer)
        case .array(let elements):
            writer.byte(UInt8(ascii: "["))
            for place in elements.indices {
                if place > 0 { writer.byte(UInt8(ascii: ",")) }
                self.writeShape(of: elements[place], seconds, into: &writer)
            }
            writer.byte(UInt8(ascii: "]"))
        case .object(let object):
            writer.byte(UInt8(ascii: "{"))
            for place in object.members.indices {
                if place > 0 { writer.byte(UInt8(ascii: ",")) }
                writer.key(object.members[place].key)
                self.writeShape(of: object.members[place].value, seconds, into: &writer)
            }
            writer.byte(UInt8(ascii: "}"))
        }
    }
}

extension ShadowTree {
    func writeState(into writer: inout JSONWriter) {
        writer.byte(UInt8(ascii: "{"))
        for place in self.members.indices {
            if place > 0 { writer.byte(UInt8(ascii: ",")) }
            writer.key(self.members[place].key)
            self.members[place].node.writeState(into: &writer)
        }
        writer.byte(UInt8(ascii: "}"))
    }

    func writeMetadata(into writer: inout JSONWriter, _ stamp: inout TimestampText) {
        writer.byte(UInt8(ascii: "{"))
        for place in self.members.indices {
            if place > 0 { writer.byte(UInt8(ascii: ",")) }
            writer.key(self.members[place].key)
            self.members[place].node.writeMetadata(into: &writer, &stamp)
        }
        writer.byte(UInt8(ascii: "}"))
    }
}

extension ShadowTree.Node {
    func writeState(into writer: inout JSONWriter) {
        switch self {
        case .leaf(let value, _): writer.value(value)
        case .branch(let tree): tree.writeState(into: &writer)
        case .removed: preconditionFailure("a removed member was left in a shadow")
        }
    }

    func writeMetadata(into writer: inout JSONWriter, _ stamp: inout TimestampText) {
        switch self {
        case .leaf(let value, let seconds): stamp.writeShape(of: value, seconds, into: &writer)
        case .branch(let tree): tree.writeMetadata(into: &writer, &stamp)
        case .removed: preconditionFailure("a removed member was left in a shadow")
        }
    }
}
