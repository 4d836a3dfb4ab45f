import Timeline

/// The figures of a run over all its steps, kept without the steps. Source: scheduler §14.
///
/// Memory: numbers only, and at most 100 failures and 1000 lanes.
package struct RunTally: Sendable {
    /// Values kept one by one for exact percentiles.
    private static let exactLateness = 100_000
    private static let exactGaps = 4096
    /// Lanes told apart; what is in further ones is counted, in order of their appearance.
    private static let toldLanes = 1000
    private static let keptFailures = 100

    /// How many steps ended in each state.
    package private(set) var counts: [StepRecord.State: Int] = [:]
    /// The first failures; ``counts`` says how many there are.
    package var failures: [StepFailure] = []
    /// Shadow requests sent, and the least time between two of them in a lane.
    private(set) var requests = 0
    private(set) var leastGap: Duration?

    private var latenessCounter = SpreadCounter(exactValues: Self.exactLateness)
    private var gapCounters: [String: SpreadCounter] = [:]
    /// Gaps in lanes beyond those told apart.
    package private(set) var gapsElsewhere = 0

    package init() {}

    /// Takes a finished step into account.
    package mutating func add(_ step: StepRecord) {
        self.counts[step.state, default: 0] += 1
        if let failure = step.failure, self.failures.count < Self.keptFailures { self.failures.append(failure) }
        if let lateness = step.lateness { self.latenessCounter.add(lateness) }
        if let lane = step.lane, let gap = step.gap { self.add(gap, in: lane) }
        guard step.isShadowRequest, step.dispatched != nil else { return }
        self.requests += 1
        if let gap = step.gap { self.leastGap = min(self.leastGap ?? gap, gap) }
    }

    private mutating func add(_ gap: Duration, in lane: String) {
        if self.gapCounters.count >= Self.toldLanes, self.gapCounters[lane] == nil {
            self.gapsElsewhere += 1
        } else {
            self.gapCounters[lane, default: SpreadCounter(exactValues: Self.exactGaps)].add(gap)
        }
    }

    package func count(_ state: StepRecord.State) -> Int { self.counts[state, default: 0] }

    /// All steps that have ended.
    package var steps: Int { self.counts.values.reduce(0, +) }

    /// Dispatch minus planned time, over the steps that were dispatched.
    package var lateness: Spread? { self.latenessCounter.spread }

    /// From one dispatch to the next, by lane, in order of the key.
    package var gapsByLane: [(lane: String, gaps: Spread)] {
        self.gapCounters.sorted { $0.key < $1.key }.compactMap { lane in lane.value.spread.map { (lane.key, $0) } }
    }
}
