import ArgumentParser

/// `sundial`: flags, files and printing. Everything else is in the libraries.
@main
struct Sundial: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sundial",
        abstract: "AWS IoT Core on your own machine: MQTT over TCP, TLS and signed WebSocket, with device shadows.",
        discussion: """
            Start it:               sundial serve
            A signed URL:           sundial sign
            Listen:                 sundial sub -v -t 'hello/#'
            Say something:          sundial pub -t hello/world -m 'good morning'
            Prove an order:         sundial run FILE
            Look before you run:    sundial check FILE
            Change a shadow:        sundial shadow update lamp --desired '{"mode":"eco"}'
            Let an hour pass:       sundial clock advance 1h
            Begin again:            sundial reset

            Exit status: 0 done, 1 failed, 2 bad arguments or a bad file, 3 could not connect or was refused, \
            4 timed out, 130 interrupted.
            """,
        version: "sundial \(Version.number)",
        subcommands: [
            ServeCommand.self, SignCommand.self, PubCommand.self, SubCommand.self, RunCommand.self, CheckCommand.self, FmtCommand.self,
            ShadowCommand.self, ClockCommand.self, SnapshotCommand.self, RestoreCommand.self, ResetCommand.self,
        ])

    static func main() async {
        StandardStream.keepPlaces()
        do {
            let names = Self.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
            if let complaint = CommandName(known: names).complaint(about: CommandLine.arguments.dropFirst().first) { throw complaint }
            var command = try Self.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Self.end(with: error)
        }
    }

    /// One sentence on standard error, or the help that was asked for on standard output.
    private static func end(with error: any Error) -> Never {
        if let complaint = error as? Complaint {
            StandardStream.error.write("sundial: \(complaint.text)\n")
            Self.exit(withError: complaint.status.exitCode)
        }
        switch Self.exitCode(for: error) {
        case .success:
            StandardStream.output.write(Self.fullMessage(for: error) + "\n")
            Self.exit()
        case .validationFailure:
            let text = Self.message(for: error).replacing(":\n  - ", with: ": ").replacing("\n  - ", with: ", ")
            StandardStream.error.write("sundial: \(text)\n\(Self.hint(for: error))")
            Self.exit(withError: ExitStatus.badArguments.exitCode)
        case let code:
            let text = Self.message(for: error)
            StandardStream.error.write(text.isEmpty ? "" : "sundial: \(text)\n")
            Self.exit(withError: code)
        }
    }

    /// Where the help is that would have helped: the line with `--help` of the parser's own message.
    private static func hint(for error: any Error) -> String {
        let lines = Self.fullMessage(for: error).split(separator: "\n")
        guard let line = lines.last, line.contains("--help") else { return "" }
        return "\(line.drop { $0 == " " })\n"
    }
}
