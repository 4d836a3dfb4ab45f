import Pacing
import Runner
import Testing

/// What clients of a plan can do inside the process: wills, QoS 2, retained messages, kept sessions, refusals.
@Suite struct LocalClientScenarioTests {
    private func passes(_ text: String, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let report = try await Scenario(text).run()
        #expect(report.state == .passed, "\(comment ?? "")\n\(report.table())", sourceLocation: sourceLocation)
    }

    @Test(arguments: ["close", "reset"]) func aDroppedClientsWillIsPublishedAtOnce(_ how: String) async throws {
        try await self.passes(
            """
            {"scenario":1,"profile":"plain"}
            {"connect":{"client":"mars","will":{"topic":"HQ/die","payload":{"text":"bye"},"qos":1}}}
            {"connect":{"client":"hq","version":"3.1.1"}}
            {"sub":{"client":"hq","filters":["HQ/+"],"qos":1}}
            {"drop":{"client":"mars","how":"\(how)"}}
            {"expect":{"client":"hq","topic":"HQ/die","text":"bye","from":"mars","qos":1},"within":"100ms","from":"start"}
            """)
    }

    @Test func aGoodbyeKeepsTheWillUnsent() async throws {
        try await self.passes(
            """
            {"scenario":1,"profile":"plain"}
            {"connect":{"client":"mars","will":{"topic":"HQ/die","payload":{"text":"bye"}}}}
            {"disconnect":{"client":"mars"}}
            {"never":{"topic":"HQ/die"},"for":"1m"}
            """)
    }

    @Test func aWillDelayIsWaitedForAndEndsWhenTheClientComesBack() async throws {
        try await self.passes(
            """
            {"scenario":1,"profile":"plain"}
            {"connect":{"client":"mars","version":5,"expiry":"1h","will":{"topic":"HQ/die","payload":{"text":"bye"},"delay":"10s"}}}
            {"drop":{"client":"mars"}}
            {"never":{"topic":"HQ/die"},"for":"9s"}
            {"expect":{"topic":"HQ/die","text":"bye"},"within":"1500ms","wait":"9s"}
            """)
        try await self.passes(
            """
            {"scenario":1,"profile":"plain"}
            {"connect":{"client":"mars","version":5,"expiry":"1h","will":{"topic":"HQ/die","payload":{"text":"bye"},"delay":"10s"}}}
            {"drop":{"client":"mars"}}
            {"wait":"5s","connect":{"client":"mars","version":5,"clean":false,"expiry":"1h"}}
            {"never":{"topic":"HQ/die"},"for":"1m"}
            """)
    }

    @Test(arguments: ["5", "\"3.1.1\"", "\"3.1\""]) func qos2GoesThroughInEveryVersion(_ version: String) async throws {
        try await self.passes(
            """
            {"scenario":1,"profile":"plain"}
            {"connect":{"client":"a","version":\(version)}}
            {"connect":{"client":"b","version":\(version)}}
            {"sub":{"client":"b","filters":["x/#"],"qos":2}}
            {"id":"p","as":"a","pub":{"topic":"x/y","payload":{"text":"once"},"qos":2},"gate":"acked"}
            {"expect":{"client":"b","topic":"x/y","text":"once","qos":2,"causedBy":"p"},"from":"start","count":1}
            """)
    }

    @Test func aRetainedMessageIsThereForTheNextSubscriber() async throws {
        try await self.passes(
            """
            {"scenario":1,"profile":"plain"}
            {"id":"p","pub":{"topic":"weather","payload":{"text":"rain"},"retain":true,"qos":1}}
            {"wait":"1s","connect":{"client":"b"}}
            {"sub":{"client":"b","filters":["+"],"qos":1}}
            {"expect":{"client":"b","topic":"weather","text":"rain","retain":true,"from":"service","causedBy":"p"},"from":"start"}
            """)
    }

    @Test(arguments: [("5", ",\"expiry\":\"1h\""), ("\"3.1.1\"", "")])
    func aKeptSessionGetsWhatItMissed(_ version: String, _ expiry: String) async throws {
        try await self.passes(
            """
            {"scenario":1,"profile":"plain"}
            {"connect":{"client":"b","version":\(version),"clean":false\(expiry)}}
            {"sub":{"client":"b","filters":["orders"],"qos":1}}
            {"disconnect":{"client":"b"}}
            {"id":"p","wait":"1m","pub":{"topic":"orders","payload":{"text":"one"},"qos":1}}
            {"wait":"1s","connect":{"client":"b","version":\(version),"clean":false\(expiry)}}
            {"expect":{"client":"b","topic":"orders","text":"one","causedBy":"p"},"from":"start","count":1}
            """)
    }

    @Test func aRefusedClientEndsTheRunWithTheReasonAndStatus3() async throws {
        let report = try await Scenario(
            """
            {"scenario":1}
            {"id":"no","connect":{"client":"app","id":"$mine"}}
            {"as":"app","pub":{"topic":"a","payload":1}}
            """
        ).run()
        #expect(report.exitCode == 3, "\(report.table())")
        let failure = try #require(report.failures.first)
        #expect(failure.step == "no")
        #expect(failure.got.contains("0x85"))
        #expect(failure.got.contains("client ids that start with $"))
    }

    @Test func whatAProfileForbidsClosesTheConnectionWithItsReason() async throws {
        let report = try await Scenario(
            """
            {"scenario":1,"profile":"aws"}
            {"connect":{"client":"app","will":{"topic":"last","payload":{"text":"words"}}}}
            {"id":"two","as":"app","pub":{"topic":"a","payload":1,"qos":2}}
            {"expect":{"topic":"last","from":"app"},"from":"start"}
            """
        ).run()
        #expect(report.exitCode == 1, "\(report.table())")
        let failure = try #require(report.failures.first)
        #expect(failure.step == "two")
        #expect(failure.got.contains("QoS 2"))
        #expect(report.step("two")?.causeID == nil, "the will's cause is not the step's")
        #expect(report.step("expect1")?.state == .settled)
    }

    @Test func aTakeoverIsNamed() async throws {
        let report = try await Scenario(
            """
            {"scenario":1,"profile":"plain"}
            {"connect":{"client":"one","id":"same"}}
            {"connect":{"client":"two","id":"same"}}
            {"id":"p","as":"one","pub":{"topic":"a","payload":1},"timeout":"1s"}
            """
        ).run()
        #expect(report.exitCode == 1)
        #expect(report.failures.first?.got.contains("publisher taken over") == true, "\(report.table())")
    }

    @Test func unsubscribingStopsTheMessages() async throws {
        try await self.passes(
            """
            {"scenario":1,"profile":"plain"}
            {"connect":{"client":"b"}}
            {"sub":{"client":"b","filters":["x"]}}
            {"pub":{"topic":"x","payload":1}}
            {"expect":{"client":"b","topic":"x"},"from":"start"}
            {"wait":"1s","unsub":{"client":"b","filters":["x"]}}
            {"pub":{"topic":"x","payload":2}}
            {"never":{"client":"b","topic":"x"},"for":"1s"}
            """)
    }
}
