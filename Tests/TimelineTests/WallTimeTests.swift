import Testing
import Timeline

@Suite("WallTime")
struct WallTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z", "19700101T000000Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678Z", "20260102T030405Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z", "20000229T000000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z", "20000229T235959Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "21000301T000000Z"),
            (-1, "1969-12-31T23:59:59.999Z", "19691231T235959Z"),
            (1_440_938_160_000, "2015-08-30T12:36:00.000Z", "20150830T123600Z"),
            (1_735_689_599_001, "2024-12-31T23:59:59.001Z", "20241231T235959Z"),
        ] as [(Int64, String, String)])
    func writesAndReadsISO8601(milliseconds: Int64, extended: String, basic: String) {
        let time = WallTime(millisecondsSinceEpoch: milliseconds)
        #expect(time.iso8601 == extended)
        #expect(time.basicISO8601 == basic)
        #expect(WallTime(iso8601: extended) == time)
        #expect(WallTime(basicISO8601: basic) == WallTime(secondsSinceEpoch: time.secondsSinceEpoch))
    }

    @Test func everyDayOfFourCenturiesRoundTrips() {
        var day = Int64(-36_525)
        var wrong = 0
        while day < 106_000 {
            let time = WallTime(secondsSinceEpoch: day * 86_400 + 3723)
            if WallTime(basicISO8601: time.basicISO8601) != time { wrong += 1 }
            day += 1
        }
        #expect(wrong == 0)
    }

    @Test func readsDecimalsOfSeconds() {
        #expect(WallTime(iso8601: "1970-01-01T00:00:01Z")?.nanosecondsSinceEpoch == 1_000_000_000)
        #expect(WallTime(iso8601: "1970-01-01T00:00:01.5Z")?.nanosecondsSinceEpoch == 1_500_000_000)
        #expect(WallTime(iso8601: "1970-01-01T00:00:01.123456789999Z")?.nanosecondsSinceEpoch == 1_123_456_789)
    }

    @Test(arguments: [
        "", "Z", "20260102T030405", "20260102T030405Zx", "2026-01-02T03:04:05Z", "20260102 030405Z", "20261302T030405Z",
        "20260002T030405Z", "20260100T030405Z", "20260229T030405Z", "20260431T030405Z", "21000229T000000Z", "20260102T240000Z",
        "20260102T036005Z", "20260102T030460Z", "2026010aT030405Z", "+0260102T030405Z", "٢٠260102T030405Z",
    ])
    func refusesWhatIsNotABasicDate(text: String) {
        #expect(WallTime(basicISO8601: text) == nil)
    }

    @Test(arguments: [
        "", "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+00:00", "2026-01-02 03:04:05Z", "2026-1-02T03:04:05Z",
        "2026-02-30T03:04:05Z", "20260102T030405Z", "2026-01-02T03:04:05.678z", "2026-01-02T03:04:05.678Z ",
    ])
    func refusesWhatIsNotAnExtendedDate(text: String) {
        #expect(WallTime(iso8601: text) == nil)
    }

    @Test func datesBeyondTheRangeSaturate() {
        #expect(WallTime(basicISO8601: "99991231T235959Z")?.nanosecondsSinceEpoch == .max)
        #expect(WallTime(basicISO8601: "00010101T000000Z")?.nanosecondsSinceEpoch == .min)
        #expect(WallTime(secondsSinceEpoch: .max).nanosecondsSinceEpoch == .max)
        #expect(WallTime(nanosecondsSinceEpoch: .max).iso8601 == "2262-04-11T23:47:16.854Z")
        #expect(WallTime(nanosecondsSinceEpoch: .min).iso8601 == "1677-09-21T00:12:43.145Z")
    }

    @Test func roundsDownBeforeTheEpochToo() {
        let time = WallTime(nanosecondsSinceEpoch: -1)
        #expect(time.secondsSinceEpoch == -1)
        #expect(time.millisecondsSinceEpoch == -1)
        #expect(WallTime(nanosecondsSinceEpoch: -1_000_000_000).secondsSinceEpoch == -1)
    }

    @Test func movesByDurations() {
        let time = WallTime(secondsSinceEpoch: 100)
        #expect((time + .milliseconds(5)).millisecondsSinceEpoch == 100_005)
        #expect((time - .seconds(101)).secondsSinceEpoch == -1)
        #expect(time - WallTime(secondsSinceEpoch: 40) == .seconds(60))
        #expect(WallTime(secondsSinceEpoch: 40) < time)
    }
}
