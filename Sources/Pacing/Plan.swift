package import JSON

/// Steps with their settings, one after the other. Source: scheduler §3.
package struct Plan: Sendable {
    package var settings: PlanSettings
    package var source: PlanSource
    /// What it will need; nil when nobody has looked through it.
    package private(set) var outline: PlanOutline?
    /// Steps at the top of the plan, where a block counts one; nil while that is not known.
    package private(set) var stepCount: Int?

    package init(settings: PlanSettings, source: PlanSource) {
        self.settings = settings
        self.source = source
    }

    package init(settings: PlanSettings, steps: [Step]) {
        self.init(settings: settings, source: PlanSource(steps))
        self.stepCount = steps.count
    }

    /// Reads a whole scenario file; the first fault ends it. Its steps are read again while it runs.
    /// - Parameter file: its name, for messages.
    package static func read(
        _ bytes: [UInt8], file: String, options: ScenarioOptions = .init(), readFile: @escaping ScenarioReader.ReadFile = { _ in nil }
    ) throws(ScenarioError) -> Plan {
        let reader = try ScenarioReader(bytes, file: file, options: options, readFile: readFile)
        var plan = Plan(settings: reader.settings, source: PlanSource(reader))
        _ = try plan.lookThrough()
        return plan
    }

    /// Reads the header of a scenario file of any length, and the rest while the plan runs: a fault then ends the run.
    /// - Parameter pieces: the bytes of the file from an offset on.
    package static func stream(
        _ pieces: @escaping JSONSequenceReader.Pieces, file: String, options: ScenarioOptions = .init(),
        readFile: @escaping ScenarioReader.ReadFile = { _ in nil }
    ) throws(ScenarioError) -> Plan {
        let reader = try ScenarioReader(pieces: pieces, file: file, options: options, readFile: readFile)
        return Plan(settings: reader.settings, source: PlanSource(reader))
    }

    /// Looks through the whole plan, if that has not been done.
    /// - Throws: the first fault of its file.
    package mutating func lookThrough() throws(ScenarioError) -> PlanOutline {
        if let outline { return outline }
        let outline = try PlanOutline(self.source)
        self.outline = outline
        self.stepCount = outline.steps
        return outline
    }

    /// Every fault of a file, in order, up to `limit`; after text that is not JSON nothing more can be read.
    package static func faults(
        in bytes: [UInt8], file: String, options: ScenarioOptions = .init(), limit: Int = 50,
        readFile: @escaping ScenarioReader.ReadFile = { _ in nil }
    ) -> [ScenarioError] {
        var faults: [ScenarioError] = []
        do throws(ScenarioError) {
            var reader = try ScenarioReader(bytes, file: file, options: options, readFile: readFile)
            var number = 0
            while faults.count < limit {
                do throws(ScenarioError) {
                    guard try reader.next(StepNumber(number)) != nil else { break }
                } catch {
                    faults.append(error)
                }
                number += 1
            }
        } catch {
            faults.append(error)
        }
        return faults
    }
}

/// What the caller decides about reading a scenario; a file cannot switch these on by itself.
package struct ScenarioOptions: Sendable {
    /// In place of the file's `seed`.
    package var seed: UInt64?
    /// The value of `${run}` and the first part of client tokens.
    package var runID = "run"
    /// In place of the file's `vars` of the same name.
    package var variables: [(name: String, value: String)] = []
    /// What `${env NAME}` reads; nil refuses it.
    package var environment: (@Sendable (String) -> String?)?
    /// The plan will run against a broker that is not ours, where nothing can be injected: `service` steps are errors.
    package var isRemote = false
    /// Steps that can be named by later ones, counted backwards.
    package var window = 10_000

    package init() {}
}
