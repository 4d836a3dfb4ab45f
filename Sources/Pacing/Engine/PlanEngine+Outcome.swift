import Timeline

/// How steps and the run end.
extension PlanEngine {
    mutating func settle(_ number: StepNumber) {
        guard self.live[number] != nil else { return }
        self.end(number, .settled, releases: true)
    }

    /// Ends a step as failed and applies its failure policy. Source: scheduler §11.
    mutating func fail(_ number: StepNumber, got: String) {
        guard let state = self.live[number] else { return }
        let lane = state.lane.flatMap { self.lanes[$0] }
        let policy = state.step.options.onFail ?? lane?.settings.onFail ?? self.settings.defaults.onFail ?? .stopLane
        let failure = StepFailure(
            step: state.step.id, line: state.step.line, verb: state.step.verb, topic: self.topicText(state), awaited: self.awaited(state),
            got: got, related: self.related(to: state))
        self.hasFailed = true
        self.end(number, .failed, failure: failure, releases: policy == .continue)
        let reason = "step \(state.step.id) (line \(state.step.line)) failed"
        switch policy {
        case .continue:
            break
        case .stopRun:
            self.stopRun(reason)
        case .stopLane, .retry:
            // Nothing behind a barrier may go before it settles, and now it never will.
            if state.step.isBarrier { self.stopBehindBarrier(number, reason) }
            if let index = state.lane { self.stopLane(index, reason) }
        }
    }

    mutating func skip(_ number: StepNumber, _ reason: String) {
        guard let state = self.live[number], state.phase != .inFlight else { return }
        let isWanted = state.step.options.isSkipped
        self.end(number, .skipped, detail: reason, releases: isWanted)
        if state.step.isBarrier { self.stopBehindBarrier(number, reason) }
    }

    private mutating func stopLane(_ index: Int, _ reason: String) {
        guard self.lanes[index] != nil, self.lanes[index]?.stopped == nil else { return }
        self.lanes[index]?.stopped = reason
        for number in self.lanes[index]?.waiting ?? [] { self.pendingSkips.append((number, reason)) }
    }

    private mutating func stopBehindBarrier(_ number: StepNumber, _ reason: String) {
        guard self.barrierStop.map({ number < $0.barrier }) ?? true else { return }
        self.barrierStop = (number, reason)
        self.skipWaiting(reason) { $0 > number }
    }

    private mutating func stopRun(_ reason: String) {
        guard self.runStopped == nil else { return }
        self.runStopped = reason
        self.skipWaiting(reason) { _ in true }
    }

    private mutating func skipWaiting(_ reason: String, where isConcerned: (StepNumber) -> Bool) {
        for number in self.live.keys.filter(isConcerned).sorted() where self.live[number]?.phase != .inFlight {
            self.pendingSkips.append((number, reason))
        }
    }

    // MARK: One end for all

    private mutating func end(
        _ number: StepNumber, _ result: StepRecord.State, detail: String? = nil, failure: StepFailure? = nil, releases: Bool
    ) {
        guard var state = self.live.removeValue(forKey: number) else { return }
        self.cancelTimer(of: &state)
        if state.phase == .watching { self.watching.removeAll { $0 == number } }
        if state.step.isBarrier { self.removeBarrier(number) }
        self.record(state, result, detail: detail, failure: failure)
        if let index = state.lane { self.leaveLane(index, state) }
        self.traces[number] = StepTrace(dispatchedAt: state.dispatchedAt, endedAt: self.now, releases: releases)
        for dependent in self.dependents.removeValue(forKey: number) ?? [] {
            if releases {
                self.release(dependent, after: number)
            } else {
                self.pendingSkips.append((dependent, "it waits for step \(state.step.id), which \(Self.pastTense(result))"))
            }
        }
    }

