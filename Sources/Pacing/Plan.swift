package import Shadows

/// Ordered steps with their settings. Source: scheduler §3.
package struct Plan: Sendable {
    package var settings: PlanSettings
    package var steps: [Step]

    package init(settings: PlanSettings, steps: [Step]) {
        self.settings = settings
        self.steps = steps
    }

    /// Reads a whole scenario file; the first fault ends it.
    /// - Parameter file: its name, for messages.
    /// - Parameter readFile: gives the bytes of a payload file, by its path relative to the scenario's folder; nil when it cannot
    ///   be read. Paths that lead out of the folder are refused before; following links is the caller's to prevent.
    package static func read(
        _ bytes: [UInt8], file: String, options: ScenarioOptions = .init(), readFile: (String) -> [UInt8]? = { _ in nil }
    ) throws(ScenarioError) -> Plan {
        var reader = try ScenarioReader(bytes, file: file, options: options)
        var steps: [Step] = []
        while let step = try reader.next(readFile: readFile) { steps.append(step) }
        return Plan(settings: reader.settings, steps: steps)
    }

    /// Every fault of a file, in order, up to `limit`; after text that is not JSON nothing more can be read.
    package static func faults(
        in bytes: [UInt8], file: String, options: ScenarioOptions = .init(), limit: Int = 50, readFile: (String) -> [UInt8]? = { _ in nil }
    ) -> [ScenarioError] {
        var faults: [ScenarioError] = []
        do throws(ScenarioError) {
            var reader = try ScenarioReader(bytes, file: file, options: options)
            while faults.count < limit {
                do throws(ScenarioError) {
                    guard try reader.next(readFile: readFile) != nil else { break }
                } catch {
                    faults.append(error)
                }
            }
        } catch {
            faults.append(error)
        }
        return faults
    }

    /// The shadows this plan sends requests to, each once, in file order: whose answers a remote runner subscribes to.
    package var shadows: [ShadowID] {
        var seen: Set<ShadowID> = []
        return self.steps.compactMap { $0.publication?.shadow?.id }.filter { seen.insert($0).inserted }
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
    /// The plan will run against a broker that is not ours, where nothing can be injected: `service` steps are errors.
    package var isRemote = false
    /// Steps that can be named by later ones, counted backwards.
    package var window = 10_000

    package init() {}
}
