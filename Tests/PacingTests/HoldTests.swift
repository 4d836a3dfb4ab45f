import Pacing
import Testing
import Timeline

/// Pause, resume, step, breakpoints, seek and cancel. Scheduler §10.
@Suite struct HoldTests {
    @Test func whatIsInFlightSettlesDuringAPauseAndNothingNewGoes() {
        let shell = VirtualShell(Plan([.update("a"), .update("b", at: .seconds(1)), .note("n", at: .seconds(2))]))
        shell.respond = { _ in .init(answerDelay: ms(700)) }
        shell.start()
        shell.schedule(.paused(lane: nil), after: ms(500))
        shell.run(until: .seconds(5))
        #expect(shell.report.step("a")?.ended == ms(700))
        #expect(shell.publishes.count == 1 && shell.notes.isEmpty)
        #expect(shell.isPaused)
        shell.feed(.resumed(lane: nil, .shift))
        while !shell.isFinished, shell.turn() {}
        #expect(shell.report.step("b")?.dispatched == ms(5500))
        #expect(shell.report.step("b")?.lateness == .zero)
        #expect(shell.report.step("n")?.ended == ms(6500))
    }

    @Test func oneLaneCanBePausedAlone() {
        let shell = VirtualShell(
            Plan([.update("a", thing: "A"), .update("a2", at: .seconds(2), thing: "A"), .update("b", at: .seconds(1), thing: "B")]))
        shell.schedule(.paused(lane: "thing:A"), after: ms(500))
        shell.schedule(.resumed(lane: "thing:A", .shift), after: ms(4500))
        let report = shell.run()
        #expect(report.dispatched("a", "b", "a2") == [.zero, .seconds(1), .seconds(6)])
        let other = VirtualShell(Plan([.update("a", at: .seconds(2), thing: "A")]))
        other.schedule(.paused(lane: "thing:A"), after: ms(500))
        other.schedule(.resumed(lane: "thing:A", .catchUp), after: ms(4500))
        #expect(other.run().step("a")?.waits == [Wait(cause: .paused, duration: ms(2500))])
    }

    @Test func theWaitAfterAStepIsInterruptedByAPauseThatShifts() {
        for (rule, dispatched) in [(ResumeRule.shift, Duration.seconds(7)), (.catchUp, .seconds(3))] {
            let shell = VirtualShell(Plan([.update("a"), .update("b", thing: "B").after(0, delay: .seconds(3))]))
            shell.schedule(.paused(lane: nil), after: .seconds(1))
            shell.schedule(.resumed(lane: nil, rule), after: .seconds(5))
            let expected = rule == .shift ? dispatched : .seconds(5)
            #expect(shell.run().step("b")?.dispatched == expected)
        }
    }

    @Test func steppingDispatchesExactlyTheNextStepAndPausesAgain() {
        let steps = [Step.update("a"), .update("b", thing: "B"), .update("c", at: .seconds(3)), .update("d", at: .seconds(3), thing: "D")]
        let shell = VirtualShell(Plan(steps))
        shell.schedule(.paused(lane: nil), after: .zero)
        shell.start()
        shell.run(until: .zero)
        #expect(shell.publishes.map(\.publish.id) == ["a", "b"])
        shell.run(until: .seconds(10))
        shell.feed(.steppedOnce)
        shell.run(until: .seconds(20))
        // It waited for its planned time: three seconds of the scenario after the pause at 0.
        #expect(shell.publishes.map(\.publish.id) == ["a", "b", "c"])
        #expect(shell.report.step("c")?.dispatched == .seconds(13))
        #expect(shell.pauses == ["c"])
        shell.feed(.steppedOnce)
        shell.run(until: .seconds(30))
        #expect(shell.publishes.map(\.publish.id) == ["a", "b", "c", "d"])
        #expect(shell.isFinished)
    }

    @Test func aRunStopsBeforeAStepAndAtAMarkThatAreBreakpoints() {
        var options = PlanEngine.Options()
        options.breakpoints = ["b", "half"]
        let steps = [Step.update("a"), .update("b", at: .seconds(1)), .mark("half", at: .seconds(2)), .update("c", at: .seconds(3))]
        let shell = VirtualShell(Plan(steps), options: options)
        shell.onAction = { [unowned shell] action, _ in
            if case .paused = action { shell.schedule(.resumed(lane: nil, .shift), after: .seconds(10)) }
        }
        let report = shell.run()
        #expect(shell.pauses == ["b", "half"])
        #expect(report.dispatched("a", "b", "c") == [.zero, .seconds(11), .seconds(23)])
        #expect(report.state == .passed)
    }

