import Timeline

/// The timing rule of scheduler §4: the earliest instant at which everything allows the head of a lane.
extension PlanEngine {
    /// Dispatches what may go now, in file order across lanes (G5).
    mutating func dispatchReady() {
        while !self.isFinished {
            if !self.pendingSkips.isEmpty {
                // Skipping a step may put those that wait for it on the list again.
                let skips = self.pendingSkips
                self.pendingSkips = []
                for skip in skips { self.skip(skip.step, skip.reason) }
            } else if let number = self.nextCandidate() {
                let quota = self.wokenByQuota.isEmpty ? nil : self.wokenByQuota.removeValue(forKey: number)
                self.consider(number)
                // One that is held by something else now leaves its turn to the next.
                if let quota, self.live[number]?.phase != .inFlight { self.watchQuota(quota) }
            } else {
                return
            }
        }
    }

    private mutating func nextCandidate() -> StepNumber? {
        let hasSlot = self.inFlight < self.settings.slots
        if hasSlot, let held = self.heldByRunSlots.first, held < self.ready.first ?? StepNumber(.max) {
            return self.heldByRunSlots.popFirst()
        }
        return self.ready.popFirst()
    }

    private mutating func consider(_ number: StepNumber) {
        guard self.phase == .running, let state = self.live[number], state.phase == .waiting, let index = state.lane,
            let lane = self.lanes[index], lane.first == number, self.isPastBarriers(number, state)
        else { return }
        // Those that wait for steps, for a slot of the lane or for `resumed` come back when these are there.
        guard state.pendingAfter == 0, lane.inFlight < lane.slots, lane.unsent == nil, !self.isHeld(number, lane: lane) else { return }
        var opening = self.scheduledOpening(of: state)
        if let opensAt = lane.opensAt { opening = max(opening, opensAt) }
        if opening > self.now {
            self.armLane(index, at: opening)
            return
        }
        guard self.hasPublisher(number, state) else { return }
        if self.inFlight >= self.settings.slots {
            if state.runSlotSince == nil { self.live[number]?.runSlotSince = self.fullSince ?? self.now }
            self.heldByRunSlots.insert(number)
            return
        }
        if self.stopsAtBreakpoint(state.step) || self.waitsForQuota(number, state) { return }
        guard self.survivesLatePolicy(number, state, lane: index), !self.readsVersionFirst(number) else { return }
        self.dispatch(number, lane: index)
    }

    private mutating func isPastBarriers(_ number: StepNumber, _ state: LiveStep) -> Bool {
        if let barrier = self.barriers.first, barrier < number, self.isInside(state.frame, Frame.plan) {
            if state.barrierSince == nil {
                self.live[number]?.barrierSince = self.now
                self.heldByBarrier.insert(number)
            }
            return false
        }
        if let since = state.barrierSince {
            self.live[number]?.barrierSince = nil
            self.live[number]?.intervals.append(WaitInterval(cause: .after, start: since, end: self.now))
        }
        return true
    }

    private mutating func armLane(_ index: Int, at instant: Instant) {
        guard self.lanes[index]?.timerAt != instant else { return }
        if let timer = self.lanes[index]?.timer { self.timers.cancel(timer) }
        self.lanes[index]?.timer = self.timers.schedule(.lane(index), at: instant, kind: .plan)
        self.lanes[index]?.timerAt = instant
    }

    mutating func laneOpened(_ index: Int) {
        self.lanes[index]?.timer = nil
        self.lanes[index]?.timerAt = nil
        self.lookAtHead(of: index)
    }

