/// Figures over the steps of a run. Source: scheduler §14.
struct RunSummary {
    /// How values lie between least and most.
    struct Spread {
        var least: Duration
        var median: Duration
        var p95: Duration
        var most: Duration

        /// Nil without values. A percentile is the value at that rank, nothing in between.
        init?(_ values: [Duration]) {
            let sorted = values.sorted()
            guard let least = sorted.first, let most = sorted.last else { return nil }
            self.least = least
            self.median = sorted[(sorted.count - 1) / 2]
            self.p95 = sorted[(sorted.count * 95 + 99) / 100 - 1]
            self.most = most
        }
    }

    var lateness: Spread?
    /// By lane, in order of the key.
    var gapsByLane: [(lane: String, gaps: Spread)]

    init(_ steps: [StepRecord]) {
        self.lateness = Spread(steps.compactMap(\.lateness))
        var gaps: [String: [Duration]] = [:]
        for step in steps {
            if let lane = step.lane, let gap = step.gap { gaps[lane, default: []].append(gap) }
        }
        self.gapsByLane = gaps.sorted { $0.key < $1.key }.compactMap { lane in Spread(lane.value).map { (lane.key, $0) } }
    }
}
