import Timeline

/// Steps are taken in while the plan runs, and those of blocks when their pass begins. Source: scheduler §16.4, §19 "10^6 steps".
///
/// A step is numbered when it is taken in, so the order of numbers is that in which steps begin; G1 and G5 are about this order.
extension PlanEngine {
    /// Takes in what there is room for. A pass is taken in whole, up to a block in it.
    mutating func pullSteps() {
        var left = self.options.stepsAtOnce
        while self.phase == .running {
            if !self.unread.isEmpty {
                let frame = self.unread.removeFirst()
                while self.frames[frame]?.canPull == true { self.pullStep(frame) }
            } else if let block = self.nextDuePass() {
                self.beginPass(of: block)
            } else if left > 0, self.hasRoom, self.frames[Frame.plan]?.canPull == true {
                left -= 1
                self.pullStep(Frame.plan)
            } else {
                return
            }
        }
    }

    /// Whether there is something to take in now.
    var canPull: Bool {
        guard self.phase == .running else { return false }
        return !self.unread.isEmpty || !self.duePasses.isEmpty && self.hasRoom || self.hasRoom && self.frames[Frame.plan]?.canPull == true
    }

    private var hasRoom: Bool { self.live.count < self.options.window }

    private mutating func pullStep(_ frame: Int) {
        let number = StepNumber(self.nextNumber)
        let step: Step?
        do throws(ScenarioError) {
            step = try self.nextStep(frame, number)
        } catch {
            self.readingFailed(error)
            return
        }
        guard let step else {
            self.drained(frame)
            return
        }
        self.nextNumber += 1
        if step.block != nil || step.isBarrier && frame != Frame.plan { self.frames[frame]?.standsAt = number }
        self.activate(step, in: frame)
    }

    private mutating func nextStep(_ frame: Int, _ number: StepNumber) throws(ScenarioError) -> Step? {
        guard var pass = self.frames[frame]?.pass.take() else { return try self.source.next(number) }
        defer { self.frames[frame]?.pass = pass }
        return try self.source.next(in: &pass, number)
    }

    private mutating func drained(_ frame: Int) {
        self.frames[frame]?.isDrained = true
        if let line = self.frames[frame]?.pass?.timeLine, let end = self.frames[frame]?.time(line.planned, from: line.origin) {
            self.extend(frame, to: end)
        }
        if let owner = self.frames[frame]?.owner, let open = self.blocks[owner], open.overlaps {
            self.planPass(of: owner, at: self.frames[frame]?.end ?? open.end)
        }
        self.closeIfDone(frame)
    }

    /// A frame goes on at least to this scenario time.
    mutating func extend(_ frame: Int, to end: Duration) {
        if let known = self.frames[frame]?.end, known < end { self.frames[frame]?.end = end }
    }

    /// A file that cannot be read any further fails the run, with the text of the fault.
    private mutating func readingFailed(_ error: ScenarioError) {
        let number = StepNumber(self.nextNumber)
        self.nextNumber += 1
        let time = self.scenarioTime(at: self.now)
        var record = StepRecord(
            number: number, id: "scenario", line: error.line, verb: "scenario", planned: time, base: self.now - self.start, state: .failed)
        record.ended = self.now - self.start
        record.failure = StepFailure(
            step: "scenario", line: error.line, verb: "scenario", topic: error.file, awaited: "a step that can be read", got: error.text,
            related: [])
        self.keep(record)
        self.hasFailed = true
        for frame in self.frames.keys { self.frames[frame]?.isDrained = true }
        self.stopRun("the scenario cannot be read further: \(error.text)")
    }

    // MARK: Passes

    /// The time of a block has come.
    mutating func openBlock(_ number: StepNumber, _ state: LiveStep, _ block: Block) {
        let opening = self.scenarioTime(at: self.scheduledOpening(of: state))
        let origin = state.afterReady == nil ? state.time : max(state.time, opening)
        self.live[number]?.phase = .watching
        self.blocks[number] = OpenBlock(block, origin: origin)
        switch block.kind {
        case .par: for body in block.bodies { self.begin(body, of: number, state.frame, at: origin) }
        case .repeat: self.planPass(of: number, at: origin)
        }
    }

    private mutating func beginPass(of number: StepNumber) {
        guard let open = self.blocks[number], let origin = open.nextOrigin, let state = self.live[number],
            let body = open.block.bodies.first
        else { return }
        self.blocks[number]?.nextOrigin = nil
        if open.goesOn(at: origin) {
            self.begin(body, of: number, state.frame, at: origin)
        } else if open.frames.isEmpty {
            self.closeBlock(number)
        }
    }

    private mutating func begin(_ body: StepBody, of number: StepNumber, _ parent: Int, at origin: Duration) {
        guard let begun = self.blocks[number]?.begun, let pass = try? StepPass(body, pass: begun, message: nil) else { return }
        var frame = Frame(parent: parent, owner: number, origin: origin, pass: pass)
        frame.link = self.frames[parent]?.link
        let place = self.open(frame)
        self.blocks[number]?.begun += 1
        self.blocks[number]?.frames.append(place)
    }

    mutating func open(_ frame: Frame) -> Int {
        let place = self.nextFrame
        self.nextFrame += 1
        self.frames[place] = frame
        self.unread.append(place)
        return place
    }

