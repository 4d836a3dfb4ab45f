import Testing
import Timeline

@Suite("PeakRate")
struct PeakRateTests {
    @Test func tellsTheMostOfAnySecondAndWhen() {
        var rate = PeakRate()
        #expect(rate.peak == 0 && rate.peakAt == nil)
        for step in 0..<5 { rate.passed(now: .zero + .milliseconds(step * 400)) }
        #expect(rate.peak == 3)
        #expect(rate.peakAt == .zero + .milliseconds(800))
        rate.passed(4, now: .zero + .seconds(10))
        #expect(rate.peak == 4)
        #expect(rate.peakAt == .zero + .seconds(10))
        rate.passed(4, now: .zero + .seconds(20))
        #expect(rate.peakAt == .zero + .seconds(10), "the first time counts")
    }

    @Test func anEventExactlyASecondOldIsNoPartOfTheWindow() {
        var apart = PeakRate()
        apart.passed(now: .zero)
        apart.passed(now: .zero + .seconds(1))
        #expect(apart.peak == 1)
        var near = PeakRate()
        near.passed(now: .zero)
        near.passed(now: .zero + .nanoseconds(999_999_999))
        #expect(near.peak == 2)
    }

    @Test func nothingThatPassesIsNoEvent() {
        var rate = PeakRate()
        rate.passed(0, now: .zero)
        #expect(rate.peakAt == nil)
    }

    /// More instants than are told apart: the peak is not too low.
    @Test func aFloodIsNotUnderstated() {
        var rate = PeakRate()
        let count = PeakRate.maximumInstants + 1000
        for step in 0..<count { rate.passed(now: Instant(nanoseconds: Int64(step))) }
        #expect(rate.peak == count)
    }

    /// Against the plainest model: all events are looked at each time.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func agreesWithTheModel(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var rate = PeakRate()
        var events: [(instant: Int64, count: Int)] = []
        var now: Int64 = 0
        var most = 0
        for _ in 0..<300 {
            now += [0, Int64(random.below(300_000_000)), 1_000_000_000][random.below(3)]
            let count = 1 + random.below(3)
            events.append((now, count))
            rate.passed(count, now: Instant(nanoseconds: now))
            most = max(most, events.filter { now - $0.instant < 1_000_000_000 }.reduce(0) { $0 + $1.count })
            #expect(rate.peak == most, "seed \(seed)")
        }
    }
}