    @Test func seekingAMarkSkipsWhatComesBeforeButNotTheClients() {
        var options = PlanEngine.Options()
        options.seek = "here"
        let steps: [Step] = [
            .connect("app"), .update("a", at: .seconds(1), as: "app"), .subscribe("app", "x/+"),
            .clock("c", at: .seconds(5), .speed(.max)), .mark("here", at: .seconds(100)),
            .update("b", at: .seconds(101), as: "app").after(1),
        ]
        let shell = VirtualShell(Plan(steps), options: options)
        shell.connectDelay = { _ in ms(20) }
        let report = shell.run()
        #expect(report.steps.map(\.state) == [.settled, .skipped, .settled, .skipped, .settled, .settled])
        #expect(report.step("a")?.detail == "the run begins at the mark \"here\"")
        #expect(report.step("b")?.dispatched == .seconds(1))
        #expect(report.step("b")?.planned == .seconds(101))
        #expect(report.state == .passed)
    }

    @Test func aMarkThatIsNotThereFailsTheRun() {
        var options = PlanEngine.Options()
        options.seek = "nowhere"
        let shell = VirtualShell(Plan([.update("a")]), options: options)
        #expect(shell.run().state == .failed)
        #expect(shell.notes.first?.contains("no mark \"nowhere\"") == true)
    }

    @Test func aPublisherThatIsMissingDuringAPauseIsNotMissed() {
        let shell = VirtualShell(Plan([.pub("p", as: "app").timeout(.seconds(2))]))
        shell.schedule(.paused(lane: nil), after: .seconds(1))
        shell.schedule(.resumed(lane: nil, .shift), after: .seconds(10))
        #expect(shell.run().step("p")?.ended == .seconds(12))
    }

    @Test func aCancelledRunEndsWhileItIsPaused() {
        let shell = VirtualShell(Plan([.update("a"), .update("b", at: .seconds(5))]))
        shell.schedule(.paused(lane: nil), after: .seconds(1))
        shell.schedule(.cancelled, after: .seconds(2))
        let report = shell.run()
        #expect(report.state == .cancelled)
        #expect(report.duration == .seconds(2))
        #expect(report.step("b")?.state == .cancelled)
    }

    // MARK: The clock

    @Test func aChangeOfSpeedRescalesWhatComesAfter() {
        let steps: [Step] = [
            .update("a"), .clock("c", at: .seconds(2), .speed(.times(2, per: 1))), .update("b", at: .seconds(4)),
            .update("d", at: .seconds(4)),
        ]
        let shell = VirtualShell(Plan(steps))
        shell.respond = { _ in .init(answerDelay: ms(100)) }
        let report = shell.run()
        #expect(report.dispatched("a", "c", "b", "d") == [.zero, .seconds(2), .seconds(3), ms(3500)])
        #expect(report.step("c")?.lane == "clock")
    }

    @Test func movingTheClockIsNoneOfTheScenariosTime() {
        let steps: [Step] = [
            .update("a"), .clock("c", at: .seconds(1), .advance(.seconds(3600))), .update("b", at: .seconds(2), thing: "B"),
            .expect("e", at: .seconds(3), topic: "never"),
        ]
        let shell = VirtualShell(Plan(steps))
        shell.respond = { _ in .init(answerDelay: .seconds(2)) }
        let report = shell.run()
        #expect(report.step("a")?.ended == .seconds(2))
        #expect(report.step("c")?.dispatched == .seconds(1))
        #expect(report.step("c")?.ended == .seconds(3601))
        #expect(report.step("b")?.dispatched == .seconds(3602))
        #expect(report.step("e")?.ended == .seconds(3604))
        #expect(report.step("b")?.lateness == .zero)
    }

    @Test func aRealClockCannotBeMoved() {
        let shell = VirtualShell(Plan([.clock("c", .advance(.seconds(1)))]) { $0.clock = .real })
        let failure = shell.run().step("c")?.failure
        #expect(failure?.awaited == "a clock that moves on by 1 s")
        #expect(failure?.got == "the clock is not virtual and cannot be moved; give the plan \"clock\": \"virtual\"")
    }
}
