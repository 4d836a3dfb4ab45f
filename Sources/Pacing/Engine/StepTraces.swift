import Timeline

/// What is remembered of a step that ended, for later ones that name it.
struct StepTrace: Sendable {
    var id: String
    var ended: StepRecord.State
    var dispatchedAt: Instant?
    var endedAt: Instant
    /// Whether steps that wait for it may go on.
    var releases: Bool
    /// Set for what a reaction did.
    var link: ReactionLink?
}

/// The traces of the last steps, as far back as a step can name another.
struct StepTraces: Sendable {
    private let window: Int
    private var entries: [(number: StepNumber, trace: StepTrace)?] = []

    init(window: Int) {
        self.window = max(window, 1)
    }

    subscript(_ number: StepNumber) -> StepTrace? {
        let place = number.rawValue % self.window
        guard place < self.entries.count, let entry = self.entries[place], entry.number == number else { return nil }
        return entry.trace
    }

    mutating func add(_ number: StepNumber, _ trace: StepTrace) {
        let place = number.rawValue % self.window
        while self.entries.count <= place { self.entries.append(nil) }
        // One that ended long after its like must not push out a newer one.
        if let other = self.entries[place], other.number > number { return }
        self.entries[place] = (number, trace)
    }
}
