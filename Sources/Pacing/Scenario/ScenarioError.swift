/// Why a scenario file cannot be run: where, what, and what to do about it.
package struct ScenarioError: Error, Equatable, Sendable {
    /// The file's name as it was given.
    package var file: String
    /// From 1.
    package var line: Int
    /// From 1, in Unicode scalars.
    package var column: Int
    package var what: String
    package var cure: String

    /// `file:line:column: what; cure`.
    package var text: String {
        self.cure.isEmpty
            ? "\(self.file):\(self.line):\(self.column): \(self.what)"
            : "\(self.file):\(self.line):\(self.column): \(self.what); \(self.cure)"
    }

    static func noHeader(in file: String) -> ScenarioError {
        ScenarioError(file: file, line: 1, column: 1, what: "the file has no header", cure: "start it with {\"scenario\": 1}")
    }
}

/// A fault inside one object of the file, before its line and column are looked up.
struct StepFault: Error {
    /// The JSON pointer of the value (or of the key) at fault.
    var pointer: String
    /// Whether the key itself is wrong rather than its value.
    var atKey = false
    var what: String
    var cure: String
    /// A fault of another object, whose place is known already.
    var located: ScenarioError?

    init(pointer: String, atKey: Bool = false, what: String, cure: String) {
        self.pointer = pointer
        self.atKey = atKey
        self.what = what
        self.cure = cure
    }

    init(_ located: ScenarioError) {
        self.init(pointer: "", what: located.what, cure: located.cure)
        self.located = located
    }
}
