import ArgumentParser
import JSON

/// `sundial reset`: an empty Sundial, without a restart.
struct ResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Drop everything a running Sundial keeps, and send its clients away.",
        discussion: """
            Shadows with their history, retained messages and sessions are gone for good; 'sundial snapshot' first keeps a copy.

            Examples:
              sundial reset
              sundial reset --ports-file ports.json
            """)

    @Flag(help: "Print what was dropped as JSON.")
    var json = false

    @OptionGroup(title: "Which Sundial") var control: ControlOptions

    func run() async throws {
        try await ServiceConnection.with(self.control.endpoint.place) { connection in
            let answer = try await ControlService(connection: connection, bearer: self.control.bearer).reset()
            if self.json { return try Printed.json(answer) }
            try Printed.text("dropped \(StateCountsText.of(answer["dropped"]))\n")
        }
    }
}

/// `sundial snapshot`: everything that is kept, as one JSON document.
struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot", abstract: "Write everything a running Sundial keeps as one JSON document.",
        discussion: """
            Examples:
              sundial snapshot before.json
              sundial snapshot | diff before.json -
            """)

    @Argument(help: ArgumentHelp("Where to. Default: standard output.", valueName: "file"))
    var file: String?

    @OptionGroup(title: "Which Sundial") var control: ControlOptions

    func run() async throws {
        try await ServiceConnection.with(self.control.endpoint.place) { connection in
            let text = String(
                decoding: try await ControlService(connection: connection, bearer: self.control.bearer).snapshot(), as: UTF8.self)
            guard let file, file != "-" else { return try Printed.text(text) }
            try TextFile.replace(file, with: text, purpose: "snapshot")
        }
    }
}

/// `sundial restore`: back to a snapshot.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a snapshot in the place of everything a running Sundial keeps, and send its clients away.",
        discussion: """
            A file that makes no sense is refused with the place of the fault, and nothing changes.

            Examples:
              sundial restore before.json
              generate | sundial restore -
            """)

    @Argument(help: ArgumentHelp("The snapshot; - is standard input.", valueName: "file"))
    var file: String

    @Flag(help: "Print what was restored and dropped as JSON.")
    var json = false

    @OptionGroup(title: "Which Sundial") var control: ControlOptions

    /// What the control API takes.
    private static let maximumBytes = 256 * 1024 * 1024

    func run() async throws {
        let snapshot = try TextFile.bytes(self.file, purpose: "snapshot", maximumBytes: Self.maximumBytes)
        try await ServiceConnection.with(self.control.endpoint.place) { connection in
            let answer = try await ControlService(connection: connection, bearer: self.control.bearer).restore(snapshot)
            if self.json { return try Printed.json(answer) }
            try Printed.text("restored \(StateCountsText.of(answer["restored"])); dropped \(StateCountsText.of(answer["dropped"]))\n")
        }
    }
}

/// `2 shadows (5 versions), 1 retained message`; what there is none of is left out.
enum StateCountsText {
    static func of(_ counts: JSONValue?) -> String {
        let versions = Self.count(counts, "versions", "version")
        let parts = [
            Self.count(counts, "shadows", "shadow") ?? (versions == nil ? nil : "no shadows"),
            Self.count(counts, "retained", "retained message"),
            Self.count(counts, "sessions", "session"), Self.count(counts, "things", "thing"),
        ].compactMap { $0 }
        guard let first = parts.first else { return "nothing" }
        guard let versions else { return parts.joined(separator: ", ") }
        return (["\(first) (\(versions))"] + parts.dropFirst()).joined(separator: ", ")
    }

    /// `nil` for none.
    private static func count(_ counts: JSONValue?, _ key: String, _ noun: String) -> String? {
        switch counts?[key]?.int64 ?? 0 {
        case 0: nil
        case 1: "1 \(noun)"
        case let count: "\(count) \(noun)s"
        }
    }
}
