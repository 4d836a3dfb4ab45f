import Timeline

/// Pause, resume, step, breakpoints, marks, and what moves the time of the scenario. Source: scheduler §10.
extension PlanEngine {
    /// Whether nothing new is dispatched until `resumed` or `steppedOnce`.
    package var isPaused: Bool { self.hold.pausedSince != nil }

    /// - Parameter lane: the key of one lane; nil is the whole run.
    mutating func pause(_ lane: String?) {
        guard self.phase == .running else { return }
        guard let lane else {
            self.endStepping()
            if self.hold.pausedSince == nil { self.hold.pausedSince = self.now }
            return
        }
        let index = self.laneIndex(lane)
        if self.lanes[index]?.pausedSince == nil { self.lanes[index]?.pausedSince = self.now }
    }

    mutating func resume(_ lane: String?, _ rule: ResumeRule) {
        guard self.phase == .running else { return }
        if let lane {
            self.resumeLane(lane, rule)
            return
        }
        self.endStepping()
        if let since = self.hold.pausedSince {
            self.hold.pausedSince = nil
            self.hold.wasPaused(from: since, to: self.now)
            // A pause within a move of the clock is made up for with that.
            if rule == .shift, self.hold.advancingSince == nil { self.shiftTime(from: since) }
        }
        self.lookAtEverything()
    }

    private mutating func resumeLane(_ key: String, _ rule: ResumeRule) {
        guard let index = self.laneByKey[key], let since = self.lanes[index]?.pausedSince else { return }
        self.lanes[index]?.pausedSince = nil
        if var pauses = self.lanes[index]?.pauses {
            Hold.append(since, self.now, to: &pauses)
            self.lanes[index]?.pauses = pauses
        }
        let pause = self.scenarioTime(at: self.now) - self.scenarioTime(at: since)
        if rule == .shift { self.lanes[index]?.shift += pause }
        self.lookAtHead(of: index)
    }

    /// Lets the next step in file order go, and time with it: no step is dispatched before its planned time (G4).
    mutating func stepOnce() {
        guard self.phase == .running else { return }
        if self.isPaused { self.resume(nil, .shift) }
        self.hold.steppingSince = self.hold.steppingSince ?? self.now
    }

    /// The step of `steppedOnce` is dispatched.
    mutating func stepped(_ id: String) {
        guard self.phase == .running, self.hold.steppingSince != nil else { return }
        self.pauseNow(at: id)
    }

    private mutating func endStepping() {
        guard let since = self.hold.steppingSince else { return }
        self.hold.steppingSince = nil
        self.hold.wasPaused(from: since, to: self.now)
    }

    private mutating func pauseNow(at place: String) {
        self.pause(nil)
        self.out.append(.paused(at: place))
    }

    /// Pauses the run if the step, or the mark it is, is a breakpoint. Each is one once.
    mutating func stopsAtBreakpoint(_ step: Step) -> Bool {
        guard !self.hold.breakpoints.isEmpty else { return false }
        var place = self.hold.breakpoints.remove(step.id)
        if case .mark(let text) = step.kind { place = self.hold.breakpoints.remove(text) ?? place }
        guard let place, self.hold.steppingSince == nil else { return false }
        self.pauseNow(at: place)
        return true
    }

    /// Whether the lane's head must wait for `resumed`.
    func isHeld(_ number: StepNumber, lane: Lane) -> Bool {
        if lane.pausedSince != nil || self.hold.since != nil { return true }
        return self.hold.steppingSince != nil && self.nextInFileOrder != number
    }

    /// The first step of those at the heads of their lanes that do not wait for others.
    private var nextInFileOrder: StepNumber? {
        self.lanes.compactMap { $0?.first }.filter { self.live[$0]?.pendingAfter == 0 }.min()
    }

    /// While the run steps, anything may have made another step the next one.
    mutating func lookForNextStep() {
        guard self.hold.steppingSince != nil else { return }
        for index in self.lanes.indices { self.lookAtHead(of: index) }
    }

    // MARK: Marks

    /// The mark the run was to begin at is here: its planned time is now.
    mutating func endSeek(at step: Step, planned: Duration) {
        guard let mark = self.hold.seek, case .mark(let text) = step.kind, text == mark || step.id == mark else { return }
        self.hold.seek = nil
        self.scenario = ScenarioTime(start: self.now, time: planned, speed: self.scenario.speed)
    }

    // MARK: Time

    /// The virtual clock has been moved on by a step: that time is none of the scenario's.
    mutating func endAdvance() {
        guard let since = self.hold.advancingSince else { return }
        self.hold.advancingSince = nil
        self.shiftTime(from: since)
        // A pause that began meanwhile need not be made up for twice.
        if self.hold.pausedSince != nil { self.hold.pausedSince = self.now }
        self.lookAtEverything()
    }

    /// Goes on at another speed from a step of the scenario. Source: scheduler §19 "`speed` changed while running".
    mutating func changeSpeed(to speed: Speed, at state: LiveStep) {
        let before = self.scenario
        self.scenario.change(to: speed, now: self.now, time: state.planned)
        let after = self.scenario
        let now = self.now
        self.moveWaits { $0 > now ? after.instant(of: before.time(at: $0)) : $0 }
        self.useLaneSettings()
        self.lookAtEverything()
    }

    /// What is planned from `begin` on comes later by the time from then to now.
    private mutating func shiftTime(from begin: Instant) {
        self.scenario.shift(from: begin, to: self.now)
        let pause = self.now - begin
        self.moveWaits { $0 > begin ? $0 + pause : $0 }
    }

    /// Waits that began before time moved and end after that.
    private mutating func moveWaits(_ moved: (Instant) -> Instant) {
        for number in self.live.numbers {
            if let ready = self.live[number]?.afterReady { self.live[number]?.afterReady = moved(ready) }
            if let again = self.live[number]?.retry.notBefore { self.live[number]?.retry.notBefore = moved(again) }
        }
    }

    /// Every head and every observing step that waits, in file order.
    private mutating func lookAtEverything() {
        for index in self.lanes.indices { self.lookAtHead(of: index) }
        self.lookAtBlocks()
        for number in self.live.numbers {
            guard var state = self.live[number], state.lane == nil, state.phase == .waiting, state.pendingAfter == 0 else { continue }
            self.cancelTimer(of: &state)
            self.live[number] = state
            self.scheduleOpening(number)
        }
    }
}
