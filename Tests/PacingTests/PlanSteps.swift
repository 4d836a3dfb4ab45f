import Pacing

extension Plan {
    /// The steps at the top of the plan, read from a copy.
    var steps: [Step] {
        var source = self.source
        var steps: [Step] = []
        while let step = (try? source.next(StepNumber(steps.count))) ?? nil { steps.append(step) }
        return steps
    }
}
