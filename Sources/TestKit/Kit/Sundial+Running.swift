import Broker
import Pacing
import Timeline

extension Sundial {
    /// Runs a plan to its end, on the kit's clock; its clients live in the process and meet everybody else on the kit's doors.
    ///
    /// On a virtual clock the run moves the clock by itself, so that hours pass at once, and the same plan with the same seed on the same
    /// state gives the same report.
    /// - Returns: the report, whether or not the plan passed.
    /// - Throws: ``PlanFailure`` when the plan says something that cannot be.
    @discardableResult
    public func run(_ plan: Plan) async throws -> PlanReport {
        let text = plan.under(self.options.rules, clock: try self.options.clock.ofPlans.text).written
        let id = self.nextRunID()
        return PlanReport(try await self.run(text.read(runID: id), id: id)) { text.source(ofLine: $0).line }
    }

    /// Runs a scenario file to its end, as ``run(_:)`` runs a plan. What its header says about the clock and the
    /// state to start with does not count here.
    ///
    /// - Parameters:
    ///   - path: from the current folder; payloads and included files are looked for beside it.
    ///   - variables: in place of the file's `vars` of the same name.
    /// - Throws: ``PlanFailure`` with file, line and column of the first fault, ``SundialFailure`` when the file cannot be read.
    @discardableResult
    public func run(file path: String, variables: [String: String] = [:]) async throws -> PlanReport {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let id = self.nextRunID()
        var options = ScenarioOptions()
        options.runID = id
        options.variables = variables.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        let bytes = try FileBytes.read(path)
        let plan: Pacing.Plan
        do throws(ScenarioError) {
            plan = try Pacing.Plan.read(bytes, file: path, options: options) { try? FileBytes.read(folder + $0) }
        } catch {
            throw PlanFailure(error.text)
        }
        return PlanReport(try await self.run(plan, id: id)) { $0 }
    }

    private func run(_ plan: Pacing.Plan, id: String) async throws -> Pacing.RunReport {
        var plan = plan
        plan.settings.clock = try self.options.clock.ofPlans
        let settled = plan
        let number = try await self.onDesk { try $0.start(settled, id: id) }
        do {
            try await self.letRun(number)
            return try await self.onDesk { try $0.takeReport(of: number) }
        } catch {
            try? await self.onDesk { $0.dropRun(number) }
            throw error
        }
    }

    /// Returns when the run has finished.
    private func letRun(_ number: Int) async throws {
        if self.options.clock == .virtual {
            return try await self.advance(to: .horizon) { $0.hasFinished(number) }
        }
        try await self.awaitDesk { desk, answer in
            desk.whenFinished(number, answer)
        } giveUp: { desk in
            desk.dropRun(number)
        }
    }
}
