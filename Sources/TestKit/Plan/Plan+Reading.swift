import Pacing

extension Plan {
    /// The plan as the runner takes it.
    ///
    /// - Throws: ``PlanFailure``, which names the line of the test.
    func read() throws -> Pacing.Plan {
        let written = self.written
        do throws(ScenarioError) {
            return try Pacing.Plan.read(Array(written.text.utf8), file: "plan")
        } catch {
            throw PlanFailure(error, in: written)
        }
    }
}

extension PlanFailure {
    init(_ error: ScenarioError, in text: ScenarioText) {
        let cure = error.cure.isEmpty ? "" : "; \(error.cure)"
        self.init("\(text.source(ofLine: error.line)): \(error.what)\(cure)")
    }
}
