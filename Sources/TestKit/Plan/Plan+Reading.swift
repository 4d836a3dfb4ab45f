import Pacing

extension ScenarioText {
    /// The plan as the runner takes it.
    ///
    /// - Parameter runID: the value of `${run}`.
    /// - Throws: ``PlanFailure``, which names the line of the test.
    func read(runID: String) throws -> Pacing.Plan {
        var options = ScenarioOptions()
        options.runID = runID
        do throws(ScenarioError) {
            return try Pacing.Plan.read(Array(self.text.utf8), file: "plan", options: options)
        } catch {
            let cure = error.cure.isEmpty ? "" : "; \(error.cure)"
            throw PlanFailure("\(self.source(ofLine: error.line)): \(error.what)\(cure)")
        }
    }
}
