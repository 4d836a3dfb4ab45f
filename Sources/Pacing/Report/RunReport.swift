package import Timeline

/// What a run did, step by step and in sum. Source: scheduler §14.
package struct RunReport: Sendable {
    package enum State: String, Sendable { case running, passed, failed, cancelled, incomplete }

    package var name: String
    package var runID: String
    package var profile: String
    package var clock: String
    package var seed: UInt64
    package var state: State
    /// From the start of the run to its end, or to now.
    package var duration: Duration
    package var steps: [StepRecord]
    package var ordering: OrderingSummary
    /// How near the run came to the quotas of its profile.
    package var quotas: [QuotaHeadroom] = []
    /// A client could not connect or was not authorised.
    package var couldNotConnect: Bool
    /// Set by whoever runs it; not in the engine's knowledge.
    package var emulatorVersion = ""
    package var startedAt: WallTime?

    /// Process exit code. Source: scheduler §14; 2 (bad file) comes before there is a report.
    package var exitCode: Int32 {
        switch self.state {
        case .passed: 0
        case .failed: self.couldNotConnect ? 3 : 1
        case .running, .incomplete: 4
        case .cancelled: 130
        }
    }

    package var failures: [StepFailure] { self.steps.compactMap(\.failure) }

    func count(_ state: StepRecord.State) -> Int {
        self.steps.count { $0.state == state }
    }
}

/// The ordering proof in sum.
package struct OrderingSummary: Sendable {
    /// Shadow requests sent.
    package var steps: Int
    /// Clients that saw at least one answer, with the inversions of each; by name.
    package var inversionsBySubscriber: [(subscriber: String, inversions: Int)]
    /// The least time between two successive shadow requests of a lane.
    package var leastGap: Duration?
    /// The first pairs, with the ids of their steps.
    package var pairs: [(earlier: String, later: String, inversion: OrderingProof.Inversion)]

    package var inversions: Int { self.inversionsBySubscriber.reduce(0) { $0 + $1.inversions } }

    /// Somebody looked, and nothing came out of order.
    package var holds: Bool { !self.inversionsBySubscriber.isEmpty && self.inversions == 0 }

    /// `order: 2 steps, 1 subscriber, 0 inversions   (least gap used 1000 ms)`.
    package var line: String {
        func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
        let gap = self.leastGap.map { "   (least gap used \($0.wholeNanoseconds / 1_000_000) ms)" } ?? ""
        return "order: \(counted(self.steps, "step")), \(counted(self.inversionsBySubscriber.count, "subscriber")), "
            + "\(counted(self.inversions, "inversion"))\(gap)"
    }
}

extension PlanEngine {
    /// The report so far; final after `finished`.
    package func report() -> RunReport {
        let state: RunReport.State =
            switch self.phase {
            case .ready, .running, .cancelling: .running
            case .finished(let state): state
            }
        let steps = self.records.sorted { $0.number < $1.number }
        return RunReport(
            name: self.settings.name, runID: self.options.runID, profile: self.settings.profile.rawValue,
            clock: self.settings.clock.text, seed: self.settings.seed, state: state,
            duration: (self.finishedAt ?? self.now) - self.start,
            steps: steps, ordering: self.ordering(steps), quotas: self.quotas.headrooms(start: self.start),
            couldNotConnect: self.couldNotConnect)
    }

    /// Takes the finished records out, so that a long run need not keep them.
    package mutating func takeRecords() -> [StepRecord] {
        defer {
            self.records = []
            self.aftermaths = [:]
        }
        return self.records
    }

    private func ordering(_ steps: [StepRecord]) -> OrderingSummary {
        let requests = steps.filter { $0.isShadowRequest && $0.dispatched != nil }
        var names: [StepNumber: String] = [:]
        for pair in self.proof.pairs {
            for step in steps where step.number == pair.earlier || step.number == pair.later { names[step.number] = step.id }
        }
        return OrderingSummary(
            steps: requests.count,
            inversionsBySubscriber: self.proof.inversionsBySubscriber.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            leastGap: requests.compactMap(\.gap).min(),
            pairs: self.proof.pairs.map { (names[$0.earlier] ?? "", names[$0.later] ?? "", $0) })
    }
}
