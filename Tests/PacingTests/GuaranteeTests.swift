import JSON
import Pacing
import Testing
import Timeline

/// G1–G5 of scheduler §9 for random plans, gates and service delays (acceptance test 2). A failure prints the seed of its plan.
@Suite struct GuaranteeTests {
    @Test(arguments: 0..<20)
    func theGuaranteesHoldForRandomPlans(_ batch: Int) throws {
        for seed in UInt64(batch * 500)..<UInt64(batch * 500 + 500) {
            let run = try RandomRun(seed: seed)
            let faults = run.faults()
            #expect(faults.isEmpty, "seed \(seed): \(faults.joined(separator: "; "))\n\(run.text)")
            if !faults.isEmpty { return }
        }
    }

    /// The checks above must be able to fail: they do for a report that was tampered with.
    @Test func theChecksNoticeAViolation() throws {
        var run = try RandomRun(seed: 3)
        run.dispatches.swapAt(0, run.dispatches.count - 1)
        #expect(!run.faults().isEmpty)
    }
}

/// One random plan, run with random delays.
private struct RandomRun {
    let seed: UInt64
    let plan: Plan
    let steps: [Step]
    let text: String
    let report: RunReport
    /// In the order the engine asked for them.
    var dispatches: [(step: StepNumber, at: Instant)]
    let start: Instant

    init(seed: UInt64) throws {
        var random = Draw(seed: seed, purpose: "plan", step: "", attempt: 1)
        self.seed = seed
        self.text = Self.text(&random)
        self.plan = try Plan.parse(text, seed: seed)
        self.steps = self.plan.steps
        let shell = VirtualShell(self.plan)
        self.start = shell.now
        shell.connectDelay = { _ in .milliseconds(5) }
        shell.respond = { Self.response(seed: seed, $0) }
        self.report = shell.run()
        self.dispatches = shell.actions.compactMap { entry in Self.step(of: entry.action).map { ($0, entry.at) } }
    }

    private static func pick(_ random: inout Draw, _ bound: UInt64) -> Int64 { Int64(random.upTo(bound)) }

    private static func text(_ random: inout Draw) -> String {
        let gap = ["0", "\"100ms\"", "\"1s\""][Int(Self.pick(&random, 2))]
        let slots = 1 + Self.pick(&random, 2)
        let settle = Self.pick(&random, 3) == 0 ? ",\"settle\":\"70ms\"" : ""
        let speed = ["1", "2", "0.3", "\"max\""][Int(Self.pick(&random, 3))]
        let jitter = Self.pick(&random, 2) == 0 ? ",\"jitter\":\"300ms\"" : ""
        let runSlots = 1 + Self.pick(&random, 4)
        var lines = [
            "{\"scenario\":1,\"speed\":\(speed),\"slots\":\(runSlots)\(jitter),\"lanes\":{\"thing:*\":{\"minGap\":\(gap),\"slots\":\(slots)\(settle)}},"
                + "\"defaults\":{\"timeout\":\"2s\"}}",
            "{\"connect\":{\"client\":\"app\"}}",
        ]
        let count = 3 + Self.pick(&random, 7)
        var at: Int64 = 0
        for place in 0..<count {
            at += Self.pick(&random, 3) == 0 ? Self.pick(&random, 900) : 0
            var line = "{\"id\":\"s\(place)\",\"at\":\"\(Self.pick(&random, 9) == 0 ? at / 2 : at)ms\""
            if place > 0, Self.pick(&random, 4) == 0 { line += ",\"after\":[\"s\(Self.pick(&random, UInt64(place - 1)))\"]" }
            if Self.pick(&random, 2) > 0 { line += ",\"as\":\"app\"" }
            if Self.pick(&random, 1) == 0 { line += ",\"onFail\":\"continue\"" }
            switch Self.pick(&random, 9) {
            case 0: line = "{\"id\":\"s\(place)\",\"at\":\"\(at)ms\",\"sub\":{\"client\":\"app\",\"filters\":[\"x/+\"]}"
            case 1, 2: line += ",\"pub\":{\"topic\":\"x/\(place)\",\"payload\":1,\"qos\":\(Self.pick(&random, 1))}"
            default:
                line += ",\"gate\":\"\(["sent", "accepted", "accepted"][Int(Self.pick(&random, 2))])\""
                line += ",\"update\":{\"thing\":\"T\(Self.pick(&random, 2))\",\"reported\":{}}"
            }
            lines.append(line + "}")
        }
        return lines.joined(separator: "\n")
    }

    /// Now and then never answered, or rejected.
    private static func response(seed: UInt64, _ publish: StepPublish) -> VirtualShell.Response {
        var random = Draw(seed: seed, purpose: "service", step: publish.id, attempt: 1)
        var response = VirtualShell.Response()
        response.sendDelay = Self.pick(&random, 3) == 0 ? .microseconds(Self.pick(&random, 5000)) : .zero
        response.ackDelay = .milliseconds(Self.pick(&random, 40))
        response.answerDelay = Self.pick(&random, 12) == 0 ? nil : .milliseconds(Self.pick(&random, 1500))
        if Self.pick(&random, 9) == 0 { response.answer = .rejected(code: 400, message: "Bad") }
        return response
    }

