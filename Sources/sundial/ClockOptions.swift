import ArgumentParser
import Broker
import JSON
import Pacing
import Timeline

/// The flags of `serve` that say how time passes.
struct ClockOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How time passes for the service: real, x10 (ten times as fast, or any factor), virtual (only by 'sundial clock advance') or virtual-auto (also by itself while a run waits).",
            valueName: "kind"),
        transform: ClockWord.kind)
    var clock = ClockKind.real

    @Option(
        help: ArgumentHelp(
            "The date at which a clock that is not real begins, such as 2026-01-02T03:04:05Z. Default: now.", valueName: "time"),
        transform: ClockWord.time)
    var clockStart: WallTime?

    @Flag(help: "Measure the keep alive of network clients by that clock too. Without it an advance disconnects nobody.")
    var virtualKeepAlive = false

    @Flag(help: "Measure the age of signatures by that clock too.")
    var virtualSignature = false

    func validate() throws {
        guard let clockStart else { return }
        if self.clock.isReal { throw ValidationError("--clock-start is for a clock that is not real; give --clock virtual, too.") }
        guard clockStart >= WallTime(secondsSinceEpoch: 0), clockStart < .horizon else {
            throw ValidationError("--clock-start \(clockStart.iso8601) is not possible; give a time from 1970 to 2199.")
        }
    }

    var configuration: BrokerConfiguration.Clock {
        var configuration = BrokerConfiguration.Clock()
        configuration.kind = self.clock
        configuration.start = self.clockStart
        configuration.virtualKeepAlive = self.virtualKeepAlive
        configuration.virtualSignature = self.virtualSignature
        return configuration
    }
}

/// Words about time on the command line.
enum ClockWord {
    /// `real`, `virtual`, `virtual-auto`, `x10`.
    static func kind(_ word: String) throws -> ClockKind {
        switch word {
        case "real": return .real
        case "virtual": return .virtual(auto: false)
        case "virtual-auto": return .virtual(auto: true)
        default:
            guard word.hasPrefix("x") else {
                throw ValidationError("there are real, virtual, virtual-auto and factors such as x10")
            }
            return .scaled(try Self.factor(String(word.dropFirst())))
        }
    }

    static func factor(_ word: String) throws -> TimeFactor {
        guard let factor = TimeFactor(word) else {
            throw ValidationError("a factor is a number from 0.001 to 1000000 with at most three decimals")
        }
        return factor
    }

    static func time(_ word: String) throws -> WallTime {
        guard let time = WallTime(iso8601: word) else { throw ValidationError("a time is written as 2026-01-02T03:04:05Z") }
        return time
    }

    /// `1h30m`, or a number of seconds; as the control API takes it.
    static func duration(_ word: String) throws -> JSONValue {
        let value = JSONNumber(text: word).map { JSONValue.number($0) } ?? .string(word)
        do throws(ScenarioDuration.Fault) {
            _ = try ScenarioDuration.read(value)
        } catch {
            throw ValidationError("\(error.text); \(ScenarioDuration.Fault.cure)")
        }
        return value
    }
}
