import Timeline

/// What happens to a step whose time is past. Source: scheduler §10.
extension PlanEngine {
    /// Timers of a clock that runs by itself fire late, and that is not the plan's lateness.
    private var timerTolerance: Duration {
        switch self.settings.clock {
        case .real: .milliseconds(50)
        case .scaled(let factor): .milliseconds(50) * factor.thousandths / 1000
        case .virtual: .zero
        }
    }

    /// Applies the late policy to a step that everything else lets go. At speed `max` nothing is late.
    ///
    /// - Returns: whether it may still go.
    mutating func survivesLatePolicy(_ number: StepNumber, _ state: LiveStep, lane index: Int) -> Bool {
        guard !state.isJudgedForLateness, self.scenario.speed != .max else { return true }
        self.live[number]?.isJudgedForLateness = true
        let base = self.base(of: state)
        let grace = self.scenario.speed.scaled(self.settings.defaults.lateGrace)
        guard self.now - base > grace + self.timerTolerance else { return true }
        switch self.latePolicy(of: state.step, lane: index) {
        case .keep:
            return true
        case .shift:
            self.live[number]?.base = base
            let shift = self.scenarioTime(at: self.now) - state.time
            if let before = self.lanes[index]?.shift, shift > before { self.lanes[index]?.shift = shift }
            return true
        case .skip:
            self.skip(number, "late by \(Times.text(self.now - base))")
            return false
        case .fail:
            self.fail(
                number, got: "it was due at \(self.runTime(base)) and could only go \(Times.text(self.now - base)) later (late policy fail)"
            )
            return false
        }
    }

    /// A plan's `skip` is for what it publishes: without its clients nothing after it would make sense.
    private func latePolicy(of step: Step, lane index: Int) -> LatePolicy {
        if let own = step.options.late { return own }
        let general = self.lanes[index]?.settings.late ?? self.settings.defaults.late
        return general == .skip && step.publication == nil ? .keep : general
    }
}
