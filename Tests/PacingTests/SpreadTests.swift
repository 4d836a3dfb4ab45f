import Testing
import Timeline

@testable import Pacing

/// Percentiles: exact for few values, bounded for many. Scheduler §14.
@Suite struct SpreadTests {
    private static func spread(_ values: [Int64], exactValues: Int) -> Spread? {
        var counter = SpreadCounter(exactValues: exactValues)
        for value in values { counter.add(.nanoseconds(value)) }
        return counter.spread
    }

    private static func values(_ count: Int, seed: UInt64) -> [Int64] {
        var random = Draw(seed: seed, purpose: "spread", step: "", attempt: 1)
        return (0..<count).map { _ in Int64(random.upTo(1 << random.upTo(62))) }
    }

    @Test func withoutValuesThereIsNoSpread() {
        #expect(Self.spread([], exactValues: 10) == nil)
    }

    @Test(
        arguments: [
            ([5], 5, 5, 5, 5), ([1, 2], 1, 1, 2, 2), ([3, 1, 2], 1, 2, 3, 3), (Array(1...100), 1, 50, 95, 100),
            (Array(1...20), 1, 10, 19, 20),
        ] as [([Int64], Int64, Int64, Int64, Int64)])
    func aPercentileIsTheValueAtThatRank(_ values: [Int64], _ least: Int64, _ median: Int64, _ p95: Int64, _ most: Int64) {
        let expected = Spread(
            least: .nanoseconds(least), median: .nanoseconds(median), p95: .nanoseconds(p95), most: .nanoseconds(most))
        #expect(Self.spread(values, exactValues: 100) == expected)
    }

    @Test func manyValuesAreCountedToOnePartIn128() throws {
        for seed in UInt64(0)..<100 {
            let values = Self.values(500, seed: seed)
            let exact = try #require(Self.spread(values, exactValues: 500))
            let counted = try #require(Self.spread(values, exactValues: 499))
            #expect(exact.isExact && !counted.isExact)
            #expect(counted.least == exact.least && counted.most == exact.most)
            for (exact, counted) in [(exact.median, counted.median), (exact.p95, counted.p95)] {
                let (exact, counted) = (exact.wholeNanoseconds, counted.wholeNanoseconds)
                #expect(counted >= exact && counted - exact <= exact / 128, "seed \(seed): \(exact), \(counted)")
            }
        }
    }

    @Test func theOrderOfManyValuesDoesNotMatter() {
        let values = Self.values(3000, seed: 1)
        #expect(Self.spread(values, exactValues: 100) == Self.spread(values.sorted(), exactValues: 100))
    }

    @Test func lanesBeyondThoseToldApartAreCounted() {
        var tally = RunTally()
        for number in 0..<1500 {
            var record = StepRecord(
                number: StepNumber(number), id: "s\(number)", line: 1, verb: "pub", lane: "l\(number)", planned: .zero, base: .zero,
                state: .settled)
            record.gap = .seconds(1)
            tally.add(record)
        }
        #expect(tally.gapsByLane.count == 1000)
        #expect(tally.gapsElsewhere == 500)
    }
}
