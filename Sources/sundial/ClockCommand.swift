import ArgumentParser
import Broker
import JSON
import Timeline

/// `sundial clock`: the clock of a running Sundial.
struct ClockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock", abstract: "Show, change and advance the clock of a running Sundial.",
        discussion: """
            Time is one for the whole service: wills, expiry, shadow timestamps. An advance does what falls due on the way, one after the \
            other, and ends when all that this set off is done. Keep alive of network clients and the age of signatures stay real, \
            unless 'sundial serve' was told otherwise.

            Examples:
              sundial serve --clock virtual
              sundial clock
              sundial clock advance 1h30m
              sundial clock advance --to 2026-01-02T03:04:05Z
              sundial clock speed 10
              sundial clock set virtual

            Exit status: 0 done, 1 refused (a clock that moves by itself is not advanced, none goes back), 2 bad arguments, 3 could not \
            connect or was not let in, 4 timed out, 130 interrupted.
            """,
        subcommands: [Show.self, Advance.self, Speed.self, Set.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the time, how it passes, and when the service does something by itself next.",
            discussion: """
                Example:
                  sundial clock show --json
                """)

        @OptionGroup var options: ClockCommandOptions

        func run() async throws {
            try await self.options.ask { service throws(Complaint) in try await service.clock() }
        }
    }

    struct Advance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move a virtual clock forward. By 0, do what is due now.",
            discussion: """
                Examples:
                  sundial clock advance 1h30m
                  sundial clock advance --to 2026-01-02T03:04:05Z
                """)

        @Argument(
            help: ArgumentHelp("How far: seconds, or a text such as 250ms, 1.5s, 2m or 1h30m.", valueName: "duration"),
            transform: ClockWord.duration)
        var by: JSONValue?

        @Option(help: ArgumentHelp("Move it to this time instead.", valueName: "time"), transform: ClockWord.time)
        var to: WallTime?

        @OptionGroup var options: ClockCommandOptions

        func validate() throws {
            if (self.by == nil) == (self.to == nil) {
                throw ValidationError("say how far, such as 1h, or with --to where; one of them.")
            }
        }

        func run() async throws {
            var goal = JSONObject()
            goal["by"] = self.by
            goal["to"] = self.to.map { .string($0.iso8601) }
            try await self.options.ask { [goal] service throws(Complaint) in try await service.advanceClock(goal) }
        }
    }

    struct Speed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let time pass so many times as fast as real time, from now on.",
            discussion: """
                Examples:
                  sundial clock speed 60
                  sundial clock speed 0.5
                """)

        @Argument(help: ArgumentHelp("0.001 to 1000000.", valueName: "factor"), transform: ClockWord.factor)
        var factor: TimeFactor

        @OptionGroup var options: ClockCommandOptions

        func run() async throws { try await self.options.set(.scaled(self.factor)) }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let time pass in another way, from now on.",
            discussion: """
                A clock that was not real cannot become real again: x1 goes on from where it is, as fast as real time.

                Examples:
                  sundial clock set virtual
                  sundial clock set x1
                """)

        @Argument(help: ArgumentHelp("virtual, virtual-auto, or a factor such as x10.", valueName: "kind"), transform: ClockWord.kind)
        var kind: ClockKind

        @OptionGroup var options: ClockCommandOptions

        func run() async throws { try await self.options.set(self.kind) }
    }
}

/// What every subcommand of `sundial clock` takes, and how it prints the clock.
struct ClockCommandOptions: ParsableArguments {
    @Flag(help: "Print the answer of the control API, which is JSON.")
    var json = false

    @OptionGroup(title: "Which Sundial") var control: ControlOptions

    func ask(_ question: @Sendable (ControlService) async throws(Complaint) -> JSONValue) async throws {
        try await ServiceConnection.with(self.control.endpoint.place) { connection in
            let state = try await question(ControlService(connection: connection, bearer: self.control.bearer))
            try self.json ? Printed.json(state) : Printed.text(ClockText.of(state))
        }
    }

    func set(_ kind: ClockKind) async throws {
        try await self.ask { service throws(Complaint) in try await service.setClock(kind) }
    }
}

/// The clock, for people.
enum ClockText {
    static func of(_ state: JSONValue) -> String {
        let now = state["now"]?.string ?? "?"
        var text = "\(now)  \(Self.kind(state))\n"
        if let deadline = state["nextDeadline"]?.string {
            let ahead = WallTime(iso8601: deadline).flatMap { deadline in WallTime(iso8601: now).map { deadline - $0 } }
            text += "\(deadline)  next deadline" + (ahead.map { ", \(AgeText.of(seconds: 0 - $0.components.seconds))" } ?? "") + "\n"
        }
        if let stall = state["stall"]?.string { text += "it does not move on: \(stall)\n" }
        return text
    }

    private static func kind(_ state: JSONValue) -> String {
        switch state["kind"]?.string {
        case "scaled": return "scaled: \(state["factor"]?.number?.text ?? "?") times as fast as real time"
        case "virtual" where state["auto"]?.bool == true:
            let waiting = state["waiting"]?.int64 ?? 0
            return "virtual, auto: " + (waiting > 0 ? "moves, since \(waiting) wait for it" : "stands still, since nobody waits for it")
        case "virtual": return "virtual: stands still"
        case let other: return other ?? "?"
        }
    }
}
