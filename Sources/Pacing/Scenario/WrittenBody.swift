import JSON

/// The steps of a block as they stand in a file: checked, and ready to be read again for every pass.
final class WrittenBody: Sendable {
    /// One step, or a pause.
    struct Element: Sendable {
        var value: JSONValue
        /// Where it stands in the object of the file.
        var pointer: String
        var text: SourceText
        var line: Int
        /// Nil for a pause.
        var verb: StepVerb?
        /// Without the numbers of passes.
        var id: String?
        /// What its own passes are made of.
        var bodies: [WrittenBody] = []

        var node: Node { Node(root: self.value, at: self.pointer) }
        var place: SourcePlace { SourcePlace(file: self.text.file, line: self.line) }
    }

    /// What the bodies of one block may have together.
    static let mostElements = 10_000

    let elements: [Element]

    init(_ elements: [Element]) {
        self.elements = elements
    }

    /// The ids of all its steps, those of blocks inside it too.
    var ids: [String] { self.elements.flatMap { element in (element.id.map { [$0] } ?? []) + element.bodies.flatMap(\.ids) } }
}

/// A body with what is known where its block stands; nothing later changes that.
struct WrittenPasses: Sendable {
    var body: WrittenBody
    var scope: ScenarioVariables.Scope
    var names: [String: StepNumber]
    /// Whether each pass has a number of its own; branches of `par` have that of the pass around them.
    var areNumbered: Bool
    var pass: Int
    var suffix: String
    var lane: String?
    /// What a pass takes from the message that sets it off.
    var captures: [Expectation.Capture]

    func level(pass: Int) -> ReadingLevel {
        var level = ReadingLevel()
        level.kind = .pass
        level.pass = self.areNumbered ? pass : self.pass
        level.suffix = self.areNumbered ? "\(self.suffix).\(pass)" : self.suffix
        level.lane = self.lane
        level.outerNames = self.names
        return level
    }

    /// A pass that will not run; what it would take from a message is left open.
    func outline(pass: Int) -> WrittenPass {
        var scope = self.scope
        for capture in self.captures { scope.declareCaptured(capture.name) }
        return WrittenPass(body: self.body, level: self.level(pass: pass), scope: scope)
    }

    /// - Throws: a capture that is not in the message.
    func begin(pass: Int, message: ObservedMessage?) throws(MissingCapture) -> WrittenPass {
        var scope = self.scope
        if !self.captures.isEmpty {
            let document = message.flatMap { try? JSONValue(parsing: $0.payload) }
            for capture in self.captures {
                guard let value = document?[pointer: capture.pointer] else { throw MissingCapture(pointer: capture.pointer) }
                scope.define(capture.name, value)
            }
        }
        return WrittenPass(body: self.body, level: self.level(pass: pass), scope: scope)
    }
}

/// A pass that is being read.
struct WrittenPass: Sendable {
    let body: WrittenBody
    var next = 0
    var level: ReadingLevel
    var scope: ScenarioVariables.Scope

    init(body: WrittenBody, level: ReadingLevel, scope: ScenarioVariables.Scope) {
        self.body = body
        self.level = level
        self.scope = scope
    }
}

/// A place that a message was to have a value at.
struct MissingCapture: Error {
    var pointer: String
}
