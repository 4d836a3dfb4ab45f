extension PlanEngine {
    /// A step that waits, or is in flight.
    package func step(_ number: StepNumber) -> Step? { self.live[number]?.step }
}
