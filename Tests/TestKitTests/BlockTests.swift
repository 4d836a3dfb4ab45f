import Foundation
import TestKit
import Testing

/// Blocks, reactions and looks of plans, as they run in a kit.
@Suite("Blocks of plans in a kit") struct BlockTests {
    @Test func passesAndBranchesHaveTheirTimes() async throws {
        try await withSundial { kit in
            let report = try await kit.run(
                Plan {
                    Repeat(3) {
                        Publish("tick", "${i}").id("tick")
                        Wait(.seconds(10))
                    }
                    Parallel {
                        Branch { Publish("left", "x").at(.seconds(1)).id("left") }
                        Branch { Publish("right", "x").at(.seconds(2)).id("right") }
                    }
                    Publish("end", "x").id("end")
                })
            #expect(report.passed, "\(report)")
            #expect(await kit.messages.map(\.topic) == ["tick", "tick", "tick", "left", "right", "end"])
            #expect(await kit.messages.prefix(3).map(\.text) == ["0", "1", "2"])
        }
    }

    @Test func devicesAndReactionsAnswer() async throws {
        try await withSundial { kit in
            let report = try await kit.run(
                Plan {
                    Device("T", shadow: "cfg", delay: .milliseconds(300))
                    On(Match("ping"), times: 1) { Publish("pong", "x") }
                    Update("T", shadow: "cfg", desired: ["temp": 21])
                    Expect("$aws/things/T/shadow/name/cfg/update/documents", json: ["current": ["state": ["reported": ["temp": 21]]]])
                    Publish("ping", "x")
                    Expect("pong").from(.start)
                    ShadowIs("T", shadow: "cfg", includes: ["reported": ["temp": 21]], version: 2).at(.seconds(2))
                })
            #expect(report.passed, "\(report)")
        }
    }

    @Test func aConflictIsCuredByTheVersionLastSeen() async throws {
        try await withSundial { kit in
            try await kit.shadow("T").desire(["n": 0])
            let report = try await kit.run(
                Plan {
                    Update("T", desired: ["n": 1], version: .auto).id("cured")
                    AdvanceClock(by: .seconds(60))
                    Publish("later", "x").id("later")
                })
            #expect(report.passed, "\(report)")
            #expect(report["cured"]?.version == 2)
            #expect(await kit.elapsed >= .seconds(60))
        }
    }

    @Test(arguments: ["paced-pair", "last-will", "no-guessing"])
    func scenarioFilesRunInAKit(_ name: String) async throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let path = tests.deletingLastPathComponent().appending(path: "fixtures/scenarios/\(name).scenario").path()
        let rules: ServiceRules = name == "last-will" ? .plain : .aws
        try await withSundial(.init(rules: rules)) { kit in
            let report = try await kit.run(file: path)
            #expect(report.passed, "\(report)")
        }
    }

    @Test func filesThatCannotBeRunSayWhere() async throws {
        try await withSundial { kit in
            let missing = try await failure(of: SundialFailure.self) { try await kit.run(file: "/nowhere/x.scenario") }
            #expect(missing.description == "cannot read /nowhere/x.scenario: No such file or directory")
            let wrong = try await failure(of: PlanFailure.self) { try await kit.run(file: #filePath) }
            #expect(wrong.description.hasPrefix("\(#filePath):1:1: "), "\(wrong)")
        }
    }
}
