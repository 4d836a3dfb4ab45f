import Testing
import Timeline

@testable import Pacing

/// Where scenario time lies on the run's clock. Scheduler §4, §10.
@Suite struct ScenarioTimeTests {
    private static let start = Instant(nanoseconds: 7_000_000_123)

    @Test(arguments: [Speed.normal, .times(2, per: 1), .times(1, per: 2), .times(3, per: 10), .times(7, per: 3)])
    func aMomentOfTheScenarioIsFoundAgain(_ speed: Speed) {
        let time = ScenarioTime(start: Self.start, speed: speed)
        for nanoseconds in [Int64(0), 1, 2, 3, 999, 1_000_000_007, 3_600_000_000_000] {
            let instant = Self.start + .nanoseconds(nanoseconds)
            let moment = time.time(at: instant)
            // Never before the instant asked for, and less than one nanosecond of the slower side after it.
            let found = time.instant(of: moment)
            #expect(found >= instant)
            #expect(found - instant <= speed.scaled(.nanoseconds(1)))
            if speed == .normal { #expect(found == instant) }
        }
    }

    @Test func aShiftMovesWhatIsPlannedFromItsBeginningOn() {
        var time = ScenarioTime(start: Self.start, speed: .times(2, per: 1))
        time.shift(from: Self.start + .seconds(1), to: Self.start + .seconds(4))
        #expect(time.instant(of: .milliseconds(1999)) == Self.start + .microseconds(999_500))
        #expect(time.instant(of: .seconds(2)) == Self.start + .seconds(4))
        #expect(time.instant(of: .seconds(4)) == Self.start + .seconds(5))
        #expect(time.time(at: Self.start + .seconds(3)) == .seconds(2))
        #expect(time.time(at: Self.start + .seconds(5)) == .seconds(4))
        #expect(time.time(at: Self.start + .milliseconds(500)) == .seconds(1))
    }

    @Test func aChangeOfSpeedRescalesWhatRemains() {
        var time = ScenarioTime(start: Self.start, speed: .normal)
        time.change(to: .times(4, per: 1), now: Self.start + .seconds(10), time: .seconds(10))
        #expect(time.instant(of: .seconds(9)) == Self.start + .seconds(9))
        #expect(time.instant(of: .seconds(14)) == Self.start + .seconds(11))
        time.change(to: .times(1, per: 2), now: Self.start + .seconds(11), time: .seconds(10))
        #expect(time.instant(of: .seconds(15)) == Self.start + .seconds(13))
        #expect(time.instant(of: .seconds(12)) == Self.start + .milliseconds(10_500))
    }

    @Test func atMaximumSpeedTimeStandsAndGoesOnFromTheStepThatEndsIt() {
        var time = ScenarioTime(start: Self.start, speed: .max)
        #expect(time.instant(of: .seconds(3600)) == Self.start)
        #expect(time.time(at: Self.start + .seconds(5)) == .zero)
        time.change(to: .normal, now: Self.start + .seconds(5), time: .seconds(100))
        #expect(time.instant(of: .seconds(90)) == Self.start)
        #expect(time.instant(of: .seconds(101)) == Self.start + .seconds(6))
    }

    @Test func manyStretchesAreKeptInBounds() {
        var time = ScenarioTime(start: Self.start, speed: .normal)
        for second in 1...1000 { time.shift(from: Self.start + .seconds(2 * second - 1), to: Self.start + .seconds(2 * second)) }
        #expect(time.time(at: Self.start + .seconds(2000)) == .seconds(1000))
        #expect(time.instant(of: .seconds(1001)) == Self.start + .seconds(2001))
    }
}
