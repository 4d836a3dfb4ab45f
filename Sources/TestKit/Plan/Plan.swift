import JSON
import Pacing

/// A timed sequence of steps that runs in order, and whose report proves it.
///
/// ```swift
/// let plan = Plan("paced pair", seed: 7) {
///     Update("T1", shadow: "test1", reported: ["on": true]).at(.seconds(1)).id("a")
///     Update("T1", shadow: "test2", reported: ["on": true]).at(.seconds(2))
///     Expect("$aws/things/T1/shadow/name/+/update/accepted").count(2).within(.seconds(3)).from(.start)
/// }
/// ```
///
/// A plan is a scenario file written in Swift: ``scenario`` is its text, and it is that text which is read, checked and run, so a plan
/// and a file mean the same and are refused for the same reasons.
public struct Plan: Sendable {
    let steps: [StepDraft]
    private var header: JSONObject
    private let source: SourceLine

    /// - Parameters:
    ///   - name: what the report calls it.
    ///   - seed: what all that is random in it is drawn from; the same seed gives the same run.
    ///   - rules: what its clients live by; as the kit's do if not said.
    ///   - variables: `${name}` in any text stands for them.
    ///   - laneBy: how steps without a lane find theirs.
    ///   - lanes: settings of lanes by key (`"thing:T1"`) or prefix (`"thing:*"`).
    ///   - timeLimit: the run is cut off then.
    public init(
        _ name: String = "", seed: UInt64? = nil, rules: ServiceRules? = nil, variables: [String: JSON] = [:], laneBy: LaneRule? = nil,
        lanes: [String: Lane] = [:], timeLimit: Duration? = nil, fileID: String = #fileID, line: Int = #line,
        @PlanBuilder steps: () -> [StepDraft]
    ) {
        self.steps = steps()
        self.source = SourceLine(fileID: fileID, line: line)
        self.header = JSONObject(present: [
            ("scenario", 1), ("name", name.isEmpty ? nil : .string(name)), ("profile", rules.map { .string($0.rawValue) }),
            ("seed", seed.map { JSON($0).value }), ("vars", variables.isEmpty ? nil : JSON(variables).value),
            ("laneBy", laneBy.map { .string($0.rawValue) }),
            ("lanes", lanes.isEmpty ? nil : JSON(lanes.mapValues { JSON($0.json) }).value), ("timeLimit", timeLimit.map { .duration($0) }),
        ])
    }

    /// The plan as the text of a scenario file, for `sundial run`.
    public var scenario: String { self.written.text + "\n" }

    /// The plan with these rules, unless it has its own, on this clock.
    ///
    /// - Parameter clock: as scenario files write it.
    func under(_ rules: ServiceRules, clock: String) -> Plan {
        var plan = self
        plan.header["clock"] = .string(clock)
        plan.header["profile"] = self.header["profile"] ?? .string(rules.rawValue)
        return plan
    }

    var written: ScenarioText {
        var text = ScenarioText(header: JSONValue.object(self.header).text, from: self.source)
        for step in self.steps { step.write(into: &text) }
        return text
    }
}
