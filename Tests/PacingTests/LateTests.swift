import Pacing
import Testing
import Timeline

/// Late policies, pauses and what moves the time line. Scheduler §10, acceptance test 5.
@Suite struct LateTests {
    /// Steps at 0, 2, 4, 6 and 20 s; the run is paused from 1 s to 11 s.
    private static func run(_ policy: LatePolicy, _ rule: ResumeRule = .catchUp, grace: Duration = .zero) -> RunReport {
        let steps = [0, 2, 4, 6, 20].map { Step.update("at \($0)", at: .seconds($0)) }
        let shell = VirtualShell(
            Plan(steps) {
                $0.defaults.late = policy
                $0.defaults.lateGrace = grace
            })
        shell.schedule(.paused(lane: nil), after: .seconds(1))
        shell.schedule(.resumed(lane: nil, rule), after: .seconds(11))
        return shell.run()
    }

    private static func seconds(_ report: RunReport) -> [Int64?] { report.steps.map { $0.dispatched.map { $0.components.seconds } } }

    @Test func keepRunsWhatIsLateAsSoonAsTheGapAllows() {
        let report = Self.run(.keep)
        #expect(Self.seconds(report) == [0, 11, 12, 13, 20])
        #expect(report.step("at 4")?.base == .seconds(4))
        #expect(
            report.step("at 4")?.waits == [Wait(cause: .paused, duration: .seconds(7)), Wait(cause: .gap, duration: .seconds(1))])
    }

    @Test func shiftKeepsTheSpacingOfWhatComesAfter() {
        let report = Self.run(.shift)
        #expect(Self.seconds(report) == [0, 11, 13, 15, 29])
        #expect(report.step("at 2")?.lateness == .seconds(9))
        #expect(report.step("at 20")?.lateness == .zero)
        #expect(report.step("at 20")?.base == .seconds(29))
    }

    @Test func skipLeavesOutWhatIsLate() {
        let report = Self.run(.skip)
        #expect(Self.seconds(report) == [0, nil, nil, nil, 20])
        #expect(report.step("at 4")?.state == .skipped)
        #expect(report.step("at 4")?.detail == "late by 7 s")
        #expect(report.state == .passed)
    }

    @Test func failFailsTheRun() {
        let report = Self.run(.fail)
        #expect(report.state == .failed)
        #expect(report.steps.map(\.state) == [.settled, .failed, .skipped, .skipped, .skipped])
        let failure = report.step("at 2")?.failure
        #expect(failure?.got == "it was due at 2 s and could only go 9 s later (late policy fail)")
        #expect(failure?.line == 3)
    }

    @Test func aGraceLetsThemBeALittleLate() {
        #expect(Self.seconds(Self.run(.skip, grace: .seconds(7))) == [0, nil, 11, 12, 20])
    }

    @Test(arguments: LatePolicy.allCases)
    func aPauseThatShiftsMakesNothingLate(_ policy: LatePolicy) {
        let report = Self.run(policy, .shift)
        #expect(Self.seconds(report) == [0, 12, 14, 16, 30])
        #expect(report.steps.allSatisfy { $0.lateness == .zero })
    }

    @Test func aStepsOwnPolicyGoesBeforeThatOfItsLane() {
        let shell = VirtualShell(
            Plan([.update("a"), .update("b", at: .seconds(1)).late(.skip), .update("c", at: .seconds(2))]) {
                $0.lanes["thing:*"] = LaneSettings(late: .shift)
            })
        shell.respond = { .init(answerDelay: $0.id == "a" ? .seconds(3) : .zero) }
        let report = shell.run()
        #expect(report.step("b")?.state == .skipped)
        #expect(report.dispatched("a", "c") == [.zero, .seconds(3)])
        #expect(shell.report.step("c")?.lateness == .seconds(1))
    }

    @Test func thePlansSkipIsNotForItsClients() {
        let shell = VirtualShell(
            Plan([.update("a"), .connect("app", id: "c").lane("thing:T"), .pub("p", as: "app")]) { $0.defaults.late = .skip })
        #expect(shell.run().steps.map(\.state) == [.settled, .settled, .skipped])
    }

    @Test func atMaximumSpeedNothingIsLate() {
        let shell = VirtualShell(
            Plan([.update("a"), .update("b", at: .seconds(1))]) {
                $0.speed = .max
                $0.defaults.late = .fail
            })
        shell.respond = { _ in .init(answerDelay: .seconds(3)) }
        #expect(shell.run().state == .passed)
    }

    @Test func aRealClocksTimersMayFireLate() {
        for (lateness, isSkipped) in [(ms(49), false), (ms(51), true)] {
            let shell = VirtualShell(
                Plan([.update("a", at: .seconds(1))]) {
                    $0.clock = .real
                    $0.defaults.late = .skip
                })
            shell.start()
            shell.sleep(.seconds(1) + lateness)
            while !shell.isFinished, shell.turn() {}
            #expect((shell.report.step("a")?.state == .skipped) == isSkipped)
        }
    }
}
