import Testing
import Timeline

@Suite("TimeFactor")
struct TimeFactorTests {
    @Test(
        arguments: [
            ("1", 1000, "1"), ("60", 60_000, "60"), ("0.5", 500, "0.5"), ("2.50", 2500, "2.5"), ("1.0000000", 1000, "1"),
            ("0.001", 1, "0.001"), ("1000000", 1_000_000_000, "1000000"), ("007", 7000, "7"), ("10.040", 10_040, "10.04"),
        ] as [(String, Int64, String)])
    func readsAndWritesDecimals(text: String, thousandths: Int64, written: String) throws {
        let factor = try #require(TimeFactor(text))
        #expect(factor.thousandths == thousandths)
        #expect("\(factor)" == written)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "0", "0.0", "0.0001", "1.0005", "-1", "+1", "1e3", "x10", "1000000.001", "99999999999999999999", "١",
    ])
    func refusesEverythingElse(text: String) {
        #expect(TimeFactor(text) == nil)
    }
}

@Suite("ScaledTime")
struct ScaledTimeTests {
    private static let start = VirtualTime(now: Instant(nanoseconds: 500), wall: WallTime(secondsSinceEpoch: 1_767_225_600))
    private static let real = Instant(nanoseconds: 7_000_000_000)

    private static func clock(_ factor: String) throws -> ScaledTime {
        ScaledTime(from: Self.start, at: Self.real, factor: try #require(TimeFactor(factor)))
    }

    @Test func bothTimesRunAtTheFactor() throws {
        let clock = try Self.clock("60")
        #expect(clock.time(at: Self.real) == Self.start)
        let later = clock.time(at: Self.real + .milliseconds(1500))
        #expect(later.now - Self.start.now == .seconds(90))
        #expect(later.wall - Self.start.wall == .seconds(90))
        #expect(try Self.clock("0.5").time(at: Self.real + .seconds(3)).wall - Self.start.wall == .milliseconds(1500))
    }

    @Test func aReadingFromBeforeTheStartMovesNothingBack() throws {
        #expect(try Self.clock("60").time(at: .zero) == Self.start)
        #expect(try Self.clock("60").time(at: Instant(nanoseconds: .min)) == Self.start)
    }

    /// A wake-up asked for an instant finds that instant come, and one nanosecond of real time earlier does not.
    @Test(arguments: ["0.001", "0.3", "1", "1.007", "60", "999999.999"])
    func wakeUpsAreNeitherEarlyNorLate(factor: String) throws {
        let clock = try Self.clock(factor)
        var random = SeededRandom(seed: 7)
        for _ in 0..<1000 {
            let instant = Self.start.now + .nanoseconds(Int64(random.below(1 << 50)))
            let wake = clock.real(for: instant)
            #expect(clock.time(at: wake).now >= instant)
            if wake > Self.real { #expect(clock.time(at: wake - .nanoseconds(1)).now < instant) }
        }
        #expect(clock.real(for: .zero) == Self.real)
    }

    @Test func aChangeOfSpeedDoesNotJump() throws {
        var clock = try Self.clock("10")
        var last = clock.time(at: Self.real)
        var real = Self.real
        for factor in ["1", "1000", "0.001", "3.5", "1000000"] {
            real += .milliseconds(333)
            let before = clock.time(at: real)
            clock = clock.running(try #require(TimeFactor(factor)), from: real)
            #expect(clock.time(at: real) == before)
            #expect(before.now >= last.now)
            #expect(before.wall - last.wall == before.now - last.now)
            last = before
        }
        // A change that reads a clock from before the last one starts where that one did.
        let early = clock.running(.one, from: .zero)
        #expect(early.time(at: real) == clock.time(at: real))
    }

    @Test func itStandsStillAtTheHorizon() throws {
        let clock = try Self.clock("1000000")
        let end = clock.time(at: .distantFuture)
        #expect(end.wall == .horizon)
        #expect(end.now == Self.start.end)
        #expect(clock.time(at: Self.real + .seconds(86_400)) == end)
        #expect(clock.real(for: end.now) < .distantFuture)
        #expect(clock.real(for: end.now + .nanoseconds(1)) == .distantFuture)
        #expect(end.now + .seconds(Int64(UInt32.max)) > end.now)
    }
}
