import Pacing
import Runner
import Testing
import Timeline

/// Plans on a broker inside the process, on the virtual clock. Source: scheduler §8, §20, §21.
@Suite struct LocalRunTests {
    /// Scheduler §20.1 and acceptance test 8.
    @Test func thePacedPairIsAnsweredInOrderAndASecondApart() async throws {
        let began = ContinuousClock.now
        let report = try await Scenario(fixture: "paced-pair").run()
        #expect(ContinuousClock.now - began < .seconds(1), "virtual time must not be waited for")
        #expect(report.state == .passed, "\(report.table())")
        #expect(report.exitCode == 0)
        #expect(report.ordering.line == "order: 2 steps, 1 subscriber, 0 inversions   (least gap used 1000 ms)")
        #expect(report.step("a")?.dispatched == .seconds(1))
        #expect(report.step("b")?.dispatched == .seconds(2))
        #expect(report.step("b")?.gap == .seconds(1))
        #expect(report.step("a")?.answer == .accepted(version: 1))
        #expect(report.step("a")?.acked == .seconds(1))
        #expect(report.step("a")?.causeID != nil)
    }

    /// Scheduler §20.6 and acceptance test 12.
    @Test func aSilentDeathIsNoticedAfterOneAndAHalfKeepAlives() async throws {
        let began = ContinuousClock.now
        let report = try await Scenario(fixture: "last-will").run()
        #expect(ContinuousClock.now - began < .seconds(1), "virtual time must not be waited for")
        #expect(report.state == .passed, "\(report.table())")
        #expect(report.duration >= .seconds(15) && report.duration <= .seconds(17), "it took \(report.duration)")
    }

    /// Scheduler §20.2.
    @Test func withoutAGapTheNextUpdateLeavesWhenTheFormerIsAccepted() async throws {
        let report = try await Scenario(fixture: "no-guessing").run()
        #expect(report.state == .passed, "\(report.table())")
        #expect(report.steps.map(\.answer) == [.accepted(version: 1), .accepted(version: 1), .accepted(version: 1)])
        #expect(report.steps.compactMap(\.dispatched) == [.zero, .zero, .zero])
    }

    /// Scheduler §20.4.
    @Test func anAutomaticVersionGetsInWhereAnOldOneIsRefused() async throws {
        let report = try await Scenario(fixture: "optimistic-version").run()
        #expect(report.state == .passed, "\(report.table())")
        #expect(report.step("update4")?.answer == .accepted(version: 3))
    }

    /// Scheduler §9 G6, acceptance test 3.
    @Test(arguments: ["paced-pair", "last-will", "no-guessing", "optimistic-version"])
    func theSameFileTwiceGivesTheSameBytes(_ name: String) async throws {
        let scenario = try Scenario(fixture: name)
        let first = try await scenario.run()
        let second = try await scenario.run()
        #expect(first.json() == second.json())
        #expect(first.table() == second.table())
    }

    @Test func jitterFollowsTheSeed() async throws {
        let scenario = Scenario(
            """
            {"scenario":1,"lanes":{"thing:*":{"jitter":"500ms"}}}
            {"id":"a","update":{"thing":"T","reported":{"n":1}}}
            {"id":"b","update":{"thing":"T","reported":{"n":2}}}
            """)
        let first = try await scenario.run(seed: 1)
        let again = try await scenario.run(seed: 1)
        let other = try await scenario.run(seed: 2)
        #expect(first.json() == again.json())
        #expect(first.steps.map(\.dispatched) != other.steps.map(\.dispatched))
        #expect(other.steps.map(\.id) == ["a", "b"])
    }

    @Test func anOrderThatDoesNotHoldFailsTheRunAndSaysEverything() async throws {
        let report = try await Scenario(
            """
            {"scenario":1}
            {"connect":{"client":"app"}}
            {"sub":{"client":"app","filters":["$aws/things/T/shadow/update/accepted"]}}
            {"id":"a","update":{"thing":"T","reported":{"n":1}}}
            {"id":"b","update":{"thing":"T","reported":{"n":2}}}
            {"id":"proof","order":[{"client":"app","causedBy":"b","topic":"$aws/things/T/shadow/update/accepted"},
                                   {"client":"app","causedBy":"a"}],"from":"start","within":"3s"}
            """
        ).run()
        #expect(report.state == .failed)
        #expect(report.exitCode == 1)
        let failure = try #require(report.failures.first)
        #expect(failure.step == "proof")
        #expect(failure.line == 6)
        #expect(failure.topic == "$aws/things/T/shadow/update/accepted")
        #expect(failure.awaited.contains("caused by b"))
        #expect(failure.awaited.contains("caused by a"))
        #expect(failure.got.contains("too early"))
        #expect(failure.text.contains("line 6"))
        #expect(report.ordering.inversions == 0, "the answers themselves came in order")
    }

