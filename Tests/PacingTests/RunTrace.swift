import Pacing
import Shadows
import Timeline

/// What a shell saw of a run: everything it told the engine and was asked for, in order. The guarantees of scheduler §9 are checked on
/// this and the report, not on what the engine thinks.
struct RunTrace {
    struct Dispatch {
        var step: StepNumber
        var attempt: Int
        /// Asked for, and out on the wire.
        var at: Instant
        var sentAt: Instant
        var isSent = false
        /// Which event it was an answer to.
        var turn: Int
    }

    let scenario: RandomPlan
    var start: Instant
    var turns: [VirtualShell.Turn]
    var report: RunReport
    var dispatches: [Dispatch]
    let records: [StepNumber: StepRecord]

    init(_ scenario: RandomPlan) {
        let shell = VirtualShell(scenario.plan, options: scenario.options)
        shell.serve(scenario)
        self.scenario = scenario
        self.report = shell.run()
        self.start = shell.startedAt
        self.turns = shell.turns
        self.records = Dictionary(self.report.steps.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        self.dispatches = Self.dispatches(shell.turns)
    }

    private static func dispatches(_ turns: [VirtualShell.Turn]) -> [Dispatch] {
        var dispatches: [Dispatch] = []
        var attempts: [StepNumber: Int] = [:]
        var unsent: [StepNumber: Int] = [:]
        for (place, turn) in turns.enumerated() {
            if case .stepSent(let step, _, let attempt) = turn.event, let unsentPlace = unsent[step],
                attempt ?? dispatches[unsentPlace].attempt == dispatches[unsentPlace].attempt
            {
                dispatches[unsentPlace].sentAt = turn.at
                dispatches[unsentPlace].isSent = true
                unsent[step] = nil
            }
            for action in turn.actions {
                guard let step = action.step else { continue }
                attempts[step, default: 0] += 1
                var attempt = attempts[step] ?? 1
                if case .publish(let publish) = action { attempt = publish.attempt }
                unsent[step] = dispatches.count
                dispatches.append(Dispatch(step: step, attempt: attempt, at: turn.at, sentAt: turn.at, turn: place))
            }
        }
        return dispatches
    }

    // MARK: Faults

    /// What is wrong with the run, by guarantee; empty when nothing is.
    func faults() -> [String] {
        self.endFaults() + self.laneFaults() + self.attemptFaults() + self.timeFaults() + self.fileOrderFaults() + self.waitFaults()
            + self.dependencyFaults() + self.holdFaults() + self.quotaFaults()
    }

    private func endFaults() -> [String] {
        var faults: [String] = []
        if self.report.state == .running { faults.append("the run does not end") }
        if self.records.count != self.report.steps.count { faults.append("a step has two records") }
        let isCancelled = self.report.state == .cancelled
        for (_, step) in self.scenario.steps where !isCancelled && !self.report.steps.contains(where: { $0.id == step.id }) {
            faults.append("\(step.id) has no record")
        }
        return faults
    }

    /// G1 and G2: order and gaps in each lane.
    private func laneFaults() -> [String] {
        var faults: [String] = []
        var lanes: [String: [(record: StepRecord, dispatch: Dispatch)]] = [:]
        for dispatch in self.dispatches {
            guard let record = self.records[dispatch.step], let lane = record.lane else { continue }
            lanes[lane, default: []].append((record, dispatch))
        }
        for (lane, entries) in lanes.sorted(by: { $0.key < $1.key }) {
            for (former, next) in zip(entries, entries.dropFirst()) {
                if let gap = self.leastGap(lane, at: next.dispatch), next.dispatch.sentAt - former.dispatch.sentAt < gap {
                    faults.append("G2: \(next.record.id) only \(next.dispatch.sentAt - former.dispatch.sentAt) after \(former.record.id)")
                }
            }
            // The steps of a lane are in file order, but for times that go backwards, which are sorted.
            let first = entries.filter { $0.dispatch.attempt == 1 }
            for (former, next) in zip(first, first.dropFirst())
            where former.record.number > next.record.number && former.record.planned >= next.record.planned {
                faults.append("G1: \(former.record.id) before \(next.record.id) in \(lane)")
            }
            faults += self.overtakings(lane, entries)
        }
        return faults
    }

    /// G1 for attempts: from when one fails until the next goes, nothing of the lane goes for the first time.
    private func overtakings(_ lane: String, _ entries: [(record: StepRecord, dispatch: Dispatch)]) -> [String] {
        var faults: [String] = []
        for (record, dispatch) in entries where dispatch.attempt > 1 && record.failedAttempts.count >= dispatch.attempt - 1 {
            let failed = self.start + record.failedAttempts[dispatch.attempt - 2].ended
            for other in entries
            where other.dispatch.attempt == 1 && other.record.number != record.number && other.dispatch.turn < dispatch.turn
                && other.dispatch.at > failed
            {
                faults.append("G1: \(other.record.id) overtakes attempt \(dispatch.attempt) of \(record.id) in \(lane)")
            }
        }
        return faults
    }

    /// The gap that the settings in force at a dispatch ask for; nil when they change at that instant.
    private func leastGap(_ lane: String, at dispatch: Dispatch) -> Duration? {
        var settings = self.scenario.settings
        for turn in self.turns[...dispatch.turn] {
            if case .laneChanged(let key, let change) = turn.event {
                if turn.at == dispatch.at { return nil }
                settings.lanes[key] = change.minGap == nil ? settings.lanes[key] : LaneSettings(minGap: change.minGap)
            }
        }
        let gap = settings.lane(lane).minGap ?? .zero
        guard gap > .zero, let speed = self.speed(at: dispatch.at) else { return gap == .zero ? .zero : nil }
        return max(speed.scaled(gap), settings.wallFloor)
    }

    /// Nil when it changes at this instant.
    private func speed(at instant: Instant) -> Speed? {
        var speed: Speed? = self.scenario.settings.speed
        for change in self.speedChanges where self.start + change.at <= instant {
            speed = self.start + change.at == instant ? nil : change.speed
        }
        return speed
    }

    private var speedChanges: [(at: Duration, speed: Speed, planned: Duration)] {
        self.scenario.steps.compactMap { _, step in
            guard case .clock(.speed(let speed)) = step.kind, let record = self.report.step(step.id), let at = record.dispatched else {
                return nil
            }
            return (at, speed, record.planned)
        }.sorted { $0.at < $1.at }
    }

    /// G3: attempts are numbered, each is dispatched once, and they do not overlap.
    private func attemptFaults() -> [String] {
        var faults: [String] = []
        var last: [StepNumber: Int] = [:]
        for dispatch in self.dispatches {
            let former = last.updateValue(dispatch.attempt, forKey: dispatch.step) ?? 0
            if dispatch.attempt != former + 1 {
                faults.append("G3: attempt \(dispatch.attempt) of \(dispatch.step) after attempt \(former)")
            }
            guard let record = self.records[dispatch.step] else { continue }
            if former > 0, former <= record.failedAttempts.count, self.start + record.failedAttempts[former - 1].ended > dispatch.at {
                faults.append("G3: attempt \(dispatch.attempt) of \(record.id) before the one before had failed")
            }
            if let ended = record.ended, self.start + ended < dispatch.at { faults.append("G3: \(record.id) after it had ended") }
        }
        for record in self.report.steps where record.attempts != last[record.number] ?? 0 && record.verb != "clock" {
            faults.append("G3: \(record.attempts) attempts of \(record.id) in the report, \(last[record.number] ?? 0) seen")
        }
        return faults
    }

    /// G4: nothing goes before its planned time, as time has gone in this run.
    private func timeFaults() -> [String] {
        guard self.scenario.options.seek == nil else { return [] }
        var faults: [String] = []
        let time = ScenarioClock(self)
        for dispatch in self.dispatches {
            guard let record = self.records[dispatch.step] else { continue }
            if let position = time.position(at: dispatch.at), position + .nanoseconds(100) < record.planned {
                faults.append("G4: \(record.id) at \(position) of the scenario, planned for \(record.planned)")
            }
            if dispatch.at < self.start + record.base { faults.append("G4: \(record.id) before its base") }
        }
        return faults
    }

    /// G5: what goes out in answer to one event goes in file order.
    private func fileOrderFaults() -> [String] {
        var faults: [String] = []
        let unsorted = self.lanesOutOfFileOrder
        for (former, next) in zip(self.dispatches, self.dispatches.dropFirst()) where former.turn == next.turn && former.step > next.step {
            guard let a = self.records[former.step], let b = self.records[next.step], let lane = b.lane else { continue }
            if a.lane != lane, !unsorted.contains(lane) { faults.append("G5: \(a.id) before \(b.id)") }
        }
        return faults
    }

    private var lanesOutOfFileOrder: Set<String> {
        var last: [String: StepNumber] = [:]
        var lanes: Set<String> = []
        for dispatch in self.dispatches where dispatch.attempt == 1 {
            guard let lane = self.records[dispatch.step]?.lane else { continue }
            if let former = last.updateValue(dispatch.step, forKey: lane), former > dispatch.step { lanes.insert(lane) }
        }
        return lanes
    }

    // MARK: The rest of the timing rule

    private func waitFaults() -> [String] {
        var faults: [String] = []
        let hasAdvance = self.dispatches.contains { self.records[$0.step]?.verb == "clock" }
        for record in self.report.steps {
            guard let dispatched = record.dispatched else { continue }
            let waited = record.waits.reduce(Duration.zero) { $0 + $1.duration }
            if waited != dispatched - record.base {
                faults.append("waits of \(record.id) are \(waited), lateness \(dispatched - record.base)")
            }
            guard !hasAdvance, let sent = self.dispatches.first(where: { $0.step == record.number }), sent.isSent, sent.at == sent.sentAt
            else { continue }
            if record.waits.contains(where: { $0.cause == .clock }) { faults.append("unexplained wait of \(record.id): \(record.waits)") }
        }
        return faults
    }

    private func dependencyFaults() -> [String] {
        var faults: [String] = []
        let barriers = self.scenario.steps.filter { $0.step.isBarrier }.compactMap { self.report.step($0.step.id) }
        let waits = Dictionary(self.scenario.plan.steps.map { ($0.id, $0.options.after) }, uniquingKeysWith: { first, _ in first })
        for dispatch in self.dispatches where dispatch.attempt == 1 {
            guard let record = self.records[dispatch.step] else { continue }
            for dependency in waits[record.id] ?? [] {
                let other = self.records[dependency.step]
                let isOver = other?.ended.map { self.start + $0 <= dispatch.at } ?? (other?.state == .skipped)
                if !isOver, other?.verb != "on" { faults.append("\(record.id) before what it waits for") }
            }
            guard record.lane?.hasPrefix("on:") != true else { continue }
            for barrier in barriers
            where barrier.number < record.number && (barrier.ended.map { self.start + $0 > dispatch.at } ?? (barrier.state != .skipped)) {
                faults.append("\(record.id) before the barrier \(barrier.id)")
            }
        }
        return faults
    }

    /// Nothing goes while the run is paused, and after `steppedOnce` one step.
    private func holdFaults() -> [String] {
        var faults: [String] = []
        var isPaused = false
        var isStepping = false
        for turn in self.turns {
            switch turn.event {
            case .paused(nil): (isPaused, isStepping) = (true, false)
            case .resumed(nil, _): (isPaused, isStepping) = (false, false)
            case .steppedOnce: (isPaused, isStepping) = (false, true)
            default: break
            }
            var steps = 0
            for action in turn.actions {
                if case .paused = action { (isPaused, isStepping) = (true, false) }
                guard action.step != nil else { continue }
                steps += 1
                if isPaused || isStepping && steps > 1 { faults.append("\(action) although the run is paused") }
            }
        }
        return faults
    }

    /// No bucket gives more than it holds.
    private func quotaFaults() -> [String] {
        let quotas = self.scenario.settings.quotas
        guard quotas.mode == .obey else { return [] }
        let limits = quotas.limits ?? .aws
        var publishes: [String: TokenBucket] = [:]
        var requests: [ShadowID: TokenBucket] = [:]
        var faults: [String] = []
        for turn in self.turns {
            for case .publish(let publish) in turn.actions {
                if case .client(let client) = publish.publisher, let limit = limits.publishesPerSecond {
                    var bucket = publishes[client] ?? TokenBucket(capacity: limit, refillPerSecond: limit, now: turn.at)
                    if !bucket.take(1, now: turn.at) { faults.append("\(publish.id) is beyond the publishes of \(client)") }
                    publishes[client] = bucket
                }
                if let topic = ShadowTopic(publish.topic), let limit = limits.shadowRequestsPerSecond {
                    var bucket = requests[topic.id] ?? TokenBucket(capacity: limit, refillPerSecond: limit, now: turn.at)
                    if !bucket.take(1, now: turn.at) { faults.append("\(publish.id) is beyond the requests of its shadow") }
                    requests[topic.id] = bucket
                }
            }
        }
        return faults
    }
}

/// Where the scenario of a run stood, found from what happened: an account of its own of scheduler §4, §10.
private struct ScenarioClock {
    private var stands: [(begin: Instant, end: Instant)] = []
    private var speeds: [(at: Instant, speed: Speed, planned: Duration)]
    private let start: Instant

