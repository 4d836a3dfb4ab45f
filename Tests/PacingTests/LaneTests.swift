import Pacing
import Testing
import Timeline

/// Lanes, barriers, `after` and what a failure does to the rest. Scheduler §5, §7, §11.
@Suite struct LaneTests {
    @Test func shadowsOfOneThingShareALaneAndThingsDoNot() throws {
        let report = try VirtualShell(
            """
            {"scenario":1}
            {"id":"a","update":{"thing":"T1","shadow":"s1","reported":{}}}
            {"id":"b","update":{"thing":"T1","shadow":"s2","reported":{}}}
            {"id":"c","update":{"thing":"T2","reported":{}}}
            """
        ).run()
        #expect(report.steps.map(\.lane) == ["thing:T1", "thing:T1", "thing:T2"])
        #expect(report.steps.map(\.dispatched) == [.zero, .seconds(1), .zero])
    }

    @Test(arguments: [
        ("thing", ["client:app", "client:app", "thing:T", "thing:T"]), ("shadow", ["client:app", "client:app", "shadow:T/s", "shadow:T"]),
        ("topic", ["client:app", "topic:x/y", "topic:$aws/things/T/shadow/name/s/update", "topic:$aws/things/T/shadow/get"]),
        ("client", ["client:app", "client:app", "client:app", "client:service"]), ("none", ["step:c", "step:p", "step:u", "step:g"]),
        ("one", ["one", "one", "one", "one"]),
    ])
    func laneByChoosesTheLane(_ rule: String, _ lanes: [String]) throws {
        let report = try VirtualShell(
            """
            {"scenario":1,"laneBy":"\(rule)"}
            {"id":"c","connect":{"client":"app"}}
            {"id":"p","as":"app","pub":{"topic":"x/y","payload":1}}
            {"id":"u","as":"app","update":{"thing":"T","shadow":"s","reported":{}}}
            {"id":"g","get":{"thing":"T"}}
            """
        ).run()
        #expect(report.steps.map(\.lane) == lanes)
    }

    @Test func theMostSpecificLaneSettingWins() throws {
        let report = try VirtualShell(
            """
            {"scenario":1,"lanes":{"thing:*":{"minGap":"5s"},"thing:T*":{"minGap":"3s"},"thing:T1":{"settle":"2s"},"*":{"minGap":"9s"}}}
            {"id":"a","update":{"thing":"T1","reported":{}}}
            {"id":"b","update":{"thing":"T1","reported":{}}}
            {"id":"c","update":{"thing":"X","reported":{}}}
            {"id":"d","update":{"thing":"X","reported":{}}}
            """
        ).run()
        #expect(report.step("b")?.gap == .seconds(3))
        #expect(report.step("d")?.gap == .seconds(5))
    }

    @Test func nothingBehindABarrierGoesBeforeItSettles() throws {
        let text = """
            {"scenario":1}
            {"id":"c","connect":{"client":"app"}}
            {"id":"s","sub":{"client":"app","filters":["#"]}}
            {"id":"u","update":{"thing":"T","reported":{}}}
            """
        func report(_ text: String) throws -> RunReport {
            let shell = try VirtualShell(text)
            shell.connectDelay = { _ in .milliseconds(30) }
            shell.subscribeDelay = .milliseconds(12)
            return shell.run()
        }
        let held = try report(text)
        #expect(held.step("u")?.dispatched == .milliseconds(42))
        #expect(held.step("u")?.waits == [Wait(cause: .after, duration: .milliseconds(42))])
        let free = try report(text.replacing("\"sub\"", with: "\"barrier\":false,\"sub\""))
        #expect(free.step("u")?.dispatched == .milliseconds(30))
    }

