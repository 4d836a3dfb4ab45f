import ArgumentParser
import JSON
import Pacing

/// `sundial check`: says what is wrong with scenario files, or will be, without running them.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what is wrong with scenario files, without running them.",
        discussion: """
            Finds what cannot be read, and what would go wrong: names nobody has, times that a lane cannot keep, payloads the shadow \
            service rejects, topics and options the profile has not, more messages than its quotas, expectations that nothing can meet. Each \
            with its line, its column and what to do.

            Examples:
              sundial check two-shadows.scenario
              sundial check --strict scenarios/*.scenario
              sundial check --json two-shadows.scenario | jq '.files[].findings[].what'

            Exit status: 0 nothing found, or only warnings; 2 errors, or with --strict warnings.
            """,
        helpNames: .long)

    @Argument(help: ArgumentHelp("The scenarios; - is standard input.", valueName: "file"))
    var files: [String]

    @Flag(help: "Warnings count as errors.")
    var strict = false

    @Flag(help: "The findings as one JSON document.")
    var json = false

    @Flag(help: "Check for a run with --target, where only clients can publish.")
    var remote = false

    @Option(
        name: .customLong("var"),
        help: ArgumentHelp("A variable, in place of the file's of that name; may be given more than once.", valueName: "name=value"))
    var variables: [VariableArgument] = []

    @Option(help: ArgumentHelp("How many findings are told of each file.", valueName: "number"))
    var limit = 100

    func validate() throws {
        if self.limit < 1 { throw ValidationError("--limit is \(self.limit); give 1 or more.") }
    }

    func run() throws {
        var results: [(file: String, result: CheckResult)] = []
        for file in self.files {
            let result = try self.result(of: file)
            results.append((file, result))
            if !self.json { StandardStream.output.write(Self.text(file, result)) }
        }
        if self.json { StandardStream.output.write(Self.document(results).pretty() + "\n") }
        let isBad = results.contains { $0.result.errors > 0 || self.strict && $0.result.warnings > 0 }
        if isBad { throw ExitStatus.badArguments.exitCode }
    }

    private func result(of file: String) throws(Complaint) -> CheckResult {
        var options = ScenarioCheck.Options()
        options.limit = self.limit
        options.reading.isRemote = self.remote
        options.reading.variables = self.variables.map { ($0.name, $0.value) }
        let pieces = try FilePieces(file, purpose: "scenario")
        let folder = ScenarioFolder(of: file)
        return ScenarioCheck.findings(pieces: { pieces.piece(at: $0) }, file: file, options: options) { folder.bytes(of: $0) }
    }

    private static func text(_ file: String, _ result: CheckResult) -> String {
        var lines = result.findings.map(\.text)
        if result.more > 0 { lines.append("\(file): and \(result.more) more; --limit shows more of them") }
        let found = [(result.errors, "error"), (result.warnings, "warning")].filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        let steps = "\(result.steps) step\(result.steps == 1 ? "" : "s")"
        lines.append("\(file): \(found.isEmpty ? "nothing found" : found.joined(separator: ", ")) in \(steps)")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func document(_ results: [(file: String, result: CheckResult)]) -> JSONValue {
        let files = results.map { file, result -> JSONValue in
            [
                "file": .string(file), "steps": .init(Int64(result.steps)), "errors": .init(Int64(result.errors)),
                "warnings": .init(Int64(result.warnings)), "findings": .array(result.findings.map(\.document)),
            ]
        }
        return ["files": .array(files)]
    }
}
