package import JSON
import Timeline

/// A place in a document that makes no sense, and why.
package struct DocumentFault: Error, Equatable, Sendable {
    /// JSON pointer (RFC 6901); empty for the whole document.
    package let pointer: String
    /// What is wrong there: `is missing`.
    package let what: String

    package init(pointer: String, what: String) {
        self.pointer = pointer
        self.what = what
    }

    package var text: String { "\(self.pointer.isEmpty ? "the document" : "'\(self.pointer)'") \(self.what)" }
}

/// A value of a document and its place, read member by member with every surprise named.
package struct DocumentNode {
    package let value: JSONValue
    package let pointer: String

    package init(_ value: JSONValue, pointer: String = "") {
        self.value = value
        self.pointer = pointer
    }

    package func fault(_ what: String) -> DocumentFault { DocumentFault(pointer: self.pointer, what: what) }

    // MARK: Objects

    package func object() throws(DocumentFault) -> JSONObject {
        guard case .object(let object) = self.value else { throw self.fault("must be an object, not \(self.value.kindText)") }
        return object
    }

    /// The members, in order; any but those named are a fault.
    package func object(of names: [String]) throws(DocumentFault) -> JSONObject {
        let object = try self.object()
        if let stranger = object.keys.first(where: { !names.contains($0) }) {
            throw self.node(stranger, object[stranger] ?? .null).fault("is not known here; there are \(names.joined(separator: ", "))")
        }
        return object
    }

    /// The member of this name; `nil` when there is none.
    package subscript(name: String) -> DocumentNode? {
        self.value[name].map { self.node(name, $0) }
    }

    package func member(_ name: String) throws(DocumentFault) -> DocumentNode {
        if let node = self[name] { return node }
        throw self.node(name, .null).fault("is missing")
    }

    /// All members with their names.
    package func members() throws(DocumentFault) -> [(name: String, node: DocumentNode)] {
        try self.object().map { ($0.key, self.node($0.key, $0.value)) }
    }

    private func node(_ name: String, _ value: JSONValue) -> DocumentNode {
        DocumentNode(value, pointer: JSONPointer.appending(name, to: self.pointer))
    }

    // MARK: Values

    package func elements() throws(DocumentFault) -> [DocumentNode] {
        guard let elements = self.value.array else { throw self.fault("must be an array, not \(self.value.kindText)") }
        return elements.enumerated().map { DocumentNode($1, pointer: "\(self.pointer)/\($0)") }
    }

    package func text() throws(DocumentFault) -> String {
        guard let text = self.value.string else { throw self.fault("must be a string, not \(self.value.kindText)") }
        return text
    }

    func bool() throws(DocumentFault) -> Bool {
        guard let bool = self.value.bool else { throw self.fault("must be true or false, not \(self.value.kindText)") }
        return bool
    }

    func integer<Number: FixedWidthInteger>(_ range: ClosedRange<Number>) throws(DocumentFault) -> Number {
        guard let number = self.value.int64.flatMap({ Number(exactly: $0) }), range.contains(number) else {
            throw self.fault("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A number that only counts up: one that JSON readers keep exactly, so that there is room to count on.
    func counter(from lowest: Int64 = 0) throws(DocumentFault) -> UInt64 {
        try self.integer(UInt64(lowest)...Self.largestCounter)
    }

    /// The version of a shadow or of a thing.
    func version() throws(DocumentFault) -> Int64 {
        try self.integer(1...Int64(Self.largestCounter))
    }

    private static let largestCounter: UInt64 = 1 << 53 - 1

    /// Text that goes into an MQTT packet. MQTT 5 §1.5.4.
    func packetText() throws(DocumentFault) -> String {
        let text = try self.text()
        guard text.utf8.count <= Self.longestPacketText, !text.utf8.contains(0) else {
            throw self.fault("must have at most \(Self.longestPacketText) bytes, none of them NUL")
        }
        return text
    }

    static let longestPacketText = 65_535

    func time() throws(DocumentFault) -> WallTime {
        guard let time = WallTime(iso8601: try self.text()) else {
            throw self.fault("must be a time such as 2026-01-02T03:04:05.678Z")
        }
        return time
    }
}

extension JSONValue {
    /// Numbers that only count up.
    init(counter: UInt64) { self.init(Int64(clamping: counter)) }
}
