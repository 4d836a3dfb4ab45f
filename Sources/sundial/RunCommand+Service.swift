import ArgumentParser
import JSON
import Pacing
import Runner
import Timeline

/// `sundial run --endpoint`: the scenario runs inside a running Sundial, beside its other clients.
extension RunCommand {
    /// Where that is; `nil` when the run is to be elsewhere.
    var place: ServicePlace? {
        guard self.endpoint != nil || self.portsFile != nil else { return nil }
        return ServicePlace(url: self.endpoint, portsFile: self.portsFile, authority: self.cafile, insecure: self.insecure)
    }

    /// Follows the run to its end, and prints its report; it ends with us.
    func run(at place: ServicePlace, _ signals: StopSignals, _ output: ReportOutput) async throws {
        let status = try await self.report(at: place, signals, output)
        try output.complete()
        if status != 0 { throw ExitCode(status) }
    }

    /// - Returns: the exit status.
    private func report(at place: ServicePlace, _ signals: StopSignals, _ output: ReportOutput) async throws -> Int32 {
        let scenario = try self.scenarioBytes()
        return try await ServiceConnection.with(place) { connection in
            let service = ControlService(connection: connection, bearer: self.bearer)
            let run = try await service.startRun(scenario, self.serviceOptions)
            let watch = Task {
                if await signals.first() != 0 { try? await service.cancelRun(run.id) }
            }
            defer { watch.cancel() }
            var far = RemoteProgress(steps: run.steps)
            try await service.followRun(run.id) { event in
                if let shown = far.happened(event) { output.show(shown) }
            }
            for format in output.formats {
                output.write(try await service.report(of: run.id, format: format.rawValue), format, exitCode: far.exitCode)
            }
            return far.exitCode
        }
    }

    private var serviceOptions: [(name: String, value: String)] {
        var options = [(name: "file", value: self.file)]
        if let seed { options.append(("seed", "\(seed)")) }
        options.append(("order", self.reporting.orderScope.rawValue))
        if let clock { options.append(("clock", clock.text)) }
        return options + self.variables.map { ("var.\($0.name)", $0.value) }
    }
}

/// How far a run elsewhere is, by its events.
private struct RemoteProgress {
    let steps: Int
    private var dispatched = 0
    /// Of the run's end.
    private(set) var exitCode: Int32 = 0

    init(steps: Int) {
        self.steps = steps
    }

    /// - Returns: what there is to show.
    mutating func happened(_ event: JSONValue) -> RunProgress? {
        let happening: RunProgress.Happening
        switch event["event"]?.string {
        case "dispatched":
            self.dispatched += 1
            happening = .dispatched
        case "note":
            happening = .note(event["text"]?.string ?? "")
        case "finished":
            self.exitCode = Int32(clamping: event["exitCode"]?.int64 ?? 1)
            return nil
        default:
            return nil
        }
        return RunProgress(
            happening: happening, elapsed: .nanoseconds(event["at"]?.int64 ?? 0), dispatched: self.dispatched, steps: self.steps)
    }
}
