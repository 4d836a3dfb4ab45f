import Testing
import Timeline

@Suite("Instant and Duration")
struct InstantTests {
    @Test func movesByDurations() {
        let instant = Instant.zero + .milliseconds(1500)
        #expect(instant.nanoseconds == 1_500_000_000)
        #expect(instant - .seconds(2) == Instant(nanoseconds: -500_000_000))
        #expect(instant - Instant(nanoseconds: 500_000_000) == .seconds(1))
        #expect(Instant.zero - instant == .milliseconds(-1500))
        #expect(Instant.zero < instant)
        var moved = instant
        moved += .nanoseconds(1)
        #expect(moved.nanoseconds == 1_500_000_001)
    }

    @Test func saturatesInsteadOfTrapping() {
        let far = Duration.seconds(Int64.max)
        #expect(Instant(nanoseconds: 5) + far == .distantFuture)
        #expect(Instant.distantFuture + .nanoseconds(1) == .distantFuture)
        #expect(Instant(nanoseconds: -5) - far == Instant(nanoseconds: .min))
        #expect(Instant(nanoseconds: .max) - Instant(nanoseconds: .min) == .nanoseconds(Int64.max))
        #expect(Instant(nanoseconds: .min) - Instant(nanoseconds: .max) == .nanoseconds(Int64.min))
    }

    @Test(
        arguments: [
            (Duration.zero, 0),
            (.nanoseconds(1), 1),
            (.nanoseconds(-1), -1),
            (.microseconds(-1_500_000), -1_500_000_000),
            (Duration(secondsComponent: 1, attosecondsComponent: 1_999_999_999), 1_000_000_001),
            (Duration(secondsComponent: 0, attosecondsComponent: -999_999_999), 0),
            (.seconds(Int64(UInt32.max)), 4_294_967_295_000_000_000),
            (.seconds(9_223_372_037), .max),
            (.seconds(-9_223_372_037), .min),
            (.nanoseconds(Int64.max), .max),
            (.nanoseconds(Int64.min), .min),
        ] as [(Duration, Int64)])
    func countsWholeNanoseconds(duration: Duration, nanoseconds: Int64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }
}

@Suite("VirtualTime")
struct VirtualTimeTests {
    @Test func movesBothTimesTogether() {
        var time = VirtualTime(wall: WallTime(secondsSinceEpoch: 1_767_323_045))
        #expect(time.now == .zero)
        time.advance(by: .milliseconds(250))
        time.advance(to: Instant(nanoseconds: 1_000_000_000))
        time.advance(by: .zero)
        #expect(time.now.nanoseconds == 1_000_000_000)
        #expect(time.wall == WallTime(secondsSinceEpoch: 1_767_323_046))
    }

    @Test func endsAtTheHorizon() {
        var time = VirtualTime(now: Instant(nanoseconds: 5), wall: .horizon - .seconds(10))
        #expect(time.end == Instant(nanoseconds: 10_000_000_005))
        time.advance(by: .seconds(4))
        #expect(time.end == Instant(nanoseconds: 10_000_000_005))
        time.advance(by: .seconds(Int64.max))
        #expect(time.now == time.end)
        #expect(time.wall == .horizon)
        #expect(WallTime.horizon.iso8601 == "2200-01-01T00:00:00.000Z")
        time.advance(to: .distantFuture)
        #expect(time.now == Instant(nanoseconds: 10_000_000_005))
    }

    @Test func refusesToGoBackByADuration() async {
        await #expect(processExitsWith: .failure) {
            var time = VirtualTime(wall: WallTime(secondsSinceEpoch: 0))
            time.advance(by: .nanoseconds(-1))
        }
    }

    @Test func refusesToGoBackToAnInstant() async {
        await #expect(processExitsWith: .failure) {
            var time = VirtualTime(wall: WallTime(secondsSinceEpoch: 0))
            time.advance(by: .seconds(1))
            time.advance(to: .zero)
        }
    }
}
