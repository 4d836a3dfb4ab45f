import Testing
import Timeline

@Suite("TokenBucket")
struct TokenBucketTests {
    private static func at(_ nanoseconds: Int64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func startsFullAndRefusesTheNextOne() {
        var bucket = TokenBucket(capacity: 3, refillPerSecond: 1, now: .zero)
        #expect(bucket.available(now: .zero) == 3)
        #expect(bucket.take(2, now: .zero) == true)
        #expect(bucket.take(2, now: .zero) == false)
        #expect(bucket.take(1, now: .zero) == true)
        #expect(bucket.take(1, now: .zero) == false)
        #expect(bucket.available(now: .zero) == 0)
    }

    @Test func aTokenIsBackAfterExactlyItsShareOfASecond() {
        var bucket = TokenBucket(capacity: 100, refillPerSecond: 100, now: .zero)
        #expect(bucket.take(100, now: .zero) == true)
        #expect(bucket.availableAt(1, now: .zero) == Self.at(10_000_000))
        #expect(bucket.take(1, now: Self.at(9_999_999)) == false)
        #expect(bucket.take(1, now: Self.at(10_000_000)) == true)
        #expect(bucket.take(1, now: Self.at(10_000_000)) == false)
    }

    @Test func neverHoldsMoreThanItsCapacity() {
        var bucket = TokenBucket(capacity: 5, refillPerSecond: 1000, now: .zero)
        #expect(bucket.available(now: .distantFuture) == 5)
        #expect(bucket.take(5, now: .distantFuture) == true)
        #expect(bucket.take(1, now: .distantFuture) == false)
    }

    @Test func moreThanTheCapacityNeverPassesAndNothingAlwaysDoes() {
        var bucket = TokenBucket(capacity: 5, refillPerSecond: 5, now: .zero)
        #expect(bucket.take(6, now: Self.at(.max)) == false)
        #expect(bucket.availableAt(6, now: .zero) == .distantFuture)
        #expect(bucket.take(5, now: .zero) == true)
        #expect(bucket.take(0, now: .zero) == true)
        #expect(bucket.availableAt(0, now: Self.at(7)) == Self.at(7))
    }

    @Test func withoutRefillItIsSpentOnce() {
        var bucket = TokenBucket(capacity: 1, refillPerSecond: 0, now: .zero)
        #expect(bucket.availableAt(1, now: .zero) == .zero)
        #expect(bucket.take(1, now: .zero) == true)
        #expect(bucket.availableAt(1, now: .zero) == .distantFuture)
        #expect(bucket.take(1, now: .distantFuture) == false)
    }

    @Test func timeThatGoesBackGivesNothing() {
        var bucket = TokenBucket(capacity: 2, refillPerSecond: 1, now: Self.at(5_000_000_000))
        #expect(bucket.take(2, now: Self.at(5_000_000_000)) == true)
        #expect(bucket.take(1, now: .zero) == false)
        #expect(bucket.availableAt(1, now: .zero) == Self.at(6_000_000_000))
        #expect(bucket.take(1, now: Self.at(5_999_999_999)) == false)
        #expect(bucket.take(1, now: Self.at(6_000_000_000)) == true)
    }

    @Test func theEndsOfTheTimeLineDoNotTrap() {
        var bucket = TokenBucket(
            capacity: TokenBucket.largestCapacity, refillPerSecond: .max, now: Self.at(.min))
        #expect(bucket.take(TokenBucket.largestCapacity, now: Self.at(.min)) == true)
        #expect(bucket.available(now: .distantFuture) == TokenBucket.largestCapacity)
        #expect(bucket.availableAt(TokenBucket.largestCapacity, now: Self.at(.min)) == Self.at(.min + 1))
        var slow = TokenBucket(capacity: 1, refillPerSecond: 1, now: .distantFuture)
        #expect(slow.take(1, now: .distantFuture) == true)
        #expect(slow.availableAt(1, now: .distantFuture) == .distantFuture)
    }

    /// A bucket whose tokens do not divide a second: 512 KiB a second is 1907.35 ns for a byte.
    @Test func unevenRatesDoNotDrift() {
        var bucket = TokenBucket(capacity: 1, refillPerSecond: 524_288, now: .zero)
        var now = Instant.zero
        #expect(bucket.take(1, now: now) == true)
        for _ in 0..<8 {
            now = bucket.availableAt(1, now: now)
            #expect(bucket.take(1, now: now) == true)
        }
        // Each wait is rounded up to a whole nanosecond and the rest is kept only up to the capacity: never early.
        #expect(now.nanoseconds == 8 * 1908)

        var roomy = TokenBucket(capacity: 524_288, refillPerSecond: 524_288, now: .zero)
        #expect(roomy.take(524_288, now: .zero) == true)
        for step in 1...999 { #expect(roomy.take(524, now: Self.at(Int64(step) * 1_000_000)) == true) }
        #expect(roomy.available(now: Self.at(1_000_000_000)) == 524_288 - 999 * 524)
    }

    /// Random takes at random instants: in no window passes more than `capacity + rate · t`; every refusal was needed; and
    /// `availableAt` is exact on both sides.
    @Test(arguments: 1...24 as ClosedRange<UInt64>)
    func holdsItsPromiseForRandomTakes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let capacity = 1 + random.below(40)
        let rate = [1, 3, 7, 10, 20, 100, 524_288, 1_000_000_007][random.below(8)]
        let step = max(2, 4_000_000_000 / Int64(rate))
        var bucket = TokenBucket(capacity: capacity, refillPerSecond: rate, now: .zero)
        var now = Instant.zero
        var taken: [(instant: Int64, count: Int)] = []
        var model = Int128(capacity) * 1_000_000_000

        for _ in 0..<400 {
            let elapsed = Int64(random.below(Int(step)))
            now = Self.at(now.nanoseconds + elapsed)
            model = min(Int128(capacity) * 1_000_000_000, model + Int128(elapsed) * Int128(rate))
            let count = random.below(capacity + 1)
            let due = bucket.availableAt(count, now: now)
            var probe = bucket
            #expect(probe.take(count, now: due) == true, "seed \(seed)")
            if due > now {
                var early = bucket
                #expect(early.take(count, now: Self.at(due.nanoseconds - 1)) == false, "seed \(seed)")
            }
            let passes = bucket.take(count, now: now)
            #expect(passes == (Int128(count) * 1_000_000_000 <= model), "seed \(seed)")
            #expect(passes == (due == now), "seed \(seed)")
            if passes {
                model -= Int128(count) * 1_000_000_000
                taken.append((now.nanoseconds, count))
            }
        }
        for first in taken.indices {
            var passed = 0
            for last in first..<taken.count {
                passed += taken[last].count
                let span = Int128(taken[last].instant - taken[first].instant)
                let allowed = Int128(capacity) * 1_000_000_000 + span * Int128(rate)
                #expect(Int128(passed) * 1_000_000_000 <= allowed, "seed \(seed)")
            }
        }
        #expect(!taken.isEmpty)
    }
}
