import JSON
import Testing
import Timeline

@testable import Pacing

/// Reports written while a run goes on. Scheduler §14, §19.
@Suite struct ReportStreamTests {
    /// Requests whose acknowledgements often come after the answer that ends their step, and whose answers sometimes do.
    private static func scenario(steps: Int, before: String = "") -> String {
        var text =
            "{\"scenario\":1,\"name\":\"long\",\"slots\":50,\"lanes\":{\"*\":{\"minGap\":0}},\"defaults\":{\"onFail\":\"continue\"}}\n"
        text +=
            "{\"connect\":{\"client\":\"app\"}}\n{\"sub\":{\"client\":\"app\",\"filters\":[\"$aws/things/T1/shadow/update/+\"]}}\n\(before)"
        for number in 0..<steps {
            let gate = number % 5 == 0 ? ",\"gate\":\"sent\"" : ""
            text += "{\"wait\":\"1ms\",\"as\":\"app\",\"update\":{\"thing\":\"T\(number % 7)\",\"reported\":{}}\(gate)}\n"
        }
        return text
    }

    private static func shell(_ text: String, window: Int = 10_000) throws -> VirtualShell {
        var options = PlanEngine.Options()
        options.window = window
        let shell = VirtualShell(try Plan.parse(text), options: options)
        shell.respond = { publish in
            var random = Draw(seed: 1, purpose: "service", step: publish.id, attempt: 1)
            var response = VirtualShell.Response()
            response.ackDelay = .microseconds(Int64(random.upTo(4000)))
            response.answerDelay = .microseconds(Int64(random.upTo(3000)))
            if random.upTo(100) == 0 { response.answer = .rejected(code: 400, message: "no <& way\u{1B}") }
            return response
        }
        return shell
    }

    @Test(arguments: ReportFormat.allCases)
    func inPartsItIsWrittenAsAtOnce(_ format: ReportFormat) throws {
        let text = Self.scenario(steps: 2000)
        let whole = try Self.shell(text).run()
        var writer = ReportWriter(format)
        var bytes: [UInt8] = []
        var parts = 0
        let shell = try Self.shell(text)
        shell.onPart = { part in
            parts += 1
            writer.write(part, into: &bytes)
        }
        let last = shell.run()
        #expect(parts > 3)
        let isEqual = bytes == whole.written(format)
        #expect(isEqual)
        #expect(last.state == whole.state && last.exitCode == whole.exitCode)
        #expect(last.failures == whole.failures && !whole.failures.isEmpty)
        let hasLateAcknowledgements = whole.steps.contains { $0.acked ?? .zero > $0.ended ?? .zero }
        #expect(hasLateAcknowledgements)
    }

    /// A step that stays open holds back those behind it, but only as many as the window.
    @Test func anOpenStepDoesNotKeepARunInMemory() throws {
        let shell = try Self.shell(Self.scenario(steps: 2000, before: "{\"never\":{\"topic\":\"x\"},\"for\":\"1h\"}\n"), window: 300)
        var parts: [[Int]] = []
        shell.onPart = { part in
            parts.append(part.steps.map(\.number.rawValue))
        }
        let last = shell.run()
        let others = parts.joined().filter { $0 != 2 }
        let isInOrder = others.elementsEqual([0, 1] + Array(3..<2003))
        #expect(isInOrder)
        #expect(parts.last?.first == 2 && last.tally.steps == 2003)
        #expect(parts.allSatisfy { $0.count <= 2 * 300 + 256 })
    }

    @Test func aLongDocumentHasItsFiguresBehindTheSteps() throws {
        func json(_ report: RunReport) -> [UInt8] {
            var writer = ReportWriter(JSONReport(heldSteps: 30))
            var bytes: [UInt8] = []
            writer.writeWhole(report, into: &bytes)
            return bytes
        }
        for steps in [31, 32, 90] {
            let document = try JSONValue(parsing: json(Self.report(steps: steps)))
            #expect(document == Self.report(steps: steps).document)
            #expect(document.object?.keys.suffix(5) == ["steps", "state", "duration", "summary", "ordering"])
        }
        for steps in [0, 1, 30] {
            let report = Self.report(steps: steps)
            #expect(String(decoding: json(report), as: UTF8.self) == report.document.pretty() + "\n")
        }
    }

