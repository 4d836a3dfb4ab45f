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
                self.consider(number)
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
            let lane = self.lanes[index], lane.first == number
        else { return }
        if let barrier = self.barriers.first, barrier < number {
            if state.barrierSince == nil {
                self.live[number]?.barrierSince = self.now
                self.heldByBarrier.insert(number)
            }
            return
        }
        if let since = state.barrierSince {
            self.live[number]?.barrierSince = nil
            self.live[number]?.intervals.append(WaitInterval(cause: .after, start: since, end: self.now))
        }
        // Those that wait for steps or for a slot of the lane come back when these end.
        guard state.pendingAfter == 0, lane.inFlight < lane.slots, lane.unsent == nil else { return }
        let opening = max(self.scheduledOpening(of: state), lane.opensAt ?? state.base)
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
        if let since = state.runSlotSince {
            self.live[number]?.intervals.append(WaitInterval(cause: .slot, start: since, end: self.now))
        }
        self.dispatch(number, lane: index)
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
        if let first = self.lanes[index]?.first { self.ready.insert(first) }
    }

    /// Whether the client of the step is connected. If not, its time-out begins: nothing else is missing. Source: scheduler §7.
    private mutating func hasPublisher(_ number: StepNumber, _ state: LiveStep) -> Bool {
        guard case .client(let client) = state.step.actor, !state.step.opensClient else { return true }
        switch self.clients[client] {
        case .connected(let since, let lostAt):
            if state.publisherSince != nil || since > state.base {
                self.live[number]?.intervals.append(WaitInterval(cause: .publisher, start: lostAt, end: since))
            }
            return true
        case .connecting, .gone, nil:
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
        self.cancelTimer(of: &state)
        let action: PlanAction
        do throws(MissingVariable) {
            action = try self.action(for: &state)
        } catch {
            self.live[number] = state
            self.fail(number, got: "the variable \(error.name) has no value yet: no expectation has captured it before this step's time")
            return
        }
        state.phase = .inFlight
        state.dispatchedAt = self.now
        state.previousDispatch = self.lanes[index]?.lastDispatch
        state.waits = self.waits(of: state, lane: index)
        state.intervals = []
        state.timer = self.timers.schedule(.timeout(number), at: self.now + self.timeout(of: state.step), kind: .plan)
        self.live[number] = state
        self.lanes[index]?.remove(number, now: self.now)
        self.lanes[index]?.lastDispatch = self.now
        self.lanes[index]?.lastAsked = self.now
        self.lanes[index]?.unsent = state.step.reportsSent ? number : nil
        self.lanes[index]?.inFlight += 1
        if let lane = self.lanes[index], lane.inFlight >= lane.slots { self.lanes[index]?.fullSince = self.now }
        self.inFlight += 1
        if self.inFlight >= self.settings.slots { self.fullSince = self.now }
        if let next = self.lanes[index]?.first { self.ready.insert(next) }
        self.out.append(action)
    }

    private func waits(of state: LiveStep, lane index: Int) -> [Wait] {
        guard state.base < self.now, let lane = self.lanes[index] else { return [] }
        var intervals = state.intervals
        intervals.append(WaitInterval(cause: .lane, start: nil, end: lane.headSince))
        if let full = lane.fullSince, let freed = lane.freedAt, freed >= full {
            intervals.append(WaitInterval(cause: .slot, start: full, end: freed))
        }
        if let last = lane.lastDispatch {
            intervals.append(WaitInterval(cause: .slot, start: lane.lastAsked, end: last))
            intervals.append(WaitInterval(cause: .gap, start: last, end: last + lane.minGap))
        }
        if let end = lane.lastEnd, let settle = lane.settle {
            intervals.append(WaitInterval(cause: .settle, start: lane.settlingSince, end: end + settle))
        }
        if let after = state.afterReady { intervals.append(WaitInterval(cause: .after, start: nil, end: after)) }
        return WaitInterval.waits(from: state.base, to: self.now, intervals)
    }

    // MARK: Actions

    private mutating func action(for state: inout LiveStep) throws(MissingVariable) -> PlanAction {
        let number = state.step.number
        switch state.step.kind {
        case .connect(let spec):
            self.clients[spec.client] = .connecting(number)
            return .open(number, spec)
        case .disconnect(let client, let reason):
            self.clients[client] = .gone(at: self.now, reason: "disconnected by step \(state.step.id)")
            return .close(number, client: client, reason: reason)
        case .drop(let client, let how):
            self.clients[client] = .gone(at: self.now, reason: "dropped by step \(state.step.id)")
            return .drop(number, client: client, how: how)
        case .subscribe(let client, let filters, let qos):
            return .subscribe(number, client: client, filters: filters, qos: qos)
        case .unsubscribe(let client, let filters):
            return .unsubscribe(number, client: client, filters: filters)
        case .publish(let publication):
            return .publish(try self.publish(publication, &state))
        case .expect, .never, .order, .shadowIs, .react, .clock, .mark, .note:
            preconditionFailure("step \(state.step.id) only observes and is in no lane")
        }
    }

    private mutating func publish(_ publication: Publication, _ state: inout LiveStep) throws(MissingVariable) -> StepPublish {
        let topic = try LateText.filledText(publication.topic, from: self.values)
        var token: String?
        let payload = try PayloadBytes.make(
            publication, step: state.step, seed: self.settings.seed, values: self.values,
            stamp: self.options.isRemote ? "\(self.options.runID)-\(state.step.id)-1" : nil, token: &token)
        if self.options.isRemote, let token { self.tokens.add(token, state.step.number) }
        state.topic = topic
        state.payloadBytes = payload.count
        state.clientToken = token
        return StepPublish(
            step: state.step.number, id: state.step.id, attempt: 1, publisher: publication.publisher, topic: topic, payload: payload,
            qos: publication.qos, retain: publication.retain, clientToken: token)
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
        case .connect, .subscribe, .unsubscribe, .expect, .never, .order, .shadowIs, .react, .clock, .mark, .note: false
        }
    }
}