    /// Whether the client of the step is connected. If not, its time-out begins: nothing else is missing. Source: scheduler §7.
    private mutating func hasPublisher(_ number: StepNumber, _ state: LiveStep) -> Bool {
        guard case .client(let client) = state.step.actor, !state.step.opensClient else { return true }
        switch self.clients[client]?.state {
        case .connected(let since, _):
            if let missing = state.publisherSince {
                var state = state
                self.cancelTimer(of: &state)
                state.publisherSince = nil
                state.intervals.append(WaitInterval(cause: .publisher, start: missing, end: since))
                self.live[number] = state
            }
            return true
        case .connecting, .lost, .gone, nil:
            if state.publisherSince == nil {
                self.live[number]?.publisherSince = self.now
                let until = self.now + self.timeout(of: state.step)
                self.live[number]?.timer = self.timers.schedule(.publisher(number), at: until, kind: .plan)
                self.clientWaiters[client, default: []].append(number)
            }
            return false
        }
    }

    func timeout(of step: Step) -> Duration { step.options.timeout ?? self.settings.defaults.timeout }

    private mutating func dispatch(_ number: StepNumber, lane index: Int) {
        guard var state = self.live[number] else { return }
        if case .clock(.advance) = state.step.kind, self.settings.clock != .virtual {
            self.fail(number, got: "the clock is not virtual and cannot be moved; give the plan \"clock\": \"virtual\"")
            return
        }
        self.cancelTimer(of: &state)
        let action: PlanAction?
        do throws(MissingVariable) {
            action = try self.action(for: &state)
        } catch {
            self.live[number] = state
            self.fail(number, got: "the variable \(error.name) has no value yet: no expectation has captured it before this step's time")
            return
        }
        let isFirst = state.attempt == 0
        if isFirst {
            state.base = self.base(of: state)
            state.dispatchedAt = self.now
            state.previousDispatch = self.lanes[index]?.lastDispatch
            state.waits = self.waits(of: state, lane: index)
        }
        state.forgetWaits()
        state.phase = .inFlight
        state.attempt += 1
        if !state.retry.resends { state.packetAttempt = state.attempt }
        state.attemptAt = self.now
        state.isSent = false
        if !state.step.movesTime {
            state.timer = self.timers.schedule(.timeout(number), at: self.now + self.timeout(of: state.step), kind: .plan)
        }
        let turn = self.lanes[index]?.dispatched(number, isFirst: isFirst, reportsSent: state.step.reportsSent, now: self.now)
        if isFirst, let turn { state.retry.turn = turn }
        self.live[number] = state
        self.inFlight += 1
        if self.inFlight >= self.settings.slots { self.fullSince = self.now }
        self.lookAtHead(of: index)
        self.spendQuotas(number, state)
        if state.gates.looksAtMessages { self.listen(number) }
        if let action { self.out.append(action) } else { self.settle(number) }
        self.stepped(state.step.id)
    }

    /// What held a step between its base and now.
    private func waits(of state: LiveStep, lane index: Int) -> [Wait] {
        guard let base = state.base, base < self.now, let lane = self.lanes[index] else { return [] }
        var intervals = state.intervals + self.hold.pauses + lane.holdingIntervals
        if case .client(let client) = state.step.actor, case .connected(let since, let lostAt) = self.clients[client]?.state, since > base {
            intervals.append(WaitInterval(cause: .publisher, start: lostAt, end: since))
        }
        if let since = self.hold.steppingSince { intervals.append(WaitInterval(cause: .paused, start: since, end: self.now)) }
        if let since = state.runSlotSince { intervals.append(WaitInterval(cause: .slot, start: since, end: self.now)) }
        if let since = state.quotaSince { intervals.append(WaitInterval(cause: .quota, start: since, end: self.now)) }
        if let after = state.afterReady { intervals.append(WaitInterval(cause: .after, start: nil, end: after)) }
        return WaitInterval.waits(from: base, to: self.now, intervals)
    }
}

extension Step {
    /// `connect` needs no connection.
    var opensClient: Bool {
        if case .connect = self.kind { true } else { false }
    }

    /// Whether the shell says when the packet went out.
    var reportsSent: Bool {
        switch self.kind {
        case .publish, .disconnect, .drop: true
        case .connect, .subscribe, .unsubscribe, .expect, .never, .order, .shadowIs, .react, .block, .clock, .mark, .note: false
        }
    }
}
