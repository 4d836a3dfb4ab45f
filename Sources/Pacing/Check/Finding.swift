package import JSON

/// Something that `check` found: where, what, and what to do about it. Source: scheduler §12.
package struct Finding: Equatable, Sendable {
    package enum Severity: String, Sendable {
        /// The file cannot be run, or the run cannot pass.
        case error
        /// It can, but hardly as it is meant.
        case warning
    }

    package var severity: Severity
    package var file: String
    /// From 1; the column in Unicode scalars.
    package var line: Int
    package var column: Int
    package var what: String
    package var cure: String

    init(_ severity: Severity, _ error: ScenarioError) {
        self.severity = severity
        self.file = error.file
        self.line = error.line
        self.column = error.column
        self.what = error.what
        self.cure = error.cure
    }

    /// `file:line:column: error: what; cure`.
    package var text: String {
        "\(self.file):\(self.line):\(self.column): \(self.severity.rawValue): \(self.what)" + (self.cure.isEmpty ? "" : "; \(self.cure)")
    }

    /// `{"severity":…,"file":…,"line":…,"column":…,"what":…,"cure":…}`.
    package var document: JSONValue {
        [
            "severity": .string(self.severity.rawValue), "file": .string(self.file), "line": .number(JSONNumber(Int64(self.line))),
            "column": .number(JSONNumber(Int64(self.column))), "what": .string(self.what), "cure": .string(self.cure),
        ]
    }
}

/// What `check` found in one file.
package struct CheckResult: Sendable {
    /// In the order of the file, those of included files first; no more than was asked for.
    package fileprivate(set) var findings: [Finding] = []
    /// All there are.
    package fileprivate(set) var errors = 0
    package fileprivate(set) var warnings = 0
    /// Steps at the top of the file, up to where it could be read.
    package internal(set) var steps = 0

    /// Those that are not among ``findings``.
    package var more: Int { self.errors + self.warnings - self.findings.count }
}

/// Collects findings, the first of them with their texts.
struct Findings {
    private let limit: Int
    private(set) var result = CheckResult()

    init(limit: Int) {
        self.limit = max(limit, 1)
    }

    mutating func add(_ severity: Finding.Severity, _ error: ScenarioError) {
        if severity == .error { self.result.errors += 1 } else { self.result.warnings += 1 }
        if self.result.findings.count < self.limit { self.result.findings.append(Finding(severity, error)) }
    }

    mutating func add(_ severity: Finding.Severity, _ step: WrittenStep, _ fault: StepFault) {
        self.add(severity, step.text.error(fault))
    }

    mutating func countSteps(_ count: Int) {
        self.result.steps = count
    }

    /// What is found at the end of a file often concerns its beginning.
    mutating func sort() {
        let found = self.result.findings.enumerated().sorted {
            ($0.element.file, $0.element.line, $0.element.column, $0.offset) < (
                $1.element.file, $1.element.line, $1.element.column, $1.offset
            )
        }
        self.result.findings = found.map(\.element)
    }
}
