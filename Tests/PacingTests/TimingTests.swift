import Pacing
import Testing
import Timeline

/// Scheduler §4, acceptance test 1.
@Suite struct TimingTests {
    private static let table = """
        {"scenario":1}
        {"id":"k1","at":0,"update":{"thing":"T","reported":{}}}
        {"id":"k2","at":1,"update":{"thing":"T","reported":{}}}
        {"id":"k3","at":2,"update":{"thing":"T","reported":{}}}
        {"id":"k4","at":3,"update":{"thing":"T","reported":{}}}
        """

    @Test func theTableOfTheTimingRuleHoldsToTheNanosecond() throws {
        let shell = try VirtualShell(Self.table)
        let delays: [Duration] = [.milliseconds(100), .milliseconds(1400), .milliseconds(100), .milliseconds(100)]
        shell.respond = { .init(answerDelay: delays[$0.step.rawValue]) }
        let report = shell.run()
        #expect(report.state == .passed)
        #expect(report.steps.map(\.dispatched) == [.zero, .seconds(1), .milliseconds(2400), .milliseconds(3400)])
        #expect(report.steps.map(\.ended) == [100, 2400, 2500, 3500].map { .milliseconds($0) })
        #expect(report.steps.map(\.lateness) == [.zero, .zero, .milliseconds(400), .milliseconds(400)])
        #expect(report.steps.map(\.gap) == [nil, .seconds(1), .milliseconds(1400), .seconds(1)])
        #expect(report.step("k3")?.waits == [Wait(cause: .slot, duration: .milliseconds(400))])
        #expect(report.step("k4")?.waits == [Wait(cause: .gap, duration: .milliseconds(400))])
    }

    @Test func settleCountsFromTheEndOfTheFormerStep() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1,"lanes":{"thing:*":{"minGap":0,"settle":"300ms"}}}
            {"id":"a","update":{"thing":"T","reported":{}}}
            {"id":"b","update":{"thing":"T","reported":{}}}
            """)
        shell.respond = { _ in .init(answerDelay: .milliseconds(50)) }
        let report = shell.run()
        #expect(report.step("b")?.dispatched == .milliseconds(350))
        #expect(
            report.step("b")?.waits == [
                Wait(cause: .slot, duration: .milliseconds(50)), Wait(cause: .settle, duration: .milliseconds(300)),
            ])
    }

    @Test func severalSlotsLetStepsOverlapAndKeepTheirOrder() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1,"lanes":{"thing:*":{"minGap":"10ms","slots":2}}}
            {"id":"a","update":{"thing":"T","reported":{}}}
            {"id":"b","update":{"thing":"T","reported":{}}}
            {"id":"c","update":{"thing":"T","reported":{}}}
            """)
        shell.respond = { _ in .init(answerDelay: .seconds(1)) }
        let report = shell.run()
        #expect(report.steps.map(\.dispatched) == [.zero, .milliseconds(10), .seconds(1)])
        #expect(
            report.step("c")?.waits == [Wait(cause: .lane, duration: .milliseconds(10)), Wait(cause: .slot, duration: .milliseconds(990))])
    }

    @Test func theRunHasSlotsOfItsOwn() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1,"slots":1}
            {"id":"a","update":{"thing":"T1","reported":{}}}
            {"id":"b","update":{"thing":"T2","reported":{}}}
            {"id":"c","update":{"thing":"T3","reported":{}}}
            """)
        shell.respond = { _ in .init(answerDelay: .milliseconds(20)) }
        let report = shell.run()
        #expect(report.steps.map(\.dispatched) == [.zero, .milliseconds(20), .milliseconds(40)])
        #expect(report.step("c")?.waits == [Wait(cause: .slot, duration: .milliseconds(40))])
    }

    @Test(arguments: [("2", 500, 500), ("0.5", 2000, 2000), ("\"max\"", 0, 0), ("100", 10, 20)])
    func speedDividesTimesAndGapsAlike(_ speed: String, _ planned: Int64, _ gap: Int64) throws {
        let floor = speed == "100" ? ",\"wallFloor\":\"20ms\"" : ""
        let shell = try VirtualShell(
            """
            {"scenario":1,"speed":\(speed)\(floor)}
            {"id":"a","at":"1s","update":{"thing":"T","reported":{}}}
            {"id":"b","at":"1s","update":{"thing":"T","reported":{}}}
            """)
        let report = shell.run()
        #expect(report.step("a")?.dispatched == .milliseconds(planned))
        #expect(report.step("b")?.gap == .milliseconds(gap))
    }

    @Test func theGapCountsFromWhenThePacketWentOut() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"id":"a","update":{"thing":"T","reported":{}}}
            {"id":"b","update":{"thing":"T","reported":{}}}
            """)
        shell.respond = { .init(sendDelay: $0.id == "a" ? .milliseconds(30) : .zero) }
        let report = shell.run()
        #expect(report.step("a")?.dispatched == .milliseconds(30))
        #expect(report.step("a")?.waits == [Wait(cause: .clock, duration: .milliseconds(30))])
        #expect(report.step("b")?.dispatched == .milliseconds(1030))
        #expect(report.step("b")?.gap == .seconds(1))
    }

    @Test func timesThatGoBackwardsInALaneAreSorted() throws {
        let report = try VirtualShell(
            """
            {"scenario":1}
            {"id":"late","at":"5s","update":{"thing":"T","reported":{}}}
            {"id":"early","at":"1s","update":{"thing":"T","reported":{}}}
            """
        ).run()
        #expect(report.step("early")?.dispatched == .seconds(1))
        #expect(report.step("late")?.dispatched == .seconds(5))
    }

    @Test func aPureWaitMovesTheTimeLine() throws {
        let plan = try Plan.parse(
            """
            {"scenario":1}
            {"at":"1s","note":"a"}
            {"wait":"2s"}
            {"note":"b"}   {"wait":"500ms","note":"c"}
            """)
        #expect(plan.steps.map(\.planned) == [.seconds(1), .seconds(3), .milliseconds(3500)])
    }
}