    private mutating func leaveLane(_ index: Int, _ state: LiveStep) {
        if state.phase == .inFlight {
            if let lane = self.lanes[index], lane.inFlight == lane.slots { self.lanes[index]?.freedAt = self.now }
            if self.lanes[index]?.unsent == state.step.number { self.lanes[index]?.unsent = nil }
            self.lanes[index]?.inFlight -= 1
            self.lanes[index]?.ended(at: self.now)
            self.inFlight -= 1
        } else {
            self.lanes[index]?.remove(state.step.number, now: self.now)
        }
        if let first = self.lanes[index]?.first {
            self.ready.insert(first)
        } else if let lane = self.lanes[index], lane.isIdle, lane.isPrivateToStep {
            self.forgetLane(index)
        }
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

    private mutating func release(_ number: StepNumber, after dependency: StepNumber) {
        guard let state = self.live[number] else { return }
        let delay = state.step.options.after.first { $0.step == dependency }?.delay ?? .zero
        let instant = self.now + self.settings.speed.scaled(delay)
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
    func reasonAfter(_ number: StepNumber) -> String {
        let record = self.records.last { $0.number == number }
        return "it waits for step \(record?.id ?? ""), which \(Self.pastTense(record?.state ?? .failed))"
    }

    private static func pastTense(_ state: StepRecord.State) -> String {
        switch state {
        case .settled: "settled"
        case .failed: "failed"
        case .skipped: "was skipped"
        case .cancelled: "was cancelled"
        }
    }

    private mutating func record(_ state: LiveStep, _ result: StepRecord.State, detail: String?, failure: StepFailure?) {
        let step = state.step
        let isRequest = step.publication?.shadow != nil
        var record = StepRecord(
            number: step.number, id: step.id, line: step.line, verb: step.verb, lane: state.lane.flatMap { self.lanes[$0]?.key },
            topic: state.topic ?? step.publication?.topic, publisher: step.actor?.text, payloadBytes: state.payloadBytes,
            planned: step.planned, base: state.base - self.start, state: result, isShadowRequest: isRequest)
        record.dispatched = state.dispatchedAt.map { $0 - self.start }
        record.acked = state.ackedAt.map { $0 - self.start }
        record.ended = result == .settled || result == .failed ? self.now - self.start : nil
        record.gap = state.previousDispatch.flatMap { before in state.dispatchedAt.map { $0 - before } }
        record.waits = state.waits
        record.attempts = state.dispatchedAt == nil ? 0 : 1
        record.detail = detail ?? step.words
        record.answer = state.answer
        record.causeID = state.causeID
        record.failure = failure
        if isRequest, state.answer == nil, state.dispatchedAt != nil { self.unanswered[step.number] = self.records.count }
        if let publication = step.publication, publication.qos > 0, state.ackedAt == nil, state.dispatchedAt != nil {
            self.unacked[step.number] = self.records.count
        }
        self.records.append(record)
    }

    // MARK: The end of the run

    mutating func finishIfDone() {
        guard self.hasAllSteps, self.live.isEmpty, self.unstarted.isEmpty else { return }
        switch self.phase {
        case .running: self.finish(self.hasFailed ? .failed : .passed)
        case .cancelling: self.finish(.cancelled)
        case .ready, .finished: break
        }
    }

    /// Waiting steps are cancelled; those in flight get `grace` to settle. Source: scheduler §10.
    mutating func cancel() {
        guard self.phase == .running else { return }
        self.phase = .cancelling
        self.hasAllSteps = true
        for number in self.live.keys.sorted() where self.live[number]?.phase != .inFlight {
            self.end(number, .cancelled, detail: "the run was cancelled", releases: false)
        }
        _ = self.timers.schedule(.grace, at: self.now + self.options.grace, kind: .plan)
    }

    /// The run is over whatever is still open: its time is up, or the grace after a cancellation.
    mutating func stopEverything(_ state: RunReport.State) {
        self.hasAllSteps = true
        let why = state == .cancelled ? "the run was cancelled" : "the run's time limit of \(self.limitText) came first"
        for number in self.live.keys.sorted() {
            guard let step = self.live[number] else { continue }
            if step.phase == .waiting {
                self.end(number, .cancelled, detail: why, releases: false)
            } else {
                let failure = StepFailure(
                    step: step.step.id, line: step.step.line, verb: step.step.verb, topic: self.topicText(step),
                    awaited: self.awaited(step), got: why, related: self.related(to: step))
                self.end(number, .failed, failure: failure, releases: false)
            }
        }
        self.finish(state)
    }

    private var limitText: String { Times.text(self.settings.timeLimit ?? .zero) }

    private mutating func finish(_ state: RunReport.State) {
        for client in self.clients.keys.sorted() {
            if case .connected = self.clients[client] { self.out.append(.close(nil, client: client, reason: nil)) }
        }
        self.phase = .finished(state)
        self.finishedAt = self.now
        self.pendingSkips = []
        self.out.append(.finished)
    }
}

extension Step {
    /// The text of a note or a mark.
    var words: String? {
        switch self.kind {
        case .note(let text), .mark(let text): text
        case .connect, .disconnect, .drop, .subscribe, .unsubscribe, .publish, .expect, .never, .order, .shadowIs, .react, .clock: nil
        }
    }
}