    @Test func aRejectedUpdateIsAFailureWithCodeAndMessage() async throws {
        let report = try await Scenario(
            """
            {"scenario":1}
            {"update":{"thing":"T","desired":{"led":"on"}}}
            {"id":"stale","update":{"thing":"T","desired":{"led":"off"},"version":7}}
            """
        ).run()
        #expect(report.exitCode == 1)
        #expect(report.step("stale")?.answer == .rejected(code: 409, message: "Version conflict"))
        #expect(report.failures.first?.got == "rejected 409 \"Version conflict\"")
    }

    @Test func aRejectionThatIsExpectedPasses() async throws {
        let report = try await Scenario(
            """
            {"scenario":1}
            {"connect":{"client":"app","version":"3.1.1"}}
            {"as":"app","get":{"thing":"T"},"expectReject":404}
            {"as":"app","update":{"thing":"T","desired":{"led":"on"}}}
            {"as":"app","update":{"thing":"T","desired":{"led":"on"},"version":7},"expectReject":409}
            """
        ).run()
        #expect(report.state == .passed, "\(report.table())")
    }

    @Test func answersOfAClientsRequestsCarryTheirStep() async throws {
        let report = try await Scenario(
            """
            {"scenario":1}
            {"connect":{"client":"app"}}
            {"connect":{"client":"page","version":"3.1.1"}}
            {"sub":{"client":"page","filters":["$aws/things/T/shadow/#"]}}
            {"id":"a","as":"app","update":{"thing":"T","desired":{"led":"on"}}}
            {"expect":{"client":"page","topic":"$aws/things/T/shadow/update/accepted","causedBy":"a"},"from":"start"}
            {"expect":{"client":"page","topic":"$aws/things/T/shadow/update/delta","causedBy":"a"},"from":"start"}
            {"expect":{"client":"page","topic":"$aws/things/T/shadow/update/documents","causedBy":"a","from":"service"},"from":"start"}
            {"expect":{"client":"page","topic":"$aws/things/T/shadow/update","causedBy":"a","from":"app"},"from":"start"}
            {"expect":{"topic":"$aws/things/T/shadow/update","from":"app"},"from":"start","count":1}
            """
        ).run()
        #expect(report.state == .passed, "\(report.table())")
        #expect(report.ordering.inversionsBySubscriber.map(\.subscriber) == ["page"])
    }

    @Test func aTimeLimitEndsARunThatWouldGoOn() async throws {
        let report = try await Scenario(
            """
            {"scenario":1,"timeLimit":"2s"}
            {"never":{"topic":"a"},"for":"1h"}
            """
        ).run()
        #expect(report.state == .incomplete)
        #expect(report.exitCode == 4)
        #expect(report.duration == .seconds(2))
    }

    @Test func hoursOfVirtualTimePassWithoutWaiting() async throws {
        let began = ContinuousClock.now
        let report = try await Scenario(
            """
            {"scenario":1}
            {"connect":{"client":"app","keepAlive":30}}
            {"wait":"12h","as":"app","pub":{"topic":"late","payload":{"text":"still here"}}}
            """
        ).run()
        #expect(report.state == .passed, "its own pings keep the client connected: \(report.table())")
        #expect(ContinuousClock.now - began < .seconds(5))
    }

    @Test func aCancelledRunEndsInOrder() throws {
        let run = LocalRun(
            try Scenario(
                """
                {"scenario":1,"profile":"plain"}
                {"connect":{"client":"app","will":{"topic":"gone","payload":{"text":"x"}}}}
                {"id":"later","wait":"1h","as":"app","pub":{"topic":"a","payload":1}}
                {"never":{"topic":"gone"},"for":"2h"}
                """
            ).plan(), options: .quiet)
        run.work()
        run.cancel()
        while !run.isFinished {
            run.work()
            if let next = run.nextInstant, !run.isFinished { run.advance(to: next) }
        }
        let report = run.report()
        #expect(report.exitCode == 130)
        #expect(report.step("later")?.state == .cancelled)
        #expect(report.steps.count { $0.state == .failed } == 0, "a clean goodbye publishes no will")
    }

    @Test func onTheRealClockTheSamePlanTakesItsTime() async throws {
        let plan = try Scenario(
            """
            {"scenario":1}
            {"connect":{"client":"app"}}
            {"sub":{"client":"app","filters":["$aws/things/T/shadow/update/accepted"]}}
            {"id":"a","as":"app","update":{"thing":"T","reported":{"n":1}}}
            {"id":"b","as":"app","update":{"thing":"T","reported":{"n":2}},"lane":"private:b","wait":"50ms"}
            {"order":[{"client":"app","causedBy":"a"},{"client":"app","causedBy":"b"}],"from":"start","within":"60s"}
            """
        ).plan(.real)
        let report = await LocalRun.run(plan, options: .quiet)
        #expect(report.state == .passed, "\(report.table())")
        let first = try #require(report.step("a")?.dispatched)
        let second = try #require(report.step("b")?.dispatched)
        #expect(second >= .milliseconds(50))
        #expect(second > first)
        #expect(report.startedAt != nil)
    }
}
