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
        let text = plan.under(self.options.rules).written
        let id = self.nextRunID()
        return PlanReport(try await self.run(text.read(runID: id), id: id)) { text.source(ofLine: $0).line }
    }

    private func run(_ plan: Pacing.Plan, id: String) async throws -> Pacing.RunReport {
        let number = try await self.onDesk { try $0.start(plan, id: id) }
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
