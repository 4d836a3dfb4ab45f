import JSON
import Timeline

/// Rewrites the times of one sequence of steps from `at` to `wait` or back. Source: scheduler §16.3.
///
/// Exact: the planned time of every step stays what it was. A time that only the run knows (a variable, the end of a block) is left as
/// it is written, and so is what counts from it.
struct PlannedTimes {
    let style: ScenarioFormat.Times
    /// The planned time of the step before: as it was written, and as it is written now. Nil where nobody knows.
    private var source: Duration? = .zero
    private var output: Duration? = .zero

    init(_ style: ScenarioFormat.Times) {
        self.style = style
    }

    /// Takes in a step and gives it the time it is to have.
    /// - Returns: whether pauses right before it, which were not told to ``keep(_:)``, have become part of its time.
    mutating func rewrite(_ step: inout JSONObject) throws(ScenarioDuration.Fault) -> Bool {
        let (at, wait) = (try Self.duration(step["at"]), try Self.duration(step["wait"]))
        switch (at, wait) {
        case (.known(let time), _): self.source = time
        case (.none, .known(let time)): self.source = self.source.map { $0 + time }
        case (.none, .none): break
        case (.variable, _), (_, .variable): self.source = nil
        }
        guard let planned = self.source else {
            self.output = nil
            return false
        }
        let before = self.output
        self.output = planned
        switch self.style {
        case .asWritten: return false
        case .at:
            if at == .none, wait != .none || before != planned { Self.set("at", planned, in: &step) }
        case .wait:
            guard let before, wait != .known(planned - before) else { break }
            if planned < before { Self.set("at", planned, in: &step) } else { Self.set("wait", planned - before, in: &step) }
        }
        return true
    }

    /// Takes in a pause.
    /// - Returns: how long it is; nil where only the run knows.
    mutating func pause(_ step: JSONObject) throws(ScenarioDuration.Fault) -> Duration? {
        guard case .known(let time) = try Self.duration(step["wait"]) else {
            self.loseTrack()
            return nil
        }
        self.source = self.source.map { $0 + time }
        return time
    }

    /// A pause stays where it is.
    mutating func keep(_ pause: Duration?) {
        self.output = self.output.flatMap { before in pause.map { before + $0 } }
    }

    /// What comes now counts from a moment that only the run knows.
    mutating func loseTrack() {
        self.source = nil
        self.output = nil
    }

    // MARK: Durations

    private enum Written: Equatable {
        case none, variable
        case known(Duration)
    }

    private static func duration(_ value: JSONValue?) throws(ScenarioDuration.Fault) -> Written {
        guard let value else { return .none }
        if ScenarioVariables.mentionsVariables(value) { return .variable }
        return .known(try ScenarioDuration.read(value))
    }

    /// Nothing is written for no wait.
    private static func set(_ key: String, _ time: Duration, in step: inout JSONObject) {
        step["at"] = nil
        step["wait"] = nil
        if key == "at" || time > .zero { step[key] = .string(ScenarioDuration.text(time)) }
    }
}

extension ScenarioDuration {
    /// The shortest text for a duration that is not negative: `2s`, `1.5s`, `250ms`. Reads back to the same nanosecond.
    static func text(_ duration: Duration) -> String {
        let nanoseconds = duration.wholeNanoseconds
        let units: [(name: String, size: Int64, digits: Int)] = [("s", 1_000_000_000, 9), ("ms", 1_000_000, 6), ("us", 1000, 3)]
        guard nanoseconds > 0 else { return "0s" }
        guard let unit = units.first(where: { nanoseconds >= $0.size }) else { return "\(nanoseconds)ns" }
        var fraction = String(nanoseconds % unit.size)
        fraction = String(repeating: "0", count: unit.digits - fraction.utf8.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(nanoseconds / unit.size)\(fraction.isEmpty ? "" : ".")\(fraction)\(unit.name)"
    }
}
