import Broker
import JSON
import Pacing
import Runner

/// What a request says about the scenario it brings, in its query.
struct RunOptions: Sendable {
    /// Names the scenario in messages.
    var file = "scenario"
    private var isAttached = false
    private var seed: UInt64?
    private var clock: PlanSettings.Clock?
    private var orderScope = OrderScope.thing
    private var variables: [(name: String, value: String)] = []
    private var seek: String?
    private var breakpoints: Set<String> = []
    private var isRemote = false

    private static let names = ["seed", "file", "clock", "order", "seek", "pauseAt", "attached", "remote", "var.NAME"]

    init(_ query: QueryParameters) throws(ServiceError) {
        for (name, value) in try query.all() {
            switch name {
            case "file": self.file = value
            case "seed":
                guard let seed = UInt64(value) else { throw .invalid("'seed' must be a whole number, not '\(value.prefix(100))'.") }
                self.seed = seed
            case "clock":
                guard let clock = PlanSettings.Clock(value) else {
                    throw .invalid(
                        "'clock' is real, virtual or scaled(X), not '\(value.prefix(100))'.")
                }
                self.clock = clock
            case "order":
                guard let scope = OrderScope(rawValue: value) else {
                    throw .invalid(
                        "'order' is \(OrderScope.allCases.map(\.rawValue).joined(separator: " or ")), not '\(value.prefix(100))'.")
                }
                self.orderScope = scope
            case "seek": self.seek = value
            case "pauseAt": self.breakpoints.insert(value)
            case "attached": self.isAttached = try query.boolean(name) ?? false
            case "remote": self.isRemote = try query.boolean(name) ?? false
            case _ where name.hasPrefix("var.") && name.utf8.count > 4:
                self.variables.append((String(name.dropFirst(4)), value))
            default:
                throw .invalid("There is no query parameter '\(name.prefix(100))'; there are \(Self.names.joined(separator: ", ")).")
            }
        }
    }

    private func options(runID: String) -> ScenarioOptions {
        var options = ScenarioOptions()
        options.seed = self.seed
        options.runID = runID
        options.variables = self.variables
        return options
    }

    /// What `sundial check` finds.
    func findings(in scenario: PostedScenario) -> CheckResult {
        var options = ScenarioCheck.Options()
        options.reading = self.options(runID: "run")
        options.reading.isRemote = self.isRemote
        return ScenarioCheck.findings(in: scenario.text, file: self.file, options: options, readFile: scenario.bytes)
    }

    func request(_ plan: Plan, id: String) -> RunRequest {
        RunRequest(id: id, plan: plan, isAttached: self.isAttached, seek: self.seek, breakpoints: self.breakpoints)
    }

    /// - Throws: every fault there is, each with its place and its cure.
    ///
    /// - Parameter clock: of the service, which the run goes by.
    func plan(from scenario: PostedScenario, runID: String, clock: ClockKind) throws(ServiceError) -> Plan {
        let options = self.options(runID: runID)
        var plan: Plan
        do throws(ScenarioError) {
            plan = try Plan.read(scenario.text, file: self.file, options: options, readFile: scenario.bytes)
        } catch {
            throw self.refusal(of: Plan.faults(in: scenario.text, file: self.file, options: options, readFile: scenario.bytes))
        }
        plan.settings.orderScope = self.orderScope
        let isVirtual = clock == .virtual(auto: true) || clock == .virtual(auto: false)
        if !isVirtual, (self.clock ?? plan.settings.clock) == .virtual {
            throw ServiceError(
                .invalidRequest, "The scenario asks for a virtual clock, and that of this Sundial moves by itself.",
                explanation:
                    "Give ?clock=real to run it all the same, start Sundial with --clock virtual-auto, or run it on a broker of its own: sundial run FILE."
            )
        }
        if isVirtual, self.clock == .real {
            throw ServiceError(
                .invalidRequest, "The request asks for the real clock, and that of this Sundial is virtual.",
                explanation: "Leave ?clock=real out, or start Sundial without --clock.")
        }
        plan.settings.clock = isVirtual ? .virtual : .real
        return plan
    }

    private func refusal(of faults: [ScenarioError]) -> ServiceError {
        let more = faults.count > 1 ? " (and \(faults.count - 1) more, in 'faults')" : ""
        var error = ServiceError.invalid("The scenario cannot be run: \(faults.first?.text ?? "")\(more)")
        error.facts = [("faults", .array(faults.map { .object($0.json) }))]
        return error
    }
}
