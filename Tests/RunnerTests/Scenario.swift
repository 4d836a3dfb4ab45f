import Foundation
import Logging
import Pacing
import Runner

/// Scenarios to run: files of `fixtures/scenarios`, or text.
struct Scenario {
    let bytes: [UInt8]
    let file: String

    init(_ text: String) {
        self.bytes = Array(text.utf8)
        self.file = "test.scenario"
    }

    init(fixture name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        self.bytes = Array(try Data(contentsOf: root.appending(path: "fixtures/scenarios/\(name).scenario")))
        self.file = "\(name).scenario"
    }

    func plan(_ clock: PlanSettings.Clock = .virtual, seed: UInt64? = nil, runID: String = "run") throws -> Plan {
        var options = ScenarioOptions()
        options.seed = seed
        options.runID = runID
        var plan = try Plan.read(self.bytes, file: self.file, options: options)
        plan.settings.clock = clock
        return plan
    }

    /// Runs it on the virtual clock.
    func run(seed: UInt64? = nil) async throws -> RunReport {
        await LocalRun.run(try self.plan(seed: seed), options: .quiet)
    }
}

extension LocalRun.Options {
    static var quiet: LocalRun.Options {
        LocalRun.Options(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

extension RunReport {
    func step(_ id: String) -> StepRecord? { self.steps.first { $0.id == id } }
}
