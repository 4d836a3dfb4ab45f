package import Timeline

/// Where a run stands now, for somebody who watches it.
package struct RunStanding: Sendable {
    /// A step that cannot go yet.
    package struct Waiting: Equatable, Sendable {
        package var id: String
        package var cause: WaitingCause
        /// When that will be over, from now on and on the run's clock; nil where nobody can know.
        package var remaining: Duration?

        package init(id: String, cause: WaitingCause, remaining: Duration?) {
            self.id = id
            self.cause = cause
            self.remaining = remaining
        }
    }

    /// Steps that have ended, and those that are known and have not.
    package var ended: Int
    package var open: Int
    /// Whether more steps may come.
    package var isComplete: Bool
    /// Since its start: on the run's clock, and of the scenario.
    package var elapsed: Duration
    package var scenarioTime: Duration
    /// The first step, in file order, that is to do something and cannot; nil when all that remain are under way or only look.
    package var waiting: Waiting?

    package init(ended: Int, open: Int, isComplete: Bool, elapsed: Duration, scenarioTime: Duration, waiting: Waiting?) {
        self.ended = ended
        self.open = open
        self.isComplete = isComplete
        self.elapsed = elapsed
        self.scenarioTime = scenarioTime
        self.waiting = waiting
    }

    /// All steps of the run, where that is known.
    package var total: Int? { self.isComplete ? self.ended + self.open : nil }
}

extension PlanEngine {
    /// Where the run stands. Cost: the steps that have not ended; a terminal asks a few times a second.
    package func standing(now: Instant) -> RunStanding {
        let now = max(now, self.now)
        return RunStanding(
            ended: self.tally.steps + self.records.count, open: self.live.count,
            isComplete: self.hasAllSteps && self.blocks.isEmpty && self.reacting.isEmpty, elapsed: now - self.start,
            scenarioTime: self.scenario.time(at: now), waiting: self.firstWaiting(now: now))
    }

    private func firstWaiting(now: Instant) -> RunStanding.Waiting? {
        let waiting = self.live.all.first { $0.phase == .waiting && $0.lane != nil }
        guard let state = waiting, let lane = state.lane.flatMap({ self.lanes[$0] }) else {
            return nil
        }
        let (cause, until) = self.cause(state, lane, now: now)
        return RunStanding.Waiting(id: state.step.id, cause: cause, remaining: until.map { $0 - now })
    }

    /// What keeps a step now, and until when where that is sure.
    private func cause(_ state: LiveStep, _ lane: Lane, now: Instant) -> (WaitingCause, until: Instant?) {
        let base = self.base(of: state)
        if self.isHeld(state.step.number, lane: lane) { return (self.hold.advancingSince == nil ? .paused : .clock, nil) }
        if state.barrierSince != nil || state.pendingAfter > 0 { return (.after, nil) }
        if lane.first != state.step.number { return (.lane, nil) }
        if lane.inFlight >= lane.slots || lane.unsent != nil { return (.slot, nil) }
        if base > now { return (.time, base) }
        if let opening = lane.opensAt, opening > now {
            let byGap = lane.lastDispatch.map { $0 + lane.minGap }
            return (byGap == opening ? .gap : .settle, opening)
        }
        if let after = state.afterReady, after > now { return (.after, after) }
        if state.publisherSince != nil { return (.publisher, nil) }
        if state.quotaSince != nil { return (.quota, nil) }
        return (state.runSlotSince == nil ? .clock : .slot, nil)
    }
}