    /// The next pass begins at this scenario time, if there is one; otherwise the block ends with its last pass.
    private mutating func planPass(of number: StepNumber, at origin: Duration) {
        guard let open = self.blocks[number] else { return }
        guard open.goesOn(at: origin) else {
            if open.frames.isEmpty { self.closeBlock(number) }
            return
        }
        self.blocks[number]?.nextOrigin = origin
        self.schedulePass(of: number)
    }

    private mutating func schedulePass(of number: StepNumber) {
        guard let open = self.blocks[number], let origin = open.nextOrigin else { return }
        if let timer = open.timer { self.timers.cancel(timer) }
        let instant = self.scenario.instant(of: origin)
        if instant > self.now {
            self.blocks[number]?.timer = self.timers.schedule(.pass(number), at: instant, kind: .plan)
        } else {
            self.passIsDue(number)
        }
    }

    mutating func passIsDue(_ number: StepNumber) {
        self.blocks[number]?.timer = nil
        if !self.duePasses.contains(number) { self.duePasses.append(number) }
    }

    private mutating func nextDuePass() -> StepNumber? {
        let place = self.duePasses.firstIndex { self.hasRoom || self.blocks[$0]?.overlaps != true }
        return place.map { self.duePasses.remove(at: $0) }
    }

    /// Time has moved: what is planned comes at other instants.
    mutating func lookAtBlocks() {
        for number in self.blocks.keys.sorted() where self.blocks[number]?.timer != nil { self.schedulePass(of: number) }
    }

    // MARK: Ends

    /// A step has ended; what it stood in may have ended with it.
    mutating func leaveFrame(_ state: LiveStep, _ result: StepRecord.State, releases: Bool) {
        let number = state.step.number
        if self.reacting.contains(number) {
            self.reacting.removeAll { $0 == number }
            return
        }
        self.frames[state.frame]?.openSteps -= 1
        if !releases, result != .cancelled, self.frames[state.frame]?.failure == nil {
            let how = result == .failed ? "failed" : "was skipped"
            self.frames[state.frame]?.failure = "step \(state.step.id) (\(state.step.placeText)) \(how)"
        }
        if state.step.block != nil { self.leaveBlock(number, state) }
        if self.frames[state.frame]?.standsAt == number {
            self.frames[state.frame]?.standsAt = nil
            if state.frame != Frame.plan, self.frames[state.frame]?.canPull == true { self.unread.append(state.frame) }
        }
        self.closeIfDone(state.frame)
    }

    mutating func closeIfDone(_ place: Int) {
        guard place != Frame.plan, let frame = self.frames[place], frame.isDone, let owner = frame.owner else { return }
        self.frames[place] = nil
        guard let block = self.blocks[owner] else { return }
        if let parent = frame.parent, let pass = frame.pass {
            var outer = self.frames[parent]?.pass.take()
            self.source.close(pass, in: &outer)
            self.frames[parent]?.pass = outer
        }
        self.blocks[owner]?.frames.removeAll { $0 == place }
        self.blocks[owner]?.end = max(block.end, frame.end)
        if block.failure == nil { self.blocks[owner]?.failure = frame.failure }
        if case .repeat(_, overlaps: false) = block.block.kind {
            self.planPass(of: owner, at: max(frame.end, self.scenarioTime(at: self.now)))
        } else if self.blocks[owner]?.frames.isEmpty == true, block.nextOrigin == nil || self.blocks[owner]?.failure != nil {
            self.closeBlock(owner)
        }
    }

    private mutating func closeBlock(_ number: StepNumber) {
        guard let open = self.blocks[number] else { return }
        guard let failure = open.failure else {
            self.end(number, .settled, detail: open.text, releases: true)
            return
        }
        var goesOn = open
        goesOn.failure = nil
        if goesOn.goesOn(at: max(open.end, self.scenarioTime(at: self.now))) {
            self.end(number, .skipped, detail: "it ended after \(open.text): \(failure)", releases: false)
        } else {
            self.end(number, .settled, detail: "\(open.text), the last with a failure: \(failure)", releases: false)
        }
    }

    /// A block has ended, whatever of it is still open: what stands behind it in its frame comes now.
    private mutating func leaveBlock(_ number: StepNumber, _ state: LiveStep) {
        var end = state.planned
        if let open = self.blocks.removeValue(forKey: number) {
            if let timer = open.timer { self.timers.cancel(timer) }
            self.duePasses.removeAll { $0 == number }
            self.unread.removeAll { open.frames.contains($0) }
            for frame in open.frames { self.abandon(frame) }
            end = max(open.end, self.scenarioTime(at: self.now))
        }
        self.frames[state.frame]?.blockEnd = max(end, state.planned)
        self.extend(state.frame, to: end)
    }

    /// Nothing more begins in it; it is forgotten when what has begun has ended.
    private mutating func abandon(_ frame: Int) {
        self.frames[frame]?.isDrained = true
        if self.frames[frame]?.openSteps == 0 { self.frames[frame] = nil }
    }

    // MARK: Barriers

    /// Why a step must not go: a barrier before it in its frame, or in one around that, has failed.
    func barrierStop(before number: StepNumber, in frame: Int) -> String? {
        var place: Int? = frame
        while let here = place, let frame = self.frames[here] {
            if let stop = frame.barrierStop, stop.barrier < number { return stop.reason }
            place = frame.parent
        }
        return nil
    }

    /// Whether a frame is this one or stands in it. What a reaction does stands in no other.
    func isInside(_ frame: Int, _ outer: Int) -> Bool {
        var place: Int? = frame
        while let here = place {
            if here == outer { return true }
            place = self.frames[here]?.parent
        }
        return false
    }
}
