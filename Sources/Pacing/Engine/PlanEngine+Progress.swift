extension PlanEngine {
    /// Steps that have ended so far and whose records have not been taken out.
    package var recordCount: Int { self.records.count }

    /// What became of a step that has ended, in the order in which they did. Acknowledgements and late answers may still be added to it.
    package func record(at place: Int) -> StepRecord { self.records[place] }

    /// A step that waits, or is in flight.
    package func step(_ number: StepNumber) -> Step? { self.live[number]?.step }
}