    private static func step(of action: PlanAction) -> StepNumber? {
        switch action {
        case .open(let step, _), .drop(let step, _, _), .subscribe(let step, _, _, _), .unsubscribe(let step, _, _): step
        case .close(let step, _, _): step
        case .readShadow(let step, _), .advanceClock(let step, _): step
        case .publish(let publish): publish.step
        case .reopen, .paused, .wake, .note, .finished: nil
        }
    }

    // MARK: Checks

    func faults() -> [String] {
        var faults: [String] = []
        if self.report.state == .running { faults.append("the run does not end") }
        if self.report.steps.count != self.steps.count {
            faults.append("\(self.report.steps.count) records of \(self.steps.count) steps")
        }
        var seen: Set<StepNumber> = []
        for dispatch in self.dispatches where !seen.insert(dispatch.step).inserted {
            faults.append("G3: \(dispatch.step) dispatched twice")
        }
        faults += self.laneFaults() + self.timeFaults() + self.fileOrderFaults() + self.dependencyFaults()
        return faults
    }

    /// The steps of a lane in their order: by planned time as sorted at load, which for equal times is file order.
    private func laneFaults() -> [String] {
        var faults: [String] = []
        var last: [String: (record: StepRecord, at: Instant)] = [:]
        for dispatch in self.dispatches {
            guard let record = self.report.steps.first(where: { $0.number == dispatch.step }), let lane = record.lane else { continue }
            defer { last[lane] = (record, dispatch.at) }
            guard let former = last[lane] else { continue }
            if former.record.number > record.number, former.record.planned >= record.planned {
                faults.append("G1: \(former.record.id) before \(record.id) in \(lane)")
            }
            let gap = self.plan.settings.speed.scaled(self.plan.settings.lane(lane).minGap ?? .zero)
            if let now = record.dispatched, let before = former.record.dispatched, now - before < gap {
                faults.append("G2: \(record.id) only \(now - before) after \(former.record.id)")
            }
        }
        return faults
    }

    private func timeFaults() -> [String] {
        self.report.steps.flatMap { record -> [String] in
            guard let dispatched = record.dispatched else { return [] }
            var faults: [String] = []
            if dispatched < self.plan.settings.speed.scaled(record.planned) { faults.append("G4: \(record.id) before its planned time") }
            if dispatched < record.base { faults.append("G4: \(record.id) before its base") }
            let waited = record.waits.reduce(Duration.zero) { $0 + $1.duration }
            if waited != dispatched - record.base {
                faults.append("waits of \(record.id) are \(waited), lateness \(dispatched - record.base)")
            }
            if record.waits.contains(where: { $0.cause == .clock && self.wasSentAtOnce(record) }) {
                faults.append("unexplained wait of \(record.id): \(record.waits) base \(record.base)")
            }
            return faults
        }
    }

    private func wasSentAtOnce(_ record: StepRecord) -> Bool {
        guard let dispatch = self.dispatches.first(where: { $0.step == record.number }) else { return true }
        return dispatch.at - self.start == record.dispatched
    }

    /// G5: what goes out in answer to one event goes in file order.
    private func fileOrderFaults() -> [String] {
        var faults: [String] = []
        for (former, next) in zip(self.dispatches, self.dispatches.dropFirst()) where former.at == next.at && former.step > next.step {
            // The later one in the file may go first when the other became ready by something that happened after.
            guard let a = self.record(former.step), let b = self.record(next.step), a.waits.isEmpty, b.waits.isEmpty else { continue }
            if a.lane != b.lane, b.base < next.at - self.start { faults.append("G5: \(a.id) before \(b.id)") }
            if a.lane != b.lane, a.base == b.base, self.steps[b.number.rawValue].options.after.isEmpty,
                self.isFirstOfItsLane(a), self.isFirstOfItsLane(b)
            {
                faults.append("G5: \(a.id) before \(b.id) at the same instant")
            }
        }
        return faults
    }

    private func isFirstOfItsLane(_ record: StepRecord) -> Bool {
        self.dispatches.first { self.record($0.step)?.lane == record.lane }?.step == record.number
    }

    private func dependencyFaults() -> [String] {
        var faults: [String] = []
        let barriers = self.report.steps.filter { ["connect", "sub", "unsub"].contains($0.verb) }
        for record in self.report.steps {
            guard let dispatched = record.dispatched else { continue }
            for dependency in self.steps[record.number.rawValue].options.after {
                guard let ended = self.record(dependency.step)?.ended, ended <= dispatched else {
                    faults.append("\(record.id) before what it waits for")
                    continue
                }
            }
            for barrier in barriers
            where barrier.number < record.number && (barrier.ended.map { $0 > dispatched } ?? (barrier.state != .skipped)) {
                faults.append("\(record.id) before the barrier \(barrier.id)")
            }
        }
        return faults
    }

    private func record(_ number: StepNumber) -> StepRecord? { self.report.steps.first { $0.number == number } }
}
