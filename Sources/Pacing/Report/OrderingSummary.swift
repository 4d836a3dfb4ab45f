import Timeline

/// The ordering proof in sum.
package struct OrderingSummary: Sendable {
    /// Two answers in the wrong order, by the ids of their steps. Times count from the start of the run.
    package struct Pair: Equatable, Sendable {
        package var subscriber: String
        package var earlier: String
        package var later: String
        package var earlierAnsweredAt: Duration
        package var laterAnsweredAt: Duration

        /// How long the answer to the later step was ahead.
        package var apart: Duration { self.earlierAnsweredAt - self.laterAnsweredAt }
    }

    package var scope: OrderScope
    /// Shadow requests sent.
    package var steps: Int
    /// Clients that saw at least one answer, with the inversions of each; by name.
    package var inversionsBySubscriber: [(subscriber: String, inversions: Int)]
    /// The least time between two successive shadow requests of a lane.
    package var leastGap: Duration?
    /// The first pairs.
    package var pairs: [Pair]
    /// Answers that came so late that not every later step was still known; their inversions may be more.
    package var beyondWindow = 0

    package var inversions: Int { self.inversionsBySubscriber.reduce(0) { $0 + $1.inversions } }

    /// Somebody looked, and nothing came out of order.
    package var holds: Bool { !self.inversionsBySubscriber.isEmpty && self.inversions == 0 }

    /// `order: 2 steps, 1 subscriber, 0 inversions   (least gap used 1000 ms)`.
    package var line: String {
        func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
        let scope = self.scope == .thing ? "order" : "order per \(self.scope.rawValue)"
        let gap = self.leastGap.map { "   (least gap used \($0.wholeNanoseconds / 1_000_000) ms)" } ?? ""
        let more = self.beyondWindow > 0 ? " or more" : ""
        return "\(scope): \(counted(self.steps, "step")), \(counted(self.inversionsBySubscriber.count, "subscriber")), "
            + "\(counted(self.inversions, "inversion"))\(more)\(gap)"
    }
}
