import Timeline

/// From a step that is known to one that waits in its lane or for its time.
extension PlanEngine {
    mutating func activate(_ step: Step) {
        self.traces[StepNumber(step.number.rawValue - self.options.window)] = nil
        let key = LaneRule.key(of: step, by: self.settings.laneBy)
        let lane = key.map { self.laneIndex($0) }
        let base = self.start + self.settings.speed.scaled(step.planned + self.jitter(of: step, lane: lane))
        let gates = key.map { self.settings.gates(of: step, laneKey: $0) } ?? []
        var state = LiveStep(step: step, lane: lane, gates: gates, base: base)
        let skip = self.reasonToSkip(step, lane: lane) ?? self.addDependencies(of: step, to: &state)
        self.live[step.number] = state
        if let skip {
            self.pendingSkips.append((step.number, skip))
            return
        }
        if let lane {
            self.enqueue(step, lane: lane)
        } else if state.pendingAfter == 0 {
            self.scheduleOpening(step.number)
        }
    }

    private func reasonToSkip(_ step: Step, lane: Int?) -> String? {
        if step.options.isSkipped { return "skip is set" }
        if let runStopped { return runStopped }
        if let stop = self.barrierStop, step.number > stop.barrier { return stop.reason }
        return lane.flatMap { self.lanes[$0]?.stopped }
    }

    /// - Returns: why the step can never run, if a step it waits for has failed.
    private mutating func addDependencies(of step: Step, to state: inout LiveStep) -> String? {
        for dependency in step.options.after {
            if let trace = self.traces[dependency.step] {
                guard trace.releases else { return self.reasonAfter(dependency.step) }
                let ready = trace.endedAt + self.settings.speed.scaled(dependency.delay)
                state.afterReady = max(state.afterReady ?? ready, ready)
            } else if self.live[dependency.step] != nil {
                state.pendingAfter += 1
                self.dependents[dependency.step, default: []].append(step.number)
            }
        }
        return nil
    }

    private mutating func enqueue(_ step: Step, lane: Int) {
        // A step with dependencies keeps its place: sorted forward it could hold the very step it waits for.
        let fence = step.options.after.isEmpty ? self.lastBarrier ?? StepNumber(-1) : nil
        self.lanes[lane]?.insert(step.number, planned: step.planned, fence: fence)
        if step.isBarrier {
            self.barriers.append(step.number)
            self.lastBarrier = step.number
        }
        if self.lanes[lane]?.first == step.number {
            self.lanes[lane]?.headSince = self.now
            self.ready.insert(step.number)
        }
    }

    func scheduledOpening(of state: LiveStep) -> Instant { max(state.base, state.afterReady ?? state.base) }

    mutating func scheduleOpening(_ number: StepNumber) {
        guard let state = self.live[number] else { return }
        let opening = max(self.scheduledOpening(of: state), self.now)
        self.live[number]?.timer = self.timers.schedule(.opens(number), at: opening, kind: .plan)
    }

    /// Only ever added, drawn from seed and step id. Source: scheduler §4.
    private func jitter(of step: Step, lane: Int?) -> Duration {
        guard let lane else { return .zero }
        let jitter = step.options.jitter ?? self.lanes[lane]?.settings.jitter ?? self.settings.defaults.jitter ?? self.settings.jitter
        guard let jitter else { return .zero }
        var draw = Draw(seed: self.settings.seed, purpose: "jitter", step: step.id, attempt: 1)
        let span = UInt64((jitter.most - jitter.least).wholeNanoseconds)
        return jitter.least + .nanoseconds(Int64(draw.upTo(span)))
    }

    // MARK: Lanes

    private mutating func laneIndex(_ key: String) -> Int {
        if let index = self.laneByKey[key] { return index }
        if self.laneByKey.count >= Self.lanesBeforeForgetting { self.forgetIdleLanes() }
        let lane = Lane(key: key, settings: self.settings)
        let index: Int
        if let free = self.freeLanes.popLast() {
            self.lanes[free] = lane
            index = free
        } else {
            self.lanes.append(lane)
            index = self.lanes.count - 1
        }
        self.laneByKey[key] = index
        return index
    }

    private static var lanesBeforeForgetting: Int { 4096 }

    /// A lane without work is forgotten once its gap and ten minutes have passed. Source: scheduler §5.
    private mutating func forgetIdleLanes() {
        for index in self.lanes.indices {
            guard let lane = self.lanes[index], lane.isIdle, lane.stopped == nil, let last = lane.lastDispatch,
                last + max(lane.minGap, .seconds(600)) <= self.now
            else { continue }
            self.forgetLane(index)
        }
    }

    mutating func forgetLane(_ index: Int) {
        guard let lane = self.lanes[index] else { return }
        if let timer = lane.timer { self.timers.cancel(timer) }
        self.laneByKey[lane.key] = nil
        self.lanes[index] = nil
        self.freeLanes.append(index)
    }
}