    @Test func afterTiesStepsAcrossLanes() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"id":"a","update":{"thing":"T1","reported":{}}}
            {"id":"b","update":{"thing":"T2","reported":{}},"after":{"a":"250ms"}}
            {"id":"c","note":"seen","after":["b"]}
            """)
        shell.respond = { _ in .init(answerDelay: .milliseconds(100)) }
        let report = shell.run()
        #expect(report.step("b")?.dispatched == .milliseconds(350))
        #expect(report.step("b")?.waits == [Wait(cause: .after, duration: .milliseconds(350))])
        #expect(report.step("c")?.ended == .milliseconds(450))
        #expect(shell.notes == ["seen"])
    }

    @Test func aStepAfterAnExpectationWaitsForIt() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"id":"e","expect":{"topic":"go"},"within":"5s"}
            {"id":"u","update":{"thing":"T","reported":{}},"after":"e"}
            """)
        shell.start()
        shell.schedule(.observed(ObservedMessage(topic: "go", payload: [])), after: .seconds(3))
        while !shell.isFinished, shell.turn() {}
        #expect(shell.report.step("u")?.dispatched == .seconds(3))
    }

    @Test func aLanesSettingsChangeWhileItRuns() {
        let shell = VirtualShell(Plan((0..<6).map { Step.update("u\($0)") }))
        shell.schedule(.laneChanged("thing:T", LaneSettings(minGap: ms(100))), after: ms(1500))
        shell.schedule(.laneChanged("thing:*", LaneSettings(minGap: .seconds(9), slots: 4)), after: ms(1600))
        let report = shell.run()
        #expect(report.steps.map(\.dispatched) == [0, 1000, 1500, 1600, 1700, 1800].map { ms($0) })
    }

    @Test func theLanesCanBeLookedAt() {
        let shell = VirtualShell(
            Plan([.update("a"), .update("b"), .update("c", thing: "X").timeout(.seconds(1)), .update("d", thing: "X")]))
        shell.respond = { _ in .init(answerDelay: nil) }
        shell.start()
        shell.feed(.paused(lane: "thing:Z"))
        shell.run(until: .seconds(2))
        #expect(shell.lanes.map(\.key) == ["thing:T", "thing:X", "thing:Z"])
        #expect(shell.lanes.map(\.waiting) == [1, 0, 0])
        #expect(shell.lanes.map(\.inFlight) == [1, 0, 0])
        #expect(shell.lanes.map(\.lastDispatch) == [.zero, .zero, nil])
        #expect(shell.lanes.map(\.isPaused) == [false, false, true])
        #expect(shell.lanes.map(\.stopped) == [nil, "step c (line 4) failed", nil])
        #expect(shell.lanes.first?.settings.minGap == .seconds(1))
    }

    // MARK: Failures

    private static let failing = """
        {"scenario":1}
        {"id":"a","update":{"thing":"T1","reported":{}}POLICY}
        {"id":"b","update":{"thing":"T1","reported":{}}}
        {"id":"c","at":"3s","update":{"thing":"T2","reported":{}}}
        {"id":"d","at":"3s","update":{"thing":"T2","reported":{}},"after":["a"]}
        """

    @Test(arguments: [
        ("", [StepRecord.State.failed, .skipped, .settled, .skipped]),
        (",\"onFail\":\"continue\"", [.failed, .settled, .settled, .settled]),
        (",\"onFail\":\"stopRun\"", [.failed, .skipped, .skipped, .skipped]),
    ])
    func aFailureStopsItsLaneOrNothingOrTheRun(_ policy: String, _ states: [StepRecord.State]) throws {
        let shell = try VirtualShell(Self.failing.replacing("POLICY", with: policy))
        shell.respond = { .init(answer: $0.id == "a" ? .rejected(code: 400, message: "Bad") : .accepted(version: 1)) }
        let report = shell.run()
        #expect(report.steps.map(\.state) == states)
        #expect(report.state == .failed)
    }

    @Test func whatWaitsForAFailedStepSaysSo() throws {
        let shell = try VirtualShell(Self.failing.replacing("POLICY", with: ""))
        shell.respond = { .init(answer: $0.id == "a" ? .rejected(code: 400, message: "Bad") : .accepted(version: 1)) }
        let report = shell.run()
        #expect(report.step("b")?.detail == "step a (line 2) failed")
        #expect(report.step("d")?.detail == "it waits for step a, which failed")
    }

    @Test func aClientThatDoesNotGetInStopsWhatComesBehindItAndExitsWithThree() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"id":"c","connect":{"client":"app"}}
            {"id":"u","update":{"thing":"T","reported":{}}}
            {"id":"e","expect":{"topic":"x"}}
            """)
        shell.refusal = { _ in ConnectRefusal(code: 0x87, text: "not authorised; check the policy") }
        let report = shell.run()
        #expect(report.steps.map(\.state) == [.failed, .skipped, .skipped])
        #expect(report.exitCode == 3)
        #expect(report.step("c")?.failure?.got == "CONNACK 0x87: not authorised; check the policy")
        #expect(shell.publishes.isEmpty)
    }

    @Test func aStepWaitsForItsPublisherAndThenFails() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"id":"c","connect":{"client":"app"},"barrier":false,"timeout":"60s"}
            {"id":"u","at":"1s","as":"app","update":{"thing":"T","reported":{}},"timeout":"2s"}
            """)
        shell.connectDelay = { _ in .seconds(10) }
        let report = shell.run()
        #expect(report.step("u")?.ended == .seconds(3))
        #expect(report.step("u")?.failure?.got.hasPrefix("its publisher app was not connected for 2 s") == true)
        shell.connectDelay = { _ in .seconds(2) }
        let other = try VirtualShell(
            """
            {"scenario":1}
            {"id":"c","connect":{"client":"app"},"barrier":false}
            {"id":"u","at":"1s","as":"app","update":{"thing":"T","reported":{}}}
            """)
        other.connectDelay = { _ in .seconds(2) }
        let waited = other.run()
        #expect(waited.step("u")?.dispatched == .seconds(2))
        #expect(waited.step("u")?.waits == [Wait(cause: .publisher, duration: .seconds(1))])
    }

    @Test func aRefusedFilterFailsTheSubscription() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"connect":{"client":"app"}}
            {"id":"s","sub":{"client":"app","filters":["ok","secret/#"]}}
            """)
        shell.grantedCodes = [1, 0x87]
        #expect(shell.run().step("s")?.failure?.got == "the filter secret/# was refused with reason code 0x87")
    }

    @Test func aCancelledRunLetsWhatIsInFlightSettleForASecond() throws {
        for (delay, state) in [(Duration.milliseconds(900), StepRecord.State.settled), (.milliseconds(3000), .failed)] {
            let shell = try VirtualShell(
                """
                {"scenario":1}
                {"connect":{"client":"app"}}
                {"id":"u","as":"app","update":{"thing":"T","reported":{}}}
                {"id":"v","as":"app","update":{"thing":"T","reported":{}}}
                """)
            shell.respond = { _ in .init(answerDelay: delay) }
            shell.onAction = { [unowned shell] action, _ in
                if case .publish = action { shell.schedule(.cancelled, after: .milliseconds(1)) }
            }
            let report = shell.run()
            #expect(report.step("u")?.state == state)
            #expect(report.step("v")?.state == .cancelled)
            #expect(report.state == .cancelled)
            #expect(report.exitCode == 130)
            let closed = shell.actions.contains { if case .close(nil, "app", _) = $0.action { true } else { false } }
            #expect(closed)
        }
    }

    @Test func theTimeLimitEndsTheRunAsIncomplete() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1,"timeLimit":"2s"}
            {"id":"u","at":"1s","update":{"thing":"T","reported":{}}}
            {"id":"v","at":"10s","update":{"thing":"T","reported":{}}}
            """)
        shell.respond = { _ in .init(answerDelay: nil) }
        let report = shell.run()
        #expect(report.duration == .seconds(2))
        #expect(report.steps.map(\.state) == [.failed, .cancelled])
        #expect(report.exitCode == 4)
    }
}
