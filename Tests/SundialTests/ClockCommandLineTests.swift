import ArgumentParser
import Broker
import JSON
import Testing
import Timeline

@testable import sundial

/// The flags of `serve` and `clock` that are about time.
@Suite struct ClockCommandLineTests {
    @Test(
        arguments: [
            ([], .real), (["--clock", "real"], .real), (["--clock", "virtual"], .virtual(auto: false)),
            (["--clock", "virtual-auto"], .virtual(auto: true)), (["--clock", "x1"], .scaled(.one)),
        ] as [([String], ClockKind)])
    func serveTakesAKindOfClock(words: [String], kind: ClockKind) throws {
        let serve = try #require(try Sundial.parseAsRoot(["serve"] + words) as? ServeCommand)
        let clock = serve.time.configuration
        #expect(clock.kind == kind)
        #expect(clock.start == nil && !clock.virtualKeepAlive && !clock.virtualSignature)
    }

    @Test func serveTakesAStartAndTheSwitches() throws {
        let words = ["--clock", "x0.5", "--clock-start", "2026-01-02T03:04:05Z", "--virtual-keep-alive", "--virtual-signature"]
        let clock = try #require(try Sundial.parseAsRoot(["serve"] + words) as? ServeCommand).time.configuration
        #expect(clock.kind == .scaled(try #require(TimeFactor("0.5"))))
        #expect(clock.start == WallTime(secondsSinceEpoch: 1_767_323_045))
        #expect(clock.virtualKeepAlive && clock.virtualSignature)
    }

    @Test(arguments: [([], true), (["--json"], true), (["show"], true), (["set", "virtual"], false)])
    func withoutAWordTheClockIsShown(words: [String], isShown: Bool) throws {
        #expect((try Sundial.parseAsRoot(["clock"] + words) is ClockCommand.Show) == isShown)
    }

    @Test(arguments: [("1h30m", JSONValue.string("1h30m")), ("90", 90), ("0.5", .number(JSONNumber(0.5) ?? JSONNumber(0))), ("0", 0)])
    func anAdvanceTakesDurationsAsScenarioFilesDo(word: String, value: JSONValue) throws {
        let advance = try #require(try Sundial.parseAsRoot(["clock", "advance", word]) as? ClockCommand.Advance)
        #expect(advance.by == value)
    }

    @Test(arguments: [
        (["serve", "--clock", "fast"], "there are real, virtual, virtual-auto and factors such as x10"),
        (["serve", "--clock", "x0"], "0.001 to 1000000"), (["serve", "--clock-start", "2026-01-02T03:04:05Z"], "give --clock virtual"),
        (["serve", "--clock", "virtual", "--clock-start", "soon"], "2026-01-02T03:04:05Z"),
        (["serve", "--clock", "virtual", "--clock-start", "1969-12-31T23:59:59Z"], "from 1970 to 2199"),
        (["clock", "advance"], "say how far"), (["clock", "advance", "1h", "--to", "2026-01-02T03:04:05Z"], "one of them"),
        (["clock", "advance", "1 fortnight"], "write seconds as a number"), (["clock", "advance", "--", "-1h"], "cannot be negative"),
        (["clock", "advance", "--to", "noon"], "2026-01-02T03:04:05Z"), (["clock", "speed", "x10"], "0.001 to 1000000"),
        (["clock", "set", "slow"], "there are real"), (["clock", "set"], "kind"),
    ])
    func aMistakeIsAnsweredWithTheWayOut(arguments: [String], words: String) throws {
        let error = #expect(throws: (any Error).self) { try Sundial.parseAsRoot(arguments) }
        let message = Sundial.fullMessage(for: try #require(error))
        #expect(message.contains(words), "\(message)")
    }

    @Test(
        arguments: [
            (#"{"kind":"real","now":"2026-01-02T03:04:05.000Z","factor":1,"nextDeadline":null}"#, "2026-01-02T03:04:05.000Z  real\n"),
            (
                #"{"kind":"scaled","now":"2026-01-02T03:04:05.000Z","factor":2.5,"nextDeadline":"2026-01-02T04:04:05.000Z"}"#,
                "2026-01-02T03:04:05.000Z  scaled: 2.5 times as fast as real time\n2026-01-02T04:04:05.000Z  next deadline, in 1 h\n"
            ),
            (
                #"{"kind":"virtual","auto":false,"now":"2026-01-02T03:04:05.000Z","nextDeadline":"2026-01-02T03:04:05.000Z"}"#,
                "2026-01-02T03:04:05.000Z  virtual: stands still\n2026-01-02T03:04:05.000Z  next deadline, now\n"
            ),
            (
                #"{"kind":"virtual","auto":true,"now":"2026-01-02T03:04:05.000Z","waiting":0}"#,
                "2026-01-02T03:04:05.000Z  virtual, auto: stands still, since nobody waits for it\n"
            ),
            (
                #"{"kind":"virtual","auto":true,"now":"2026-01-02T03:04:05.000Z","waiting":2,"stall":"client a keeps sending"}"#,
                "2026-01-02T03:04:05.000Z  virtual, auto: moves, since 2 wait for it\nit does not move on: client a keeps sending\n"
            ),
        ])
    func theClockIsToldInWords(state: String, text: String) throws {
        #expect(ClockText.of(try JSONValue(parsing: state)) == text)
    }
}
