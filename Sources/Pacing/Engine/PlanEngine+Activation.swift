import Timeline

/// From a step that is known to one that waits in its lane or for its time.
extension PlanEngine {
    mutating func activate(_ step: Step, in frame: Int) {
        let planned = self.frames[frame]?.time(step.planned, from: step.origin) ?? step.planned
        self.extend(frame, to: planned)
        self.frames[frame]?.openSteps += 1
        self.endSeek(at: step, planned: planned)
        let key = LaneRule.key(of: step, by: self.settings.laneBy)
        let lane = key.map { self.laneIndex($0) }
        let gates = key.map { self.settings.gates(of: step, laneKey: $0) } ?? []
        // What is done on the way to the mark is done at once.
        let time = self.hold.seek == nil ? planned + self.jitter(of: step, lane: lane) : self.scenarioTime(at: self.now)
        let quotas = step.publication.map { self.quotas.keys(of: $0) } ?? []
        var state = LiveStep(step: step, frame: frame, lane: lane, gates: gates, quotas: quotas, planned: planned, time: time)
        if self.isInside(frame, Frame.plan) { state.order = max(planned, self.barrierOrder) }
        let skip = self.reasonToSkip(state) ?? self.addDependencies(of: step, to: &state)
        if step.publication?.hasAutomaticVersion == true { self.versions.isKept = true }
        self.live.insert(state)
        if let skip {
            self.pendingSkips.append((step.number, skip))
            return
        }
        if let lane {
            self.enqueue(state, lane: lane)
        } else if state.pendingAfter == 0 {
            self.scheduleOpening(step.number)
        }
    }

    /// Why steps before the mark of `seek` are not run.
    var seekReason: String? { self.options.seek.map { "the run begins at the mark \"\($0)\"" } }

    func reasonToSkip(_ state: LiveStep) -> String? {
        if state.step.options.isSkipped { return "skip is set" }
        if self.hold.seek != nil, !state.step.isOfClients { return self.seekReason }
        if let runStopped { return runStopped }
        if let reason = self.barrierStop(before: state.step.number, in: state.frame) { return reason }
        return state.lane.flatMap { self.lanes[$0]?.stopped }
    }

    /// - Returns: why the step can never run, if a step it waits for has failed.
    private mutating func addDependencies(of step: Step, to state: inout LiveStep) -> String? {
        for dependency in step.options.after {
            if let trace = self.traces[dependency.step] {
                guard trace.releases else { return Self.reasonAfter(trace.id, trace.ended) }
                self.add(dependency, settledAt: trace.endedAt, to: &state)
            } else if let other = self.live[dependency.step], self.reacting.contains(dependency.step), let openedAt = other.attemptAt {
                self.add(dependency, settledAt: openedAt, to: &state)
            } else if let other = self.live[dependency.step] {
                // Sorted before it in a lane, it could hold the very step it waits for.
                state.order = max(state.order, other.order)
                state.pendingAfter += 1
                self.dependents[dependency.step, default: []].append(step.number)
            }
        }
        return nil
    }

    private func add(_ dependency: Step.Dependency, settledAt instant: Instant, to state: inout LiveStep) {
        let ready = instant + self.scenario.speed.scaled(dependency.delay)
        state.afterReady = max(state.afterReady ?? ready, ready)
    }

    private mutating func enqueue(_ state: LiveStep, lane: Int) {
        let step = state.step
        let order = self.lanes[lane]?.insert(step.number, planned: state.planned, order: state.order) ?? state.order
        self.live[step.number]?.order = order
        if step.isBarrier, state.frame == Frame.plan {
            self.barriers.append(step.number)
            self.barrierOrder = order
        }
        if self.lanes[lane]?.first == step.number {
            self.lanes[lane]?.headSince = self.now
            self.ready.insert(step.number)
        }
    }

    mutating func scheduleOpening(_ number: StepNumber) {
        guard let state = self.live[number] else { return }
        let opening = max(self.scheduledOpening(of: state), self.now)
        self.live[number]?.timer = self.timers.schedule(.opens(number), at: opening, kind: .plan)
    }

    // MARK: Times

    /// The moment of the scenario at an instant; while the run stands, the one at which it came to stand.
    func scenarioTime(at instant: Instant) -> Duration {
        self.scenario.time(at: self.hold.since.map { min(instant, $0) } ?? instant)
    }

    /// When a step is due: its planned time, with its jitter and the shift of its lane, on the run's clock.
    func base(of state: LiveStep) -> Instant {
        if let base = state.base { return base }
        let shift = state.lane.flatMap { self.lanes[$0]?.shift } ?? .zero
        return self.scenario.instant(of: state.time + shift)
    }

    /// From when on time, `after` and the wait before another attempt allow a step.
    func scheduledOpening(of state: LiveStep) -> Instant {
        var opening = self.base(of: state)
        if let ready = state.afterReady { opening = max(opening, ready) }
        if let again = state.retry.notBefore { opening = max(opening, again) }
        return opening
    }

    /// Only ever added, drawn from seed and step id. Source: scheduler §4.
    private func jitter(of step: Step, lane: Int?) -> Duration {
        guard let lane, !step.movesTime else { return .zero }
        let jitter = step.options.jitter ?? self.lanes[lane]?.settings.jitter ?? self.settings.defaults.jitter ?? self.settings.jitter
        guard let jitter else { return .zero }
        var draw = Draw(seed: self.settings.seed, purpose: "jitter", step: step.id, attempt: 1)
        return jitter.drawn(&draw)
    }
}
