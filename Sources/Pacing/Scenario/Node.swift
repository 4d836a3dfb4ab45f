import JSON

/// A value of a scenario object together with the way to it, for errors that name line and column.
struct Node {
    /// The way to a value that holds others. A linked list, since it is turned into a pointer only when something is wrong.
    private final class Place: Sendable {
        let parent: Place?
        let token: String

        init(parent: Place?, token: String) {
            self.parent = parent
            self.token = token
        }

        var pointer: String {
            guard let parent = self.parent else { return self.token }
            return JSONPointer.appending(self.token, to: parent.pointer)
        }
    }

    let value: JSONValue
    private let place: Place
    /// The last part of the way to a value that holds no others; such values are many, and a place of their own would cost each an
    /// allocation.
    private let leaf: String?

    /// - Parameter pointer: where the value stands in the object that the file has.
    init(root value: JSONValue, at pointer: String = "") {
        self.init(value, Place(parent: nil, token: pointer), leaf: nil)
    }

    private init(_ value: JSONValue, _ place: Place, leaf: String?) {
        self.value = value
        self.place = place
        self.leaf = leaf
    }

    var pointer: String {
        let pointer = self.place.pointer
        return self.leaf.map { JSONPointer.appending($0, to: pointer) } ?? pointer
    }

    func fault(_ what: String, _ cure: String = "") -> StepFault {
        StepFault(pointer: self.pointer, what: what, cure: cure)
    }

    /// A fault of the key of this value.
    func keyFault(_ what: String, _ cure: String = "") -> StepFault {
        StepFault(pointer: self.pointer, atKey: true, what: what, cure: cure)
    }

    /// Another value in the same place.
    func replaced(by value: JSONValue) -> Node { Node(root: value, at: self.pointer) }

    /// The member of that name; nil when absent.
    subscript(key: String) -> Node? {
        guard let value = self.value.object?[key] else { return nil }
        return self.child(value, key)
    }

    func required(_ key: String, in what: @autoclosure () -> String) throws(StepFault) -> Node {
        guard let node = self[key] else { throw self.fault("\(what()) needs \"\(key)\"", "add \"\(key)\"") }
        return node
    }

    func child(_ value: JSONValue, _ token: String) -> Node {
        switch value {
        case .object, .array: Node(value, Place(parent: self.place, token: token), leaf: nil)
        case .null, .bool, .number, .string: Node(value, self.place, leaf: token)
        }
    }

    // MARK: Reading

    func object(_ what: String, cure: String = "") throws(StepFault) -> JSONObject {
        guard let object = self.value.object else { throw self.notAnObject(what, cure: cure) }
        return object
    }

    private func notAnObject(_ what: String, cure: String = "") -> StepFault {
        self.fault("\(what) must be an object, not \(self.value.kindText)", cure.isEmpty ? "write {…}" : cure)
    }

    func elements(_ what: String) throws(StepFault) -> [Node] {
        guard let array = self.value.array else {
            throw self.fault("\(what) must be an array, not \(self.value.kindText)", "write […]")
        }
        return array.enumerated().map { self.child($0.element, String($0.offset)) }
    }

    func members(_ what: String) throws(StepFault) -> [(key: String, node: Node)] {
        try self.object(what).map { ($0.key, self.child($0.value, $0.key)) }
    }

    /// A text whose late variables are filled in while the plan runs. A variable may have made a number or a boolean of it.
    func lateString(_ what: String) throws(StepFault) -> String {
        switch self.value {
        case .string(let text): return text
        case .number, .bool: return self.value.text
        case .null, .array, .object:
            throw self.fault("\(what) must be a text, not \(self.value.kindText)", "write it in double quotes")
        }
    }

    /// A text that is known now.
    func string(_ what: String) throws(StepFault) -> String {
        let string = try self.lateString(what)
        guard !LateText.isLate(string) else {
            throw self.fault(
                "\(what) must be known when the file is read, but ${\(LateText.firstName(in: string))} gets its value while running",
                "use a variable from vars")
        }
        return string
    }

    func bool(_ what: String) throws(StepFault) -> Bool {
        guard let bool = self.value.bool else {
            throw self.fault("\(what) must be true or false, not \(self.value.kindText)", "write true or false without quotes")
        }
        return bool
    }

    func integer(_ what: String, _ range: ClosedRange<Int64>) throws(StepFault) -> Int64 {
        guard let value = self.value.int64 else {
            throw self.fault("\(what) must be a whole number, not \(self.value.number?.text ?? self.value.kindText)", Self.hint(range))
        }
        guard range.contains(value) else { throw self.fault("\(what) is \(value), which is out of range", Self.hint(range)) }
        return value
    }

    func duration(_ what: String) throws(StepFault) -> Duration {
        do {
            return try ScenarioDuration.read(self.value)
        } catch {
            throw self.fault("\(what): \(error.text)", ScenarioDuration.Fault.cure)
        }
    }

    /// MQTT counts some times in whole seconds.
    func wholeSeconds(_ what: String, upTo most: Int64) throws(StepFault) -> Int64 {
        let duration = try self.duration(what)
        guard duration.components.attoseconds == 0, duration.components.seconds <= most else {
            throw self.fault("\(what) is a whole number of seconds from 0 to \(most) in MQTT", "write for example 30 or \"30s\"")
        }
        return duration.components.seconds
    }

    /// One of a set of words.
    func word<Word: RawRepresentable & CaseIterable>(_ what: String, as type: Word.Type) throws(StepFault) -> Word
    where Word.RawValue == String {
        let written = try self.string(what)
        if let word = Word(rawValue: written) { return word }
        throw self.fault("unknown \(what) \"\(written)\"", NearestName.hint(for: written, among: Word.allCases.map(\.rawValue)))
    }

    /// Refuses members that are not among `known`; names starting with `x-` are always free.
    func allowOnly(_ known: [String], in what: @autoclosure () -> String) throws(StepFault) {
        guard let object = self.value.object else { throw self.notAnObject(what()) }
        for member in object.members where !known.contains(member.key.text) && !member.key.text.hasPrefix("x-") {
            let key = member.key.text
            throw self.child(member.value, key)
                .keyFault("unknown key \"\(key)\" in \(what())", NearestName.hint(for: key, among: known))
        }
    }

    private static func hint(_ range: ClosedRange<Int64>) -> String {
        range.upperBound == .max ? "use \(range.lowerBound) or more" : "use \(range.lowerBound) to \(range.upperBound)"
    }
}
