import Testing
import Timeline

@testable import Pacing

/// Quotas of rate: waited for, or gone beyond. Scheduler §12.
@Suite struct QuotaTests {
    private static func quotas(_ mode: QuotaSettings.Mode = .obey, _ limits: QuotaLimits? = nil) -> (inout PlanSettings) -> Void {
        {
            $0.quotas = QuotaSettings(mode, limits: limits)
            $0.slots = 1000
            $0.lanes["*"] = LaneSettings(minGap: .zero, slots: 1000)
        }
    }

    @Test func aConnectionPublishesAsFastAsItsBucketAllows() {
        let steps = (0..<250).map { Step.pub("p\($0)", as: "app", topic: "t/\($0)") }
        let shell = VirtualShell(Plan([.connect("app")] + steps, configure: Self.quotas()))
        let report = shell.run()
        #expect(report.state == .passed)
        let times = report.steps.dropFirst().compactMap(\.dispatched)
        let expected = (0..<250).map { (place: Int) -> Duration in place < 100 ? .zero : ms(Int64(place - 99) * 10) }
        #expect(times == expected)
        #expect(report.step("p249")?.waits.last == Wait(cause: .quota, duration: ms(10)))
        #expect(
            report.quotas == [
                QuotaHeadroom(quota: "publishes per second of a connection", subject: "app", used: 100, limit: 100, at: .zero)
            ])
        var bucket = TokenBucket(capacity: 100, refillPerSecond: 100, now: .zero)
        let isWithin = times.allSatisfy { bucket.take(1, now: .zero + $0) }
        #expect(isWithin)
    }

    @Test func whatIsExceededIsSentAndCounted() {
        let steps = (0..<250).map { Step.pub("p\($0)", as: "app", topic: "t/\($0)") }
        let report = VirtualShell(Plan([.connect("app")] + steps, configure: Self.quotas(.exceed))).run()
        #expect(report.duration == .zero)
        #expect(report.quotas.map(\.used) == [250])
    }

    @Test func eachShadowHasItsRequestsAndEachThingItsUnanswered() {
        let steps = (0..<45).map { Step.update("u\($0)", thing: "T", shadow: $0 % 3 == 0 ? "x" : "y") }
        let limits = QuotaLimits(shadowRequestsPerSecond: 20)
        let report = VirtualShell(Plan(steps, configure: Self.quotas(.obey, limits))).run()
        // 15 of x go at once; of y 20 do, and one more each 50 ms. Those of x behind them in the lane wait for them.
        #expect(report.step("u44")?.dispatched == ms(500))
        #expect(report.quotas.map(\.subject) == ["T/y"])

        let shell = VirtualShell(Plan(steps, configure: Self.quotas(.obey, QuotaLimits(requestsInFlight: 10))))
        shell.respond = { _ in .init(answerDelay: .seconds(1)) }
        let inFlight = shell.run()
        #expect(inFlight.steps.compactMap(\.dispatched) == (0..<45).map { .seconds(Int64($0 / 10)) })
        #expect(inFlight.quotas == [QuotaHeadroom(quota: "unanswered requests of a thing", subject: "T", used: 10, limit: 10, at: .zero)])
    }

    @Test func aRequestThatDoesNotWaitForItsAnswerCountsUntilItComesOrIsOverdue() {
        let steps = (0..<12).map { Step.update("u\($0)").gates(.sent).timeout(.seconds(3)) }
        let shell = VirtualShell(Plan(steps, configure: Self.quotas(.obey, QuotaLimits(requestsInFlight: 10))))
        shell.respond = { .init(answerDelay: $0.id == "u4" ? ms(800) : nil) }
        let report = shell.run()
        #expect(report.dispatched("u9", "u10", "u11") == [.zero, ms(800), .seconds(3)])
    }

    @Test func lanesThatShareAQuotaGoInFileOrder() {
        let steps = (0..<6).map { Step.pub("p\($0)", as: "app").lane("lane\(5 - $0)") }
        let shell = VirtualShell(Plan([.connect("app")] + steps, configure: Self.quotas(.obey, QuotaLimits(publishesPerSecond: 1))))
        let report = shell.run()
        #expect(report.steps.dropFirst().compactMap(\.dispatched) == (0..<6).map { .seconds(Int64($0)) })
        #expect(report.step("p5")?.waits == [Wait(cause: .quota, duration: .seconds(5))])
    }

    @Test func aStepThatIsHeldByMoreLeavesItsTurnToTheNext() {
        let steps = (0..<3).map { Step.pub("p\($0)", as: "app").lane("lane\($0)") }
        let shell = VirtualShell(Plan([.connect("app")] + steps, configure: Self.quotas(.obey, QuotaLimits(publishesPerSecond: 1))))
        shell.schedule(.paused(lane: "lane1"), after: ms(500))
        shell.schedule(.resumed(lane: "lane1", .catchUp), after: ms(1500))
        #expect(shell.run().dispatched("p0", "p1", "p2") == [.zero, .seconds(2), .seconds(1)])
    }

    @Test func aThingThatIsNoClientHasNoPublishesAndThePlainProfileNoQuotas() {
        let steps = (0..<150).map { Step.pub("p\($0)", topic: "t") }
        #expect(VirtualShell(Plan(steps, configure: Self.quotas())).run().duration == .zero)
        let plain = Plan([.connect("app")] + (0..<150).map { Step.pub("p\($0)", as: "app") }) {
            Self.quotas()(&$0)
            $0.profile = .plain
        }
        let report = VirtualShell(plain).run()
        #expect(report.duration == .zero)
        #expect(report.quotas.isEmpty)
    }
}