    init(_ trace: RunTrace) {
        self.start = trace.start
        self.speeds = [(trace.start, trace.scenario.settings.speed, .zero)]
        for (_, step) in trace.scenario.steps {
            guard case .clock(.speed(let speed)) = step.kind, let record = trace.report.step(step.id), let at = record.dispatched else {
                continue
            }
            self.speeds.append((trace.start + at, speed, record.planned))
        }
        self.speeds.sort { $0.at < $1.at }
        self.findStands(trace)
    }

    /// Pauses that shifted, and times in which a step moved the clock.
    private mutating func findStands(_ trace: RunTrace) {
        var pausedSince: Instant?
        var advancing: (step: StepNumber, since: Instant)?
        for turn in trace.turns {
            switch turn.event {
            case .paused(nil): pausedSince = pausedSince ?? turn.at
            case .resumed(nil, let rule):
                if let since = pausedSince, rule == .shift, advancing == nil { self.stands.append((since, turn.at)) }
                pausedSince = nil
            case .steppedOnce:
                if let since = pausedSince, advancing == nil { self.stands.append((since, turn.at)) }
                pausedSince = nil
            case .stepSent(let step, _, _):
                if let since = advancing?.since, advancing?.step == step {
                    self.stands.append((since, turn.at))
                    advancing = nil
                    if pausedSince != nil { pausedSince = turn.at }
                }
            default: break
            }
            for action in turn.actions {
                if case .paused = action { pausedSince = pausedSince ?? turn.at }
                if case .advanceClock(let step, _) = action { advancing = (step, turn.at) }
            }
        }
    }

