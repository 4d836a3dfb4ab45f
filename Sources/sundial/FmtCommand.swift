import ArgumentParser
import Pacing

/// `sundial fmt`: gives scenario files their canonical form.
struct FmtCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fmt", abstract: "Give scenario files their canonical form: a step a line, keys in order.",
        discussion: """
            Comments and blank lines stay, and what the file means stays to the nanosecond. A file that is no scenario is left alone.

            Examples:
              sundial fmt two-shadows.scenario
              sundial fmt -w scenarios/*.scenario
              sundial fmt --check scenarios/*.scenario
              sundial fmt --times wait recorded.scenario > edited.scenario

            Exit status: 0 done; 1 with --check, when a file is not in that form; 2 when one is no scenario.
            """,
        helpNames: .long)

    @Argument(help: ArgumentHelp("The scenarios; - is standard input.", valueName: "file"))
    var files: [String]

    @Flag(name: [.short, .long], help: "Write each file anew, if it changes, instead of printing it.")
    var write = false

    @Flag(help: "Write nothing; name the files that would change.")
    var check = false

    @Option(help: ArgumentHelp("Write times as at, from the start, or as wait, from the step before.", valueName: "style"))
    var times = ScenarioFormat.Times.asWritten

    private static let maximumBytes = 1 << 30

    func validate() throws {
        if self.check, self.write { throw ValidationError("--check writes nothing and -w does; give one of them.") }
        if self.write, self.files.contains("-") { throw ValidationError("-w cannot write to standard input; leave it out.") }
    }

    func run() throws {
        var isBad = false
        var wouldChange = false
        for file in self.files {
            do throws(Complaint) {
                if try self.format(file) { wouldChange = true }
            } catch {
                StandardStream.error.write("sundial: \(error.text)\n")
                isBad = true
            }
        }
        if isBad { throw ExitStatus.badArguments.exitCode }
        if self.check, wouldChange { throw ExitStatus.failed.exitCode }
    }

    /// - Returns: whether the file is not in canonical form.
    private func format(_ file: String) throws(Complaint) -> Bool {
        let bytes = try TextFile.bytes(file, purpose: "scenario", maximumBytes: Self.maximumBytes)
        let text: [UInt8]
        do throws(ScenarioError) {
            text = try ScenarioFormat.text(of: bytes, file: file, times: self.times)
        } catch {
            throw Complaint(error.text, .badArguments)
        }
        let changes = text != bytes
        if self.check {
            if changes { StandardStream.output.write("\(file)\n") }
        } else if self.write {
            guard changes else { return false }
            let draft = try DraftFile(file, purpose: "scenario")
            try draft.write(text)
            try draft.complete()
            StandardStream.output.write("\(file)\n")
        } else {
            StandardStream.output.write(text)
        }
        return changes
    }
}

extension ScenarioFormat.Times: ExpressibleByArgument {
    static var allValueStrings: [String] { [Self.at, .wait].map(\.rawValue) }

    init?(argument: String) {
        guard let style = Self(rawValue: argument), style != .asWritten else { return nil }
        self = style
    }
}
