import Shadows
import Timeline

/// What a run tells of itself.
extension PlanEngine {
    /// The report so far; final after `finished`. Its steps are those not taken out.
    package func report() -> RunReport {
        let steps = self.records.sorted { $0.number < $1.number }
        var tally = self.tally
        for step in steps { tally.add(step) }
        return self.report(steps, tally)
    }

    /// The next part of the report: takes out the records that are finished, so that a long run need not keep them.
    ///
    /// To be called often while the run goes on, and once more when the shell has reported all that came after `finished`.
    /// - Returns: nil as long as nothing worth a part is finished.
    package mutating func takeReport() -> RunReport? {
        let steps = self.takeRecords()
        return steps.isEmpty && !self.isFinished ? nil : self.report(steps, self.tally)
    }

    /// Takes out the records that are finished, in step order.
    ///
    /// A record stays while an acknowledgement or an answer may still be added to it, and while a step before it has not ended, but
    /// not once the run has gone on by `window` steps. At the end of the run all are taken. To be called often: most calls
    /// return at once, with nothing.
    package mutating func takeRecords() -> [StepRecord] {
        guard self.isFinished || self.records.count >= 2 * self.heldRecords + Self.recordsAtOnce else { return [] }
        self.records.sort { $0.number < $1.number }
        let count = self.isFinished ? self.records.count : max(self.finishedRecords, self.records.count - self.options.window)
        let taken = Array(self.records.prefix(count))
        self.records.removeFirst(count)
        self.heldRecords = self.records.count
        for record in taken { self.tally.add(record) }
        self.findPlacesAgain()
        return taken
    }

    private static var recordsAtOnce: Int { 256 }

    /// How many of the records, from the first, nothing can change or come before any more.
    private var finishedRecords: Int {
        let open = self.live.firstNumber ?? StepNumber(.max)
        return self.records.firstIndex { record in
            record.number > open || self.aftermaths[record.number] != nil
        } ?? self.records.count
    }

    private mutating func findPlacesAgain() {
        let before = self.aftermaths
        self.aftermaths = [:]
        for (place, record) in self.records.enumerated() {
            guard var aftermath = before[record.number] else { continue }
            aftermath.place = place
            self.aftermaths[record.number] = aftermath
        }
    }

    private func report(_ steps: [StepRecord], _ tally: RunTally) -> RunReport {
        let state: RunReport.State =
            switch self.phase {
            case .ready, .running, .cancelling: .running
            case .finished(let state): state
            }
        let end = self.finishedAt ?? self.now
        let scenario = self.scenario.time(at: end)
        return RunReport(
            name: self.settings.name, runID: self.options.runID, profile: self.settings.profile.rawValue,
            clock: self.settings.clock.text, seed: self.settings.seed, state: state,
            duration: end - self.start, scenarioDuration: scenario == end - self.start || self.scenario.speed == .max ? nil : scenario,
            steps: steps, tally: tally, ordering: self.ordering(tally),
            quotas: self.quotas.headrooms(start: self.start), couldNotConnect: self.couldNotConnect)
    }

    // MARK: Order

    /// A subscriber got the answer to a step.
    mutating func answerSeen(_ number: StepNumber, _ shadow: ShadowID, by subscriber: String) {
        for inversion in self.proof.answered(number, shadow, subscriber: subscriber, at: self.now) {
            self.inversions.append(
                OrderingSummary.Pair(
                    subscriber: subscriber, earlier: self.name(of: inversion.earlier), later: self.name(of: inversion.later),
                    earlierAnsweredAt: inversion.earlierAnsweredAt - self.start, laterAnsweredAt: inversion.laterAnsweredAt - self.start))
        }
    }

    private func ordering(_ tally: RunTally) -> OrderingSummary {
        OrderingSummary(
            scope: self.settings.orderScope, steps: tally.requests,
            inversionsBySubscriber: self.proof.inversionsBySubscriber.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            leastGap: tally.leastGap, pairs: self.inversions, beyondWindow: self.proof.beyondWindow)
    }
}