    /// Nil where the plan goes as fast as it can, and where that changes.
    func position(at instant: Instant) -> Duration? {
        if self.speeds.dropFirst().contains(where: { $0.at == instant }) { return nil }
        var position: Duration? = .zero
        for (place, change) in self.speeds.enumerated() where change.at <= instant {
            let end = place + 1 < self.speeds.count ? min(self.speeds[place + 1].at, instant) : instant
            position = max(position ?? change.planned, place == 0 ? .zero : min(change.planned, position ?? change.planned))
            guard case .times(let numerator, let denominator) = change.speed else {
                position = nil
                continue
            }
            var passed = max(end - change.at, .zero)
            for stand in self.stands { passed -= max(min(stand.end, end) - max(stand.begin, change.at), .zero) }
            position = (position ?? .zero) + passed * numerator / denominator
        }
        return position
    }
}

extension PlanAction {
    /// The step that is dispatched by it.
    var step: StepNumber? {
        switch self {
        case .open(let step, _), .drop(let step, _, _), .subscribe(let step, _, _, _), .unsubscribe(let step, _, _): step
        case .close(let step, _, _): step
        case .advanceClock(let step, _): step
        case .publish(let publish): publish.step
        case .readShadow, .reopen, .paused, .wake, .note, .ended, .finished: nil
        }
    }
}
