import JSON
import Pacing
import Testing
import Timeline

/// Seeds, draws and equal bytes. Scheduler §9, acceptance test 3.
@Suite struct DeterminismTests {
    private static let text = """
        {"scenario":1,"name":"jittery","jitter":"400ms","lanes":{"thing:*":{"minGap":"50ms"}}}
        {"connect":{"client":"app"}}
        {"sub":{"client":"app","filters":["$aws/things/T/shadow/update/+"]}}
        {"id":"a","as":"app","at":"1s","update":{"thing":"T","reported":{"n":"${rand 1 1000000}"}}}
        {"id":"b","as":"app","at":"1s","update":{"thing":"T","reported":{"u":"${uuid}"}}}
        {"id":"c","as":"app","at":"1s","update":{"thing":"T","reported":{"p":"${pick red green blue}"}}}
        {"order":[{"client":"app","causedBy":"a"},{"client":"app","causedBy":"c"}],"from":"start","within":"9s"}
        """

    private static func run(_ text: String = Self.text, seed: UInt64) throws -> (report: RunReport, payloads: [[UInt8]]) {
        let shell = try VirtualShell(text, seed: seed)
        shell.respond = { _ in .init(answerDelay: .milliseconds(12)) }
        let report = shell.run()
        return (report, shell.publishes.map(\.publish.payload))
    }

    @Test func theSameFileAndSeedGiveEqualReportBytes() throws {
        let first = try Self.run(seed: 7)
        let second = try Self.run(seed: 7)
        #expect(first.report.json() == second.report.json())
        #expect(first.report.table() == second.report.table())
        #expect(first.payloads == second.payloads)
        #expect(first.report.state == .passed)
    }

    @Test func anotherSeedGivesOtherJitterAndTheSameOrder() throws {
        let first = try Self.run(seed: 7)
        let other = try Self.run(seed: 8)
        #expect(first.report.step("a")?.base != other.report.step("a")?.base)
        #expect(first.payloads != other.payloads)
        for report in [first.report, other.report] {
            let times = ["a", "b", "c"].compactMap { report.step($0)?.dispatched }
            #expect(times == times.sorted() && times.count == 3)
            #expect(report.ordering.inversions == 0)
        }
    }

    @Test func anAddedStepDoesNotChangeTheDrawsOfOthers() throws {
        let first = try Self.run(seed: 7)
        let longer = try Self.run(Self.text.replacing("{\"id\":\"b\"", with: "{\"id\":\"x\",\"note\":\"${uuid}\"}\n{\"id\":\"b\""), seed: 7)
        #expect(first.payloads == longer.payloads)
        #expect(first.report.step("c")?.base == longer.report.step("c")?.base)
    }

    @Test func jitterIsOnlyAddedAndBounded() throws {
        for seed in UInt64(0)..<200 {
            let base = try #require(try Self.run(seed: seed).report.step("a")?.base)
            #expect(base >= .seconds(1) && base <= .milliseconds(1400))
        }
    }

    @Test func theReportIsReadableJSONWithEveryColumn() throws {
        let report = try JSONValue(parsing: try Self.run(seed: 7).report.json())
        let step = try #require(report[pointer: "/steps/3"])
        for key in [
            "id", "line", "lane", "topic", "publisher", "bytes", "planned", "base", "dispatched", "acked", "settled", "lateness", "gap",
            "waits", "attempts", "result", "cause",
        ] {
            #expect(step[key] != nil, "no \(key)")
        }
        #expect(
            report[pointer: "/ordering/line"]?.string?.hasPrefix("order: 3 steps, 1 subscriber, 0 inversions   (least gap used ") == true)
        #expect(report[pointer: "/summary/steps/settled"]?.int64 == 6)
        #expect(report["seed"]?.int64 == 7)
    }

    @Test func randomWholeAndDecimalNumbersStayBetweenTheirEnds() throws {
        var seen: Set<Int64> = []
        for seed in UInt64(0)..<300 {
            let plan = try Plan.parse(
                #"{"scenario":1}{"id":"p","pub":{"topic":"t","payload":["${rand -2 3}","${rand 0.50 1}"]}}"#, seed: seed)
            guard case .json(let value, _) = plan.steps[0].publication?.payload else { continue }
            let whole = try #require(value[pointer: "/0"]?.int64)
            let decimal = try #require(value[pointer: "/1"]?.double)
            seen.insert(whole)
            #expect((-2...3).contains(whole) && (0.5...1).contains(decimal))
            #expect(value[pointer: "/1"]?.number?.text.utf8.count == 4)
        }
        #expect(seen == [-2, -1, 0, 1, 2, 3])
    }
}
