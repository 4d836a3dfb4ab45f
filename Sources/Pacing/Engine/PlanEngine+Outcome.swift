import Timeline

/// How steps and the run end.
extension PlanEngine {
    mutating func settle(_ number: StepNumber) {
        guard self.live[number] != nil else { return }
        self.end(number, .settled, releases: true)
    }

    /// Ends an attempt as failed, and the step if its failure policy does not let it try again. Source: scheduler §11.
    ///
    /// - Parameter cause: what a `retry` may be for; nil is what no further attempt can help.
    mutating func fail(_ number: StepNumber, got: String, cause: RetryRule.Cause? = nil) {
        guard let state = self.live[number] else { return }
        let lane = state.lane.flatMap { self.lanes[$0] }
        let policy = state.step.options.onFail ?? lane?.settings.onFail ?? self.settings.defaults.onFail ?? .stopLane
        if self.retries(number, state, policy, cause, got: got) { return }
        self.hasFailed = true
        self.end(number, .failed, failure: self.failure(of: state, got: got), releases: policy == .continue)
        let reason = "step \(state.step.id) (\(state.step.placeText)) failed"
        switch policy {
        case .continue:
            break
        case .stopRun:
            self.stopRun(reason)
        case .stopLane, .retry:
            // Nothing behind a barrier may go before it settles, and now it never will.
            if state.step.isBarrier { self.stopBehindBarrier(number, state.frame, reason) }
            if let index = state.lane { self.stopLane(index, reason) }
        }
    }

    func failure(of state: LiveStep, got: String) -> StepFailure {
        let attempt = state.attempt > 1 ? " (attempt \(state.attempt))" : ""
        return StepFailure(
            step: state.step.id, line: state.step.line, file: state.step.file, verb: state.step.verb, topic: self.topicText(state),
            awaited: self.awaited(state),
            got: got + attempt, related: self.related(to: state))
    }

    /// A step that waits, or only looks, never will be dispatched; one that waits for a further attempt has failed.
    mutating func skip(_ number: StepNumber, _ reason: String) {
        guard let state = self.live[number], state.phase != .inFlight else { return }
        if let last = state.retry.failed.last, state.attempt > 0 {
            self.hasFailed = true
            self.end(
                number, .failed, failure: self.failure(of: state, got: "\(last.got); it is not tried again: \(reason)"), releases: false)
        } else {
            let isWanted = state.step.options.isSkipped || reason == self.seekReason
            self.end(number, .skipped, detail: reason, releases: isWanted)
            if isWanted { return }
        }
        if state.step.isBarrier { self.stopBehindBarrier(number, state.frame, reason) }
    }

    private mutating func stopLane(_ index: Int, _ reason: String) {
        guard self.lanes[index] != nil, self.lanes[index]?.stopped == nil else { return }
        self.lanes[index]?.stopped = reason
        for number in self.lanes[index]?.waiting ?? [] { self.pendingSkips.append((number, reason)) }
    }

    private mutating func stopBehindBarrier(_ number: StepNumber, _ frame: Int, _ reason: String) {
        guard self.frames[frame]?.barrierStop.map({ number < $0.barrier }) ?? true else { return }
        self.frames[frame]?.barrierStop = (number, reason)
        self.skip(self.live.numbers.filter { $0 > number && self.isInside(self.live[$0]?.frame ?? Frame.plan, frame) }, reason)
    }

    mutating func stopRun(_ reason: String) {
        guard self.runStopped == nil else { return }
        self.runStopped = reason
        self.skip(self.live.numbers, reason)
    }

    private mutating func skip(_ numbers: [StepNumber], _ reason: String) {
        for number in numbers where self.live[number]?.phase != .inFlight && !self.reacting.contains(number) {
            self.pendingSkips.append((number, reason))
        }
    }

    // MARK: One end for all

    mutating func end(
        _ number: StepNumber, _ result: StepRecord.State, detail: String? = nil, failure: StepFailure? = nil, releases: Bool
    ) {
        guard var state = self.live.remove(number) else { return }
        if state.phase == .watching { self.watching.removeAll { $0 == number } }
        if state.step.isBarrier { self.removeBarrier(number) }
        if case .clock(.advance) = state.step.kind, state.phase == .inFlight { self.endAdvance() }
        self.record(state, result, detail: detail, failure: failure)
        self.leaveLane(&state)
        self.leaveRequest(number, state, hasSettled: result == .settled)
        let trace = StepTrace(
            id: state.step.id, ended: result, dispatchedAt: state.dispatchedAt, endedAt: self.now, releases: releases,
            link: self.frames[state.frame]?.link)
        self.traces.add(number, trace)
        for dependent in self.dependents.removeValue(forKey: number) ?? [] {
            if releases {
                self.release(dependent, after: number)
            } else {
                self.pendingSkips.append((dependent, Self.reasonAfter(state.step.id, result)))
            }
        }
        self.leaveFrame(state, result, releases: releases)
    }

    /// A step that waits or is in flight does so no more; what it left behind is looked at again.
    private mutating func leaveLane(_ state: inout LiveStep) {
        if state.phase == .inFlight {
            self.endFlight(of: &state, hasEnded: true)
        } else {
            self.cancelTimer(of: &state)
            if let index = state.lane { self.lanes[index]?.remove(state.step.number, now: self.now) }
        }
        guard let index = state.lane else { return }
        self.lookAtHead(of: index)
        if let lane = self.lanes[index], lane.isIdle, lane.isPrivateToStep { self.forgetLane(index) }
    }

    /// Whatever becomes of a step in flight, it is that no more.
    mutating func endFlight(of state: inout LiveStep, hasEnded: Bool) {
        self.cancelTimer(of: &state)
        self.stopListening(&state)
        if let index = state.lane { self.lanes[index]?.landed(state.step.number, hasEnded: hasEnded, now: self.now) }
        self.inFlight -= 1
        if !hasEnded { self.closeRequest(state.step.number) }
    }

    private mutating func removeBarrier(_ number: StepNumber) {
        guard let place = self.barriers.firstIndex(of: number) else { return }
        self.barriers.remove(at: place)
        let next = self.barriers.first ?? StepNumber(.max)
        while let held = self.heldByBarrier.first, held <= next {
            _ = self.heldByBarrier.popFirst()
            self.ready.insert(held)
        }
    }

    mutating func release(_ number: StepNumber, after dependency: StepNumber) {
        guard let state = self.live[number] else { return }
        let delay = state.step.options.after.first { $0.step == dependency }?.delay ?? .zero
        let instant = self.now + self.scenario.speed.scaled(delay)
        self.live[number]?.afterReady = max(state.afterReady ?? instant, instant)
        self.live[number]?.pendingAfter -= 1
        guard state.pendingAfter == 1 else { return }
        if state.lane == nil { self.scheduleOpening(number) } else { self.ready.insert(number) }
    }

    mutating func cancelTimer(of state: inout LiveStep) {
        if let timer = state.timer { self.timers.cancel(timer) }
        state.timer = nil
    }

    /// Why a step that names a step which has ended badly can never run.
    static func reasonAfter(_ id: String, _ ended: StepRecord.State) -> String {
        let what =
            switch ended {
            case .settled: "settled"
            case .failed: "failed"
            case .skipped: "was skipped"
            case .cancelled: "was cancelled"
            }
        return "it waits for step \(id), which \(what)"
    }
}
