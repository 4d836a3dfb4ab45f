import ArgumentParser
import Glibc
import Logging
import MQTTClient
import Pacing
import Runner
import SigV4
import Timeline

/// `sundial run`: runs a scenario file and prints its report.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a scenario file and print what happened, and in which order.",
        discussion: """
            The scenario runs on a broker of its own inside this process; with --endpoint inside a Sundial that runs already, where its other
            clients see what happens; with --target on any broker, by network clients only.

            Examples:
              sundial run two-shadows.scenario
              sundial run two-shadows.scenario --clock virtual --json
              sundial run two-shadows.scenario --report junit=out.xml --report steps.jsonl
              sundial run two-shadows.scenario --endpoint http://localhost:8080
              sundial run two-shadows.scenario --target wss://localhost:8443/mqtt --var thing=lamp

            Exit status: 0 passed, 1 an expectation or a step failed, 2 bad file or arguments, 3 could not connect or was refused,
            4 the time limit came first, 130 interrupted.
            """,
        helpNames: .long)

    @Argument(help: ArgumentHelp("The scenario; - is standard input.", valueName: "file"))
    var file: String

    @Option(
        help: ArgumentHelp("Run inside the Sundial that runs there: http:// or https://HOST[:PORT].", valueName: "url"))
    var endpoint: String?

    @Option(help: ArgumentHelp("The same, at the address that 'sundial serve --ports-file' wrote to this file.", valueName: "file"))
    var portsFile: String?

    @Option(help: ArgumentHelp("The bearer token of an --endpoint beyond this machine, as 'sundial serve' printed it.", valueName: "token"))
    var bearer: String?

    @Option(
        help: ArgumentHelp(
            "Run with network clients against this broker: mqtt://, mqtts://, ws:// or wss:// HOST[:PORT][/PATH].", valueName: "url"))
    var target: String?

    @Option(help: ArgumentHelp("real, virtual or scaled(X), in place of the file's. Virtual time takes no waiting.", valueName: "clock"))
    var clock: PlanSettings.Clock?

    @Option(help: ArgumentHelp("Seed of everything random, in place of the file's.", valueName: "number"))
    var seed: UInt64?

    @Option(
        name: .customLong("var"),
        help: ArgumentHelp("A variable, in place of the file's of that name; may be given more than once.", valueName: "name=value"))
    var variables: [VariableArgument] = []

    @Option(
        name: [.customLong("cafile"), .customLong("ca")],
        help: ArgumentHelp(
            "Trust the certificates of this PEM file only. Default: the system's, and for this machine Sundial's own CA.", valueName: "file"
        ))
    var cafile: String?

    @Flag(help: "Trust any certificate.")
    var insecure = false

    @Flag(help: "Use a WebSocket URL as it is, without signing it.")
    var unsigned = false

    @OptionGroup(title: "Report") var reporting: ReportOptions

    @OptionGroup(title: "Signature, with a WebSocket --target") var signing: SigningOptions

    /// The largest scenario read.
    private static let maximumFileBytes = 1 << 30

    func validate() throws {
        if self.target != nil, let clock, clock != .real {
            throw ValidationError("--clock \(clock.text) is for runs inside this process; with --target time is real.")
        }
        if self.target != nil, self.place != nil {
            throw ValidationError("--target and --endpoint both say where the scenario is to run; give one of them.")
        }
        if self.target == nil, self.place == nil, self.cafile != nil || self.insecure {
            throw ValidationError("--cafile and --insecure say how to reach an --endpoint or a --target; give one.")
        }
        if self.target == nil, self.unsigned {
            throw ValidationError("--unsigned says how to reach a --target; give one.")
        }
        if self.place == nil, self.bearer != nil {
            throw ValidationError("--bearer says how to reach an --endpoint; give one.")
        }
        try self.place?.validate(option: "--endpoint")
        if self.cafile != nil, self.insecure {
            throw ValidationError("--insecure trusts anybody and --cafile only some; give one of them.")
        }
        if let target {
            do {
                _ = try ClientEndpoint(parsing: target)
            } catch {
                throw ValidationError("--target: \(error.text).")
            }
        }
    }

    func run() async throws {
        let signals = StopSignals()
        let output = try ReportOutput(self.reporting)
        defer { output.abandon() }
        if let place { return try await self.run(at: place, signals, output) }
        // Against a target it tells this run's requests from those of others; inside the process every run is alone, and repeats.
        let runID = self.target == nil ? "run" : "run-\(BearerToken.fresh().prefix(8))"
        let plan = try self.plan(runID: runID)
        let run = Task { try await self.report(of: plan, runID: runID, output) }
        let watch = Task {
            _ = await signals.first()
            run.cancel()
        }
        let result = await run.result
        watch.cancel()
        let report = try result.get()
        output.write(report)
        try output.complete()
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    /// - Returns: the last part of the report.
    private func report(of plan: Plan, runID: String, _ output: ReportOutput) async throws -> RunReport {
        guard let target = try self.networkTarget() else {
            let logger = Logger(label: "sundial.run") { _ in SwiftLogNoOpLogHandler() }
            var options = LocalRun.Options(logger: logger)
            options.runID = runID
            return await LocalRun.run(plan, options: options, onProgress: { output.show($0) }, onPart: { output.write($0) })
        }
        do {
            return try await NetworkRun.run(
                plan, target: target, runID: runID, onProgress: { output.show($0) }, onPart: { output.write($0) })
        } catch {
            throw Complaint(error.text, .notConnected)
        }
    }

    // MARK: The plan

    func scenarioBytes() throws(Complaint) -> [UInt8] {
        try TextFile.bytes(self.file, purpose: "scenario", maximumBytes: Self.maximumFileBytes)
    }

    private func plan(runID: String) throws(Complaint) -> Plan {
        let bytes = try self.scenarioBytes()
        var options = ScenarioOptions()
        options.seed = self.seed
        options.runID = runID
        options.variables = self.variables.map { ($0.name, $0.value) }
        options.isRemote = self.target != nil
        let folder = ScenarioFolder(of: self.file)
        do throws(ScenarioError) {
            var plan = try Plan.read(bytes, file: self.file, options: options) { folder.bytes(of: $0) }
            plan.settings.orderScope = self.reporting.orderScope
            if self.target != nil { plan.settings.clock = .real } else if let clock { plan.settings.clock = clock }
            return plan
        } catch {
            throw Complaint(error.text, .badArguments)
        }
    }

    // MARK: The target

    private func networkTarget() throws -> NetworkTarget? {
        guard let target else { return nil }
        let endpoint = try ClientEndpoint(parsing: target)
        var network = NetworkTarget(endpoint: endpoint)
        network.tls.trust = self.trust(endpoint)
        let isSigned = endpoint.query?.contains("X-Amz-Signature=") == true
        if endpoint.transport.isWebSocket, !self.unsigned, !isSigned {
            var options = PresignOptions()
            options.service = self.signing.service
            network.signing = .init(credentials: try self.signing.resolved(), region: self.signing.region, options: options)
        }
        return network
    }

    private func trust(_ endpoint: ClientEndpoint) -> MQTTClientConfiguration.TLS.Trust {
        if self.insecure { return .anyone }
        if let cafile { return .file(cafile) }
        let isLocal = ["localhost", "127.0.0.1", "::1"].contains(endpoint.host.lowercased())
        guard isLocal, endpoint.transport.isEncrypted, let path = CertificateOptions.localAuthorityPath() else { return .system }
        return .file(path)
    }
}

/// `name=value` on the command line.
struct VariableArgument: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        self.name = String(argument[..<equals])
        self.value = String(argument[argument.index(after: equals)...])
    }
}

extension PlanSettings.Clock: ExpressibleByArgument {
    init?(argument: String) {
        self.init(argument)
    }
}

/// The folder a scenario may read payload files from: its own, and no link leads out of it.
struct ScenarioFolder {
    private static let maximumFileBytes = 1 << 30

    private let root: String?

    init(of file: String) {
        let folder = file == "-" ? "." : file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
        self.root = Self.resolved(folder)
    }

    /// The file of this relative path; `nil` when there is none inside the folder.
    func path(of relative: String) -> String? {
        guard let root, let path = Self.resolved("\(root)/\(relative)") else { return nil }
        return path.hasPrefix(root == "/" ? "/" : root + "/") ? path : nil
    }

    /// What is in it; `nil` when it cannot be read, or leads out of the folder.
    func bytes(of relative: String) -> [UInt8]? {
        self.path(of: relative).flatMap { try? TextFile.bytes($0, purpose: "payload file", maximumBytes: Self.maximumFileBytes) }
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
