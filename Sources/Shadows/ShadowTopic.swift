/// A topic under `$aws/things/` that belongs to the shadow service (Developer Guide, "Reserved topics").
package struct ShadowTopic: Hashable, Sendable {
    package enum Operation: UInt8, Hashable, Sendable, CaseIterable {
        case get, update, delete

        package var text: StaticString {
            switch self {
            case .get: "get"
            case .update: "update"
            case .delete: "delete"
            }
        }
    }

    package enum Answer: UInt8, Hashable, Sendable, CaseIterable {
        case accepted, rejected, delta, documents

        package var text: StaticString {
            switch self {
            case .accepted: "accepted"
            case .rejected: "rejected"
            case .delta: "delta"
            case .documents: "documents"
            }
        }
    }

    /// What every shadow topic starts with.
    package static let prefix = "$aws/things/"

    package let id: ShadowID
    package let operation: Operation
    /// Nil for a request.
    package let answer: Answer?

    package init(id: ShadowID, operation: Operation, answer: Answer? = nil) {
        self.id = id
        self.operation = operation
        self.answer = answer
    }

    /// Nil when the bytes are not exactly one of the eleven topics of a shadow with allowed names.
    ///
    /// Topics are case sensitive, and `delta` and `documents` exist only under `update`.
    package init?(_ topicBytes: UnsafeRawBufferPointer) {
        var levels = TopicLevels(topicBytes)
        guard levels.next(is: "$aws"), levels.next(is: "things"), let thing = levels.next().flatMap(ThingName.init),
            levels.next(is: "shadow")
        else { return nil }
        var name: ShadowName? = nil
        if levels.next(is: "name") {
            guard let named = levels.next().flatMap(ShadowName.init) else { return nil }
            name = named
        }
        guard let operation = Operation.allCases.first(where: { levels.next(is: $0.text) }) else { return nil }
        var answer: Answer? = nil
        if !levels.isAtEnd {
            guard let found = Answer.allCases.first(where: { levels.next(is: $0.text) }), levels.isAtEnd,
                operation == .update || found == .accepted || found == .rejected
            else { return nil }
            answer = found
        }
        self.init(id: ShadowID(thing: thing, name: name), operation: operation, answer: answer)
    }

    package init?(_ topic: String) {
        guard let parsed = Array(topic.utf8).withUnsafeBytes({ ShadowTopic($0) }) else { return nil }
        self = parsed
    }

    /// A client asks for something here; everything else is published by the service.
    package var isRequest: Bool { self.answer == nil }

    package var bytes: [UInt8] {
        var bytes = Array(self.id.topicPrefix.utf8)
        TopicCache.append(self.operation, self.answer, to: &bytes)
        return bytes
    }

    package var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

/// Walks the levels of a topic without making strings.
private struct TopicLevels {
    private let bytes: UnsafeRawBufferPointer
    /// Start of the next level; past the end by one when there is none.
    private var start = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { self.start > self.bytes.count }

    mutating func next() -> UnsafeRawBufferPointer? {
        guard !self.isAtEnd else { return nil }
        let level = UnsafeRawBufferPointer(rebasing: self.bytes[self.start..<self.end])
        self.start = self.end + 1
        return level
    }

    /// Steps over the next level when it reads `text`.
    mutating func next(is text: StaticString) -> Bool {
        guard !self.isAtEnd else { return false }
        let end = self.end
        guard end - self.start == text.utf8CodeUnitCount else { return false }
        for place in 0..<text.utf8CodeUnitCount where self.bytes[self.start + place] != text.utf8Start[place] { return false }
        self.start = end + 1
        return true
    }

    private var end: Int {
        var end = self.start
        while end < self.bytes.count, self.bytes[end] != UInt8(ascii: "/") { end += 1 }
        return end
    }
}

/// The answer topics of one shadow, made once each.
struct TopicCache: Sendable {
    private let prefix: [UInt8]
    private var made: [[UInt8]]

    init(_ id: ShadowID) {
        self.prefix = Array(id.topicPrefix.utf8)
        self.made = Array(repeating: [], count: ShadowTopic.Operation.allCases.count * ShadowTopic.Answer.allCases.count)
    }

    mutating func topic(_ operation: ShadowTopic.Operation, _ answer: ShadowTopic.Answer) -> [UInt8] {
        let place = Int(operation.rawValue) * ShadowTopic.Answer.allCases.count + Int(answer.rawValue)
        if self.made[place].isEmpty {
            var bytes = self.prefix
            Self.append(operation, answer, to: &bytes)
            self.made[place] = bytes
        }
        return self.made[place]
    }

    static func append(_ operation: ShadowTopic.Operation, _ answer: ShadowTopic.Answer?, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "/"))
        Self.append(operation.text, to: &bytes)
        guard let answer else { return }
        bytes.append(UInt8(ascii: "/"))
        Self.append(answer.text, to: &bytes)
    }

    private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
