import TestKit
import Testing

@Suite("Runs in a kit") struct RunTests {
    private func pair() -> Plan {
        Plan("pair", seed: 7) {
            Update("T1", shadow: "test1", reported: ["n": 1]).at(.seconds(1)).id("a")
            Update("T1", shadow: "test2", reported: ["n": 2]).at(.seconds(2))
            Expect("$aws/things/T1/shadow/name/+/update/accepted").count(2).from(.start)
        }
    }

    @Test func aPlanPacesAndReports() async throws {
        try await withSundial { kit in
            let page = try await kit.connect("page")
            try await page.subscribe("$aws/things/T1/shadow/name/+/update/accepted")
            let report = try await kit.run(pair())
            #expect(report.passed, "\(report)")
            #expect(report.state == .passed)
            #expect(report.steps.map(\.id) == ["a", "update1", "expect1"])
            #expect(report["a"]?.dispatched == .seconds(1))
            #expect(report["update1"]?.version == 1)
            #expect(report["update1"]?.gap == .seconds(1))
            #expect(report.ordering.inversions == 0)
            #expect(report.ordering.leastGap == .seconds(1))
            #expect(report.json["state"] == "passed")
            // The plan acted on the kit itself.
            #expect(await page.messages.count == 2)
            #expect(try await kit.shadow("T1", "test2").get().reported == ["n": 2])
            #expect(await kit.elapsed == report.duration)
        }
    }

    @Test func theSamePlanGivesTheSameReport() async throws {
        let first = try await withSundial { try await $0.run(self.pair()) }
        let second = try await withSundial { try await $0.run(self.pair()) }
        #expect(first.json == second.json)
        #expect(first.description == second.description)
    }

    @Test func aFailedStepIsNamedWithItsLineInTheTest() async throws {
        try await withSundial { kit in
            let line = #line + 4
            let report = try await kit.run(
                Plan {
                    Update("T1", reported: ["n": 1])
                    Update("T1", reported: ["n": 2], version: 5).id("stale")
                })
            #expect(!report.passed)
            let failure = try #require(report.failures.first)
            #expect(failure.step == "stale")
            #expect(failure.line == line)
            #expect(failure.got == "rejected 409 \"Version conflict\"")
            #expect(failure.description.hasPrefix("step stale (update, line \(line)) failed\n"))
            #expect(report["stale"]?.rejection?.code == 409)
            #expect(report["stale"]?.line == line)
            #expect("\(report)".contains("step stale (update, line \(line)) failed"))
        }
    }

    @Test func aPlanThatCannotBeIsRefusedWithTheLineInTheTest() async throws {
        try await withSundial { kit in
            var line = #line + 2
            let wildcard = Plan {
                Publish("a/+", "x")
            }
            let first = try await failure(of: PlanFailure.self) { try await kit.run(wildcard) }
            #expect("\(first)".hasPrefix("TestKitTests/RunTests.swift:\(line): \"a/+\" is not a topic; "))
            line = #line + 3
            let early = Plan {
                Note("first")
                Update("T1", reported: [:]).at(.seconds(-1))
            }
            let second = try await failure(of: PlanFailure.self) { try await kit.run(early) }
            #expect("\(second)".hasPrefix("TestKitTests/RunTests.swift:\(line): at: a duration cannot be negative; "), "\(second)")
        }
    }

    @Test func anHourOfStepsPassesAtOnce() async throws {
        try await withSundial { kit in
            let report = try await kit.run(
                Plan {
                    for second in 0..<3600 {
                        Publish("tick", "\(second)").at(.seconds(Int64(second)))
                    }
                })
            #expect(report.passed)
            #expect(report.steps.last?.dispatched == .seconds(3599))
        }
    }

    @Test func runsOfTheSameKitGoOnTogether() async throws {
        try await withSundial(.init(clock: .real)) { kit in
            async let first = kit.run(Plan { Publish("a", "1").at(.milliseconds(30)) })
            async let second = kit.run(
                Plan { Expect("a").within(.seconds(10)) })
            let reports = try await [first, second]
            #expect(reports.map(\.passed) == [true, true])
        }
    }
}
