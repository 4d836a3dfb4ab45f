import ArgumentParser
import Pacing
import Runner
import Synchronization

/// How and where to the report of a run is written.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What is printed: table; json; jsonl, a JSON object per line; junit, XML for CI servers. All but jsonl print a short run at its end.",
            valueName: "format"))
    var format = ReportFormat.table

    @Flag(help: "The report as JSON; the same as --format json.")
    var json = false

    @Option(
        name: .customLong("report"),
        help: ArgumentHelp(
            "Write the report to a file as well, which appears when it is complete: FORMAT=FILE, or a FILE that ends in .json, .jsonl, .xml or .txt. May be given more than once.",
            valueName: "format=file"))
    var files: [ReportFile] = []

    @Option(
        name: .customLong("order"),
        help: ArgumentHelp(
            "Which answers the ordering proof compares: those of one thing, one shadow, or the whole run.", valueName: "scope"))
    var orderScope = OrderScope.thing

    @Flag(name: [.short, .long], help: "No progress, and nothing printed but what failed.")
    var quiet = false

    func validate() throws {
        if self.json, self.format != .table, self.format != .json {
            throw ValidationError("--json and --format \(self.format.rawValue) are two formats; give one, and --report for the other.")
        }
        for (place, file) in self.files.enumerated() where self.files[..<place].contains(where: { $0.path == file.path }) {
            throw ValidationError("--report names \(file.path) twice; give each format a file of its own.")
        }
    }

    /// The format of what is printed.
    var printed: ReportFormat { self.json ? .json : self.format }
}

/// `format=file`, or a file whose ending tells the format.
struct ReportFile: ExpressibleByArgument {
    let format: ReportFormat
    let path: String

    private static let endings: [(ending: String, format: ReportFormat)] = [
        (".jsonl", .jsonl), (".json", .json), (".xml", .junit), (".txt", .table),
    ]

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, let format = ReportFormat(rawValue: parts[0]), !parts[1].isEmpty {
            self.format = format
            self.path = parts[1]
        } else if let (_, format) = Self.endings.first(where: { argument.hasSuffix($0.ending) }) {
            self.format = format
            self.path = argument
        } else {
            return nil
        }
    }
}

extension ReportFormat: ExpressibleByArgument {}
extension OrderScope: ExpressibleByArgument {}

/// Takes the report of a run in, in parts while it goes on or at once, and writes it everywhere it is wanted; shows progress meanwhile.
///
/// The run tells it from its own task and the command asks from another, so what it holds is behind a lock.
final class ReportOutput: Sendable {
    private struct Destination {
        let format: ReportFormat
        /// Nil is standard output.
        let file: DraftFile?
        var writer: ReportWriter
        /// What quiet output keeps back until something has failed.
        var held: [UInt8] = []
    }

    private struct State {
        var destinations: [Destination]
        /// The first that went wrong.
        var complaint: Complaint?
    }

    private let state: Mutex<State>
    private let isQuiet: Bool
    private let progress: ProgressLine

    /// Opens the files, so that what cannot be written is said before anything runs.
    init(_ options: ReportOptions) throws(Complaint) {
        var destinations = [Destination(format: options.printed, file: nil, writer: ReportWriter(options.printed))]
        for file in options.files {
            let draft = try DraftFile(file.path, purpose: "report")
            destinations.append(Destination(format: file.format, file: draft, writer: ReportWriter(file.format)))
        }
        self.state = Mutex(State(destinations: destinations))
        self.isQuiet = options.quiet
        self.progress = ProgressLine(isShown: !options.quiet && StandardStream.error.isTerminal)
    }

    /// The formats in which a report made elsewhere is wanted.
    var formats: Set<ReportFormat> { self.state.withLock { Set($0.destinations.map(\.format)) } }

    /// Shows how far the run is, on a terminal.
    func show(_ progress: RunProgress) { self.progress.show(progress) }

    /// Takes in the next part of the report, or all of it.
    func write(_ part: RunReport) {
        var part = part
        part.emulatorVersion = Version.number
        self.eachDestination { destination in
            var bytes: [UInt8] = []
            var shown = part
            if self.isQuiet, destination.file == nil { shown.steps.removeAll { $0.state != .failed } }
            destination.writer.write(shown, into: &bytes)
            return bytes
        } hasFailed: {
            part.tally.count(.failed) > 0 || part.state != .running && part.exitCode != 0
        }
    }

    /// Takes in the whole of a report made elsewhere, in one of ``formats``.
    func write(_ bytes: [UInt8], _ format: ReportFormat, exitCode: Int32) {
        self.eachDestination {
            $0.format == format ? bytes : []
        } hasFailed: {
            exitCode != 0
        }
    }

    private func eachDestination(_ bytes: (inout Destination) -> [UInt8], hasFailed: () -> Bool) {
        self.state.withLock { state in
            for place in state.destinations.indices {
                let new = bytes(&state.destinations[place])
                if let file = state.destinations[place].file {
                    do throws(Complaint) {
                        if state.complaint == nil { try file.write(new) }
                    } catch {
                        state.complaint = error
                    }
                    continue
                }
                state.destinations[place].held += new
                guard !self.isQuiet || hasFailed(), !state.destinations[place].held.isEmpty else { continue }
                self.progress.clear()
                StandardStream.output.write(state.destinations[place].held)
                state.destinations[place].held = []
            }
        }
    }

    /// Nothing more comes: the files appear.
    func complete() throws(Complaint) {
        self.progress.clear()
        try self.state.withLock { (state) throws(Complaint) in
            if let complaint = state.complaint { throw complaint }
            for file in state.destinations.compactMap(\.file) { try file.complete() }
        }
    }

    /// There will be no report.
    func abandon() { self.progress.clear() }
}