    @Test func jsonLinesAreTheRunEachStepAndTheSummary() throws {
        let report = Self.report(steps: 4)
        let lines = try report.written(.jsonl).split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
        #expect(lines.map { $0["type"]?.string } == ["run", "step", "step", "step", "step", "summary"])
        #expect(lines[0]["seed"] == 7 && lines[0]["timesIn"] == "nanoseconds")
        #expect(lines[2]["id"] == "s1" && lines[2]["failure"]?["got"] != nil)
        #expect(lines[5][pointer: "/summary/steps/failed"] == 1 && lines[5]["state"] == "failed")
    }

    @Test func theMiddleOfALongTableIsLeftOutButForFailures() throws {
        var report = Self.report(steps: 5000)
        let lines = report.table().split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "many (run r)" && lines[1] == "")
        #expect(lines[2].hasPrefix("step   line  verb"))
        #expect(lines[3].hasPrefix("s0 ") && lines[503].hasPrefix("s500 "))
        #expect(lines[504] == "… 3999 steps that did not fail are left out; --format jsonl shows each")
        #expect(lines[505].hasPrefix("s4500 ") && lines[1004].hasPrefix("s4999 "))
        #expect(lines.suffix(6).first == "many (run r): failed after 3.000 s, profile aws, seed 7")

        report = Self.report(steps: 5000, failing: 2000)
        let failing = report.table().split(separator: "\n", omittingEmptySubsequences: false)
        #expect(failing[504] == "… 1499 steps that did not fail are left out; --format jsonl shows each")
        #expect(failing[505].hasPrefix("s2000  1     pub") && failing[505].hasSuffix("failed"))
        #expect(failing[506] == "… 2499 steps that did not fail are left out; --format jsonl shows each")
    }

    @Test func aTableOfAThousandStepsIsWhole() {
        let table = Self.report(steps: TableReport.sizedRows).table()
        #expect(!table.contains("left out"))
        #expect(table.hasPrefix("many (run r): failed after 3.000 s, profile aws, seed 7\n\nstep  line  verb"))
    }

    @Test func theTextsOfManyFailuresAreBounded() {
        var report = Self.report(steps: 0)
        for number in 0..<150 { Self.add(number, fails: true, to: &report) }
        let table = report.table()
        #expect(table.contains("step s99 (pub, line 1) failed") && !table.contains("step s100 (pub"))
        #expect(table.contains("\nand 50 more failures; --format jsonl shows each\n"))
    }

    @Test func quotasAndWallTimeAreInTheReport() throws {
        var report = Self.report(steps: 1)
        report.quotas = [
            QuotaHeadroom(quota: "publishes per second of a connection", subject: "app", used: 60, limit: 100, at: .milliseconds(1500))
        ]
        report.wallDuration = .milliseconds(12)
        #expect(report.table().contains("\npublishes per second of a connection (app): at most 60 of 100, at 1.500 s\n"))
        #expect(report.table().contains("\nreal time: 0.012 s\n"))
        let document = try JSONValue(parsing: report.json())
        #expect(document[pointer: "/quotas/0/used"] == 60 && document["wallDuration"] == 12_000_000)
    }

    @Test func scenarioTimeIsToldWhereItIsAnother() throws {
        func report(_ speed: String) throws -> RunReport {
            try VirtualShell("{\"scenario\":1,\"speed\":\(speed)}\n{\"at\":\"3s\",\"note\":\"x\"}").run()
        }
        #expect(try report("2").scenarioDuration == .seconds(3) && report("2").duration == .milliseconds(1500))
        #expect(try report("1").scenarioDuration == nil)
        #expect(try report("\"max\"").scenarioDuration == nil)
    }

    // MARK: Made-up reports

    private static func report(steps: Int, failing: Int = 1) -> RunReport {
        var report = RunReport(
            name: "many", runID: "r", profile: "aws", clock: "virtual", seed: 7, state: .failed, duration: .seconds(3), steps: [],
            tally: RunTally(), ordering: OrderingSummary(scope: .thing, steps: 0, inversionsBySubscriber: [], pairs: []),
            couldNotConnect: false)
        for number in 0..<steps { Self.add(number, fails: number == failing, to: &report) }
        return report
    }

    private static func add(_ number: Int, fails: Bool, to report: inout RunReport) {
        var record = StepRecord(
            number: StepNumber(number), id: "s\(number)", line: 1, verb: "pub", lane: "l", planned: .zero, base: .zero,
            state: fails ? .failed : .settled)
        record.dispatched = .milliseconds(Int64(number))
        if fails {
            record.failure = StepFailure(step: record.id, line: 1, verb: "pub", topic: "t", awaited: "a", got: "g", related: [])
        }
        report.steps.append(record)
        report.tally.add(record)
    }
}
