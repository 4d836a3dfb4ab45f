import ArgumentParser
import Foundation
import Glibc
import Pacing
import Runner
import Testing
import Timeline

@testable import sundial

/// Where and how the report of a run is written. Scheduler §14.
@Suite struct ReportOutputTests {
    @Test(arguments: [
        ("junit=out.xml", ReportFormat.junit, "out.xml"), ("jsonl=a=b", .jsonl, "a=b"), ("x/y.xml", .junit, "x/y.xml"),
        ("r.json", .json, "r.json"),
        ("r.jsonl", .jsonl, "r.jsonl"), ("r.txt", .table, "r.txt"), ("table=r.xml", .table, "r.xml"), ("a=b.json", .json, "a=b.json"),
    ])
    func aReportIsAFormatAndAFile(_ argument: String, _ format: ReportFormat, _ path: String) throws {
        let run = try #require(try Sundial.parseAsRoot(["run", "f", "--report", argument]) as? RunCommand)
        #expect(run.reporting.files.map(\.format) == [format])
        #expect(run.reporting.files.map(\.path) == [path])
    }

    @Test(arguments: [
        (["--report", "out"], "FORMAT=FILE"), (["--report", "xml=out"], "FORMAT=FILE"), (["--report", "json="], "FORMAT=FILE"),
        (["--report", "json=a", "--report", "jsonl=a"], "names a twice"), (["--json", "--format", "junit"], "two formats"),
        (["--format", "yaml"], "jsonl"), (["--order", "topic"], "shadow"),
    ])
    func aMistakeIsAnsweredWithTheWayOut(_ arguments: [String], _ words: String) throws {
        let error = #expect(throws: (any Error).self) { try Sundial.parseAsRoot(["run", "f"] + arguments) }
        let message = Sundial.fullMessage(for: try #require(error))
        #expect(message.contains(words), "\(message)")
    }

    @Test func everyFileAppearsWhenTheReportIsComplete() throws {
        try Self.withFolder { folder in
            let output = try ReportOutput(Self.options("--report", "\(folder)/a.xml", "--report", "\(folder)/b.jsonl"))
            let report = Self.report()
            output.write(report)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty, "a process that is killed leaves nothing")
            try output.complete()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.xml", "b.jsonl"])
            var expected = report
            expected.emulatorVersion = Version.number
            #expect(try Data(contentsOf: URL(filePath: "\(folder)/a.xml")) == Data(expected.written(.junit)))
            #expect(try Data(contentsOf: URL(filePath: "\(folder)/b.jsonl")) == Data(expected.written(.jsonl)))
        }
    }

    @Test func aReportThatIsNotFinishedLeavesTheFormerOne() throws {
        try Self.withFolder { folder in
            try "old".write(toFile: "\(folder)/a.json", atomically: false, encoding: .utf8)
            do {
                let output = try ReportOutput(Self.options("--report", "\(folder)/a.json"))
                output.write(Self.report())
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.json"])
            #expect(try String(contentsOfFile: "\(folder)/a.json", encoding: .utf8) == "old")
        }
    }

    @Test func whatCannotBeWrittenIsSaidBeforeAnythingRuns() throws {
        let complaint = #expect(throws: Complaint.self) { try ReportOutput(Self.options("--report", "/nowhere/at/all.json")) }
        #expect(complaint?.text.hasPrefix("cannot write the report /nowhere/at/all.json: No such file or directory") == true)
        #expect(complaint?.status == .badArguments)
    }

    @Test func aFullDiskIsSaidAtTheEnd() throws {
        try Self.withFolder { folder in
            symlink("/dev/full", "\(folder)/full.json")
            let output = try ReportOutput(Self.options("--report", "\(folder)/full.json"))
            output.write(Self.report())
            let complaint = #expect(throws: Complaint.self) { try output.complete() }
            #expect(complaint?.text.contains("No space left on device") == true)
        }
    }

    @Test func theProgressLineSaysWhereTheRunStands() {
        var progress = RunProgress(happening: .dispatched, elapsed: .seconds(90), dispatched: 7, steps: 10)
        #expect(ProgressLine.text(progress, wall: .seconds(1), rate: nil) == "7 of 10 steps begun, 1 min 30 s of the scenario in 1 s")
        progress.standing = RunStanding(
            ended: 6, open: 4, isComplete: true, elapsed: .seconds(90), scenarioTime: .seconds(7500),
            waiting: .init(id: "b", cause: .gap, remaining: .seconds(3)))
        #expect(
            ProgressLine.text(progress, wall: .seconds(61), rate: 98)
                == "6 of 10 steps, 98/s, 2 h 5 min of the scenario in 1 min 1 s, b waits for 3 s: gap")
        progress.standing?.isComplete = false
        progress.standing?.waiting = nil
        #expect(ProgressLine.text(progress, wall: .seconds(61), rate: 98).hasPrefix("6 steps, 98/s"))
    }

    private static func options(_ arguments: String...) throws -> ReportOptions {
        try ReportOptions.parse(["--quiet"] + arguments)
    }

    private static func report() -> RunReport {
        var engine = PlanEngine(plan: Plan(settings: PlanSettings(), steps: [Step(number: StepNumber(0), id: "n", kind: .note("x"))]))
        var actions: [PlanAction] = []
        engine.handle(.started(wall: WallTime(secondsSinceEpoch: 0)), now: .zero, actions: &actions)
        return engine.report()
    }

    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sundial-report-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }
}
