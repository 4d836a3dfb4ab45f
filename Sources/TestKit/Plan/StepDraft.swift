import JSON

/// What a step says, in the words of scenario files; it is read and checked when its plan runs.
///
/// Made by the step types (``Update``, ``Expect``, …) and their modifiers.
public struct StepDraft: Sendable {
    /// The value of the verb.
    enum Body: Sendable {
        case value(JSONValue)
        /// An object whose last member, `key`, holds steps.
        case block(JSONObject, key: String, [StepDraft])
        case branches([[StepDraft]])
    }

    let verb: String
    let source: SourceLine
    private let body: Body
    private var options = JSONObject()

    init(_ verb: String, _ body: Body, at source: SourceLine) {
        self.verb = verb
        self.body = body
        self.source = source
    }

    /// - Parameter members: those with a value.
    init(_ verb: String, _ members: [(String, JSONValue?)], at source: SourceLine) {
        self.init(verb, .value(.object(JSONObject(present: members))), at: source)
    }

    /// What stands beside the verb. `nil` leaves it out.
    subscript(option: String) -> JSONValue? {
        get { self.options[option] }
        set { self.options[option] = newValue }
    }

    // MARK: Text

    /// Keys that people read first.
    private static let leading = ["id", "at", "wait", "as"]

    /// Writes the step, beginning on a line of its own, and those in it on theirs.
    func write(into text: inout ScenarioText) {
        text.beginLine(self.source)
        text.append("{")
        for key in Self.leading { if let value = self.options[key] { text.append("\(JSONValue.string(key).text):\(value.text),") } }
        if self.verb != "wait" || self.options["wait"] == nil {
            text.append("\(JSONValue.string(self.verb).text):")
            self.writeBody(into: &text)
        }
        for (key, value) in self.options where !Self.leading.contains(key) {
            text.append(",\(JSONValue.string(key).text):\(value.text)")
        }
        text.append("}")
    }

    private func writeBody(into text: inout ScenarioText) {
        switch self.body {
        case .value(let value):
            text.append(value.text)
        case .block(let members, let key, let steps):
            text.append("{")
            for (name, value) in members { text.append("\(JSONValue.string(name).text):\(value.text),") }
            text.append("\(JSONValue.string(key).text):")
            Self.write(steps, into: &text)
            text.append("}")
        case .branches(let branches):
            text.append("[")
            for (place, branch) in branches.enumerated() {
                if place > 0 { text.append(",") }
                Self.write(branch, into: &text)
            }
            text.append("]")
        }
    }

    private static func write(_ steps: [StepDraft], into text: inout ScenarioText) {
        text.append("[")
        for (place, step) in steps.enumerated() {
            if place > 0 { text.append(",") }
            step.write(into: &text)
        }
        text.append("]")
    }
}

extension JSONObject {
    /// The members that have a value.
    init(present members: [(String, JSONValue?)]) {
        self.init()
        for (key, value) in members { self[key] = value }
    }
}
