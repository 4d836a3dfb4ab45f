import Sessions
import Testing
import Timeline

@Suite("Quotas of one holder")
struct QuotaTests {
    private static func at(_ duration: Duration) -> Instant { .zero + duration }
    private static let refused = QuotaRuling.exceeded(isRefused: true, begins: true)
    private static let refusedAgain = QuotaRuling.exceeded(isRefused: true, begins: false)

    @Test func aSecondsWorthPassesAtOnceAndTheNextOneWhenItHasGrown() {
        var meter = QuotaMeter(Quota(.enforce, limit: 4), now: .zero)
        for _ in 1...4 { #expect(meter.charge(now: .zero) == .within) }
        #expect(meter.charge(now: .zero) == Self.refused)
        #expect(meter.charge(now: Self.at(.nanoseconds(249_999_999))) == Self.refusedAgain)
        #expect(meter.charge(now: Self.at(.milliseconds(250))) == .within)
        #expect(meter.charge(now: Self.at(.milliseconds(250))) == Self.refusedAgain)
    }

    @Test func warningRefusesNothingAndBeginsAfreshAfterAMinuteOfRest() {
        var meter = QuotaMeter(Quota(.warn, limit: 1), now: .zero)
        let first = QuotaRuling.exceeded(isRefused: false, begins: true)
        let further = QuotaRuling.exceeded(isRefused: false, begins: false)
        #expect(meter.charge(now: .zero) == .within)
        #expect(meter.charge(now: .zero) == first)
        #expect(meter.charge(now: Self.at(.milliseconds(999))) == further)
        #expect(meter.charge(now: Self.at(.seconds(1))) == .within)
        #expect(meter.charge(now: Self.at(.milliseconds(60_998))) == .within)
        #expect(meter.charge(now: Self.at(.milliseconds(60_998))) == further, "59.999 s after the last")
        #expect(meter.charge(now: Self.at(.seconds(200))) == .within)
        #expect(meter.charge(now: Self.at(.seconds(200))) == first)
    }

    @Test func warningGoesByTheDocumentedNumberAndEnforcingByTheOneSeen() {
        for (mode, count) in [(QuotaMode.warn, 2), (.enforce, 5)] {
            var meter = QuotaMeter(Quota(mode, limit: 2, enforcedLimit: 5), now: .zero)
            for _ in 1...count { #expect(meter.charge(now: .zero) == .within) }
            #expect(meter.charge(now: .zero) == .exceeded(isRefused: mode == .enforce, begins: true))
        }
    }

    @Test func offMeasuresNothing() {
        var meter = QuotaMeter(Quota(.off, limit: 1), now: .zero)
        for _ in 1...10 { #expect(meter.charge(now: .zero) == .within) }
        #expect(ConnectionQuotas(ServiceQuotas(all: .off), now: .zero) == nil)
    }

    @Test(arguments: [false, true])
    func directionsHaveAnAllowanceEachOrOneTogether(together: Bool) throws {
        var rules = ServiceQuotas(all: .off)
        rules.publishRate = Quota(.enforce, limit: 2)
        rules.switches.countsDirectionsTogether = together
        let quotas = try #require(ConnectionQuotas(rules, now: .zero))
        #expect(quotas.publishReceived(now: .zero) == .within)
        #expect(quotas.publishReceived(now: .zero) == .within)
        #expect(quotas.publishReceived(now: .zero) == Self.refused)
        #expect(quotas.publishIsDue(now: .zero) == (together ? Self.refusedAgain : .within))
    }

    @Test func inFlightCountsFromTheBeginningToTheEnd() {
        var meter = InFlightMeter()
        let quota = Quota(.enforce, limit: 2)
        #expect(meter.enter(quota, now: .zero) == .within)
        #expect(meter.enter(quota, now: .zero) == .within)
        #expect(meter.enter(quota, now: .zero) == Self.refused)
        #expect(meter.count == 2, "what was refused is not in flight")
        meter.leave()
        #expect(meter.enter(quota, now: .zero) == .within)
        #expect(meter.enter(Quota(.warn, limit: 2), now: .zero) == .exceeded(isRefused: false, begins: false))
        #expect(meter.count == 3, "what is let through is")
        #expect(!meter.isAtRest(now: Self.at(.seconds(100))))
        for _ in 1...3 { meter.leave() }
        #expect(!meter.isAtRest(now: Self.at(.seconds(59))))
        #expect(meter.isAtRest(now: Self.at(.seconds(60))))
    }

    @Test func throughputDelaysUntilWhatWasTakenIsPaidFor() {
        var meter = ThroughputMeter(Quota(.enforce, limit: 1000), now: .zero)
        #expect(meter.allowance(now: .zero) == 1000)
        #expect(meter.received(1000, now: .zero) == .none)
        #expect(meter.received(250, now: .zero) == .delay(until: Self.at(.milliseconds(250)), begins: true))
        #expect(meter.allowance(now: Self.at(.milliseconds(249))) == nil)
        #expect(meter.resumed(now: Self.at(.milliseconds(200))) == Self.at(.milliseconds(250)))
        #expect(meter.resumed(now: Self.at(.milliseconds(250))) == nil)
        #expect(meter.allowance(now: Self.at(.milliseconds(250))) == 0)
        #expect(meter.received(1, now: Self.at(.milliseconds(250))) == .delay(until: Self.at(.milliseconds(251)), begins: false))
    }

    @Test func aPacketLargerThanASecondsWorthIsPaidInParts() {
        var meter = ThroughputMeter(Quota(.enforce, limit: 1000), now: .zero)
        #expect(meter.received(2500, now: .zero) == .delay(until: Self.at(.seconds(1)), begins: true))
        #expect(meter.resumed(now: Self.at(.seconds(1))) == Self.at(.milliseconds(1500)))
        #expect(meter.resumed(now: Self.at(.milliseconds(1500))) == nil)
    }

    @Test func throughputOnlyWarns() {
        var meter = ThroughputMeter(Quota(.warn, limit: 1000), now: .zero)
        #expect(meter.received(900, now: .zero) == .none)
        #expect(meter.received(101, now: .zero) == .exceeded(begins: true))
        #expect(meter.received(100, now: .zero) == .none, "what goes beyond is not charged")
        #expect(meter.allowance(now: .zero) == .max)
    }

    @Test func holdersAtRestAreForgotten() {
        var table = QuotaTable<Int, QuotaMeter>()
        let quota = Quota(.enforce, limit: 1)
        func charge(_ holder: Int, at instant: Instant) -> QuotaRuling {
            table.update(holder, fresh: QuotaMeter(quota, now: instant), now: instant) { $0.charge(now: instant) }
        }
        #expect(charge(-1, at: .zero) == .within)
        #expect(charge(-1, at: .zero) == Self.refused)
        for holder in 0..<2000 { #expect(charge(holder, at: .zero) == .within) }
        #expect(table.count == 2001, "busy ones are kept")
        for holder in 2000..<4000 { #expect(charge(holder, at: Self.at(.seconds(1))) == .within) }
        #expect(table.count < 2500)
        #expect(charge(-1, at: Self.at(.seconds(1))) == .within)
        #expect(charge(-1, at: Self.at(.seconds(1))) == Self.refusedAgain, "its episode is not over")
    }
}
