import JSON
import Pacing
import Shadows
import Timeline
import Topics

/// A small plan and what happens to it, all drawn from one seed; a value, so that it can be made smaller.
struct RandomPlan {
    /// Something from outside the plan.
    enum Happening {
        case pause(lane: String?, for: Duration, ResumeRule)
        case step
        case lose(client: String)
        case takeOver(client: String)
        case lane(String, LaneSettings)
        case message(String)
        case cancel
    }

    let seed: UInt64
    var settings = PlanSettings()
    var options = PlanEngine.Options()
    /// Each with its place as drawn, which is what others name it by in `after`.
    var steps: [(place: Int, step: Step)] = []
    var happenings: [(at: Duration, what: Happening)] = []

    init(seed: UInt64) {
        self.seed = seed
        var draw = RandomChoice(seed: seed, purpose: "scenario")
        self.settings = Self.settings(&draw, seed: seed)
        self.addSteps(&draw)
        self.addHappenings(&draw)
        if draw.oneIn(12) { self.options.breakpoints = ["s\(draw.upTo(6))", "m"] }
        if draw.oneIn(25), self.steps.contains(where: { $0.step.verb == "mark" }) { self.options.seek = "m" }
    }

    /// The plan as it is now: numbers are places, and steps that are not there any more are not waited for.
    var plan: Plan {
        var places: [Int: StepNumber] = [:]
        var isNumbered = true
        var steps: [Step] = []
        for (number, (place, step)) in self.steps.enumerated() {
            var step = step
            step.line = number + 2
            step.options.after = step.options.after.compactMap { dependency in
                places[dependency.step.rawValue].map { Step.Dependency(step: $0, delay: dependency.delay) }
            }
            // Behind a block numbers are those of when the run gets there.
            if step.block != nil { isNumbered = false }
            if isNumbered { places[place] = StepNumber(number) }
            steps.append(step)
        }
        return Plan(settings: self.settings, steps: steps)
    }

    // MARK: Settings

    private static func settings(_ draw: inout RandomChoice, seed: UInt64) -> PlanSettings {
        var settings = PlanSettings()
        settings.clock = .virtual
        settings.seed = seed
        settings.speed = draw.speed()
        settings.slots = 1 + draw.upTo(4)
        if draw.oneIn(3) { settings.jitter = Jitter(most: ms(300)) }
        if draw.oneIn(6) { settings.wallFloor = ms(20) }
        settings.defaults.timeout = .seconds(2)
        settings.defaults.late = draw.pick([.keep, .keep, .keep, .shift, .skip, .fail])
        settings.defaults.lateGrace = draw.pick([.zero, ms(500)])
        settings.defaults.onFail = draw.pick([.continue, .continue, .stopLane, .retry(most: 2, backoff: ms(300))])
        settings.lanes["thing:*"] = LaneSettings(
            minGap: draw.pick([.zero, ms(100), .seconds(1)]), settle: draw.oneIn(4) ? ms(70) : nil, slots: 1 + draw.upTo(2))
        settings.lanes["client:*"] = LaneSettings(minGap: draw.pick([.zero, .zero, ms(50)]), slots: 1 + draw.upTo(1))
        settings.laneBy = draw.pick([nil, nil, nil, nil, .shadow, .topic, LaneRule.none, .one])
        settings.quotas = QuotaSettings(
            draw.oneIn(8) ? .exceed : .obey,
            limits: draw.oneIn(4) ? QuotaLimits(publishesPerSecond: 2, shadowRequestsPerSecond: 3, requestsInFlight: 2) : nil)
        return settings
    }

    // MARK: Steps

    private mutating func addSteps(_ draw: inout RandomChoice) {
        self.steps.append((0, .connect("app", reconnects: draw.oneIn(2))))
        var at = Duration.zero
        var origin = TimeOrigin.start
        for place in 1...(2 + draw.upTo(6)) {
            at += draw.oneIn(4) ? ms(draw.upTo(900)) : .zero
            var step = Self.step("s\(place)", &draw, mayNest: true)
            step.planned = draw.oneIn(10) ? at / 2 : at
            step.origin = origin
            if draw.oneIn(4) {
                let delay = draw.oneIn(3) ? ms(draw.upTo(400)) : .zero
                step.options.after = [Step.Dependency(step: StepNumber(draw.upTo(place - 1)), delay: delay)]
            }
            self.steps.append((place, step))
            if step.block != nil { (at, origin) = (.zero, .blockEnd) }
        }
    }

    private static func step(_ id: String, _ draw: inout RandomChoice, mayNest: Bool) -> Step {
        switch draw.upTo(mayNest ? 21 : 11) {
        case 0...2: Self.publish(.pub(id, as: draw.client(), topic: "x/\(draw.upTo(2))", qos: UInt8(draw.upTo(1))), &draw)
        case 3...10:
            Self.publish(
                .update(id, thing: "T\(draw.upTo(2))", shadow: draw.oneIn(3) ? "n" : nil, as: draw.client(), operation: draw.operation()),
                &draw)
        case 11: .note(id)
        case 12: .subscribe("app", "x/+").named(id)
        case 13: .connect("bob", id: id, reconnects: draw.oneIn(2)).barrier(draw.oneIn(2))
        case 14: .disconnect(id, "bob")
        case 15: .expect(id, topic: "x/1", within: ms(700)).onFail(.continue)
        case 16: .clock(id, draw.oneIn(2) ? .speed(draw.speed()) : .advance(ms(draw.upTo(3000))))
        case 17: .mark("m").named(id)
        case 18, 19: Self.block(id, &draw)
        case 20: Self.reaction(id, &draw)
        default: .connect("app", id: id, reconnects: draw.oneIn(2))
        }
    }

    private static func publish(_ step: Step, _ draw: inout RandomChoice) -> Step {
        var step = step
        if step.publication?.shadow?.operation == .update, draw.oneIn(6) { step = step.automaticVersion() }
        if draw.oneIn(3) {
            let isShadow = step.publication?.shadow != nil
            step.options.gates = draw.pick(
                isShadow
                    ? [.sent, .acked, .accepted, [.accepted, .documents], .created, .delta, [.acked, .quiet], .match]
                    : [.sent, .quiet, .match])
            step.options.quiet = QuietGate(ms(draw.upTo(300)), scope: draw.pick(QuietGate.Scope.allCases))
            step.options.awaited = Match(topic: try? TopicFilter("x/1"))
        }
        if draw.oneIn(3) {
            step.options.onFail = draw.pick([
                .continue, .stopLane, .stopRun, .retry(most: 1),
                .retry(most: 3, backoff: ms(100), on: [.timeout, .lostConnection, .rejected(500)]),
            ])
        }
        if draw.oneIn(6) { step.options.late = draw.pick(LatePolicy.allCases) }
        if draw.oneIn(5) { step.options.lane = "private:\(draw.upTo(1))" }
        if draw.oneIn(5) { step.options.timeout = ms(200 + draw.upTo(800)) }
        return step
    }

    private static func body(_ id: String, _ draw: inout RandomChoice) -> [Step] {
        (0...draw.upTo(1)).map { place in
            var step = Self.step("\(id)-\(place)", &draw, mayNest: false)
            step.planned = draw.oneIn(2) ? ms(draw.upTo(300)) : .zero
            return step
        }
    }

    private static func block(_ id: String, _ draw: inout RandomChoice) -> Step {
        let bodies = (0...1).map { Self.body("\(id)\($0)", &draw) }
        if draw.oneIn(2) {
            return .block(id, Block(.par, bodies: bodies.map { body in StepBody { _ in body } }))
        }
        return .block(id, Block(.repeat(.times(1 + draw.upTo(2)), overlaps: draw.oneIn(3)), bodies: [StepBody { _ in bodies[0] }]))
    }

    private static func reaction(_ id: String, _ draw: inout RandomChoice) -> Step {
        let steps = Self.body(id, &draw).map { $0.lane("on:\(id)") }
        let match = Match(topic: try? TopicFilter("x/0"))
        return .reaction(id, Reaction(match, body: StepBody { _ in steps }, times: 1 + draw.upTo(1)))
    }

    // MARK: Happenings

    private mutating func addHappenings(_ draw: inout RandomChoice) {
        guard draw.oneIn(2) else { return }
        for _ in 0...draw.upTo(2) {
            let happening: Happening =
                switch draw.upTo(11) {
                case 0, 1: .pause(lane: nil, for: ms(draw.upTo(2000)), draw.pick(ResumeRule.allCases))
                case 2: .pause(lane: "thing:T\(draw.upTo(2))", for: ms(draw.upTo(2000)), draw.pick(ResumeRule.allCases))
                case 3: .step
                case 4...6: .lose(client: draw.pick(["app", "app", "bob"]))
                case 7: .takeOver(client: "app")
                case 8: .lane("thing:*", LaneSettings(minGap: draw.pick([.zero, ms(300)]), slots: 1 + draw.upTo(2)))
                case 9, 10: .message("x/\(draw.upTo(1))")
                default: draw.oneIn(3) ? .cancel : .message("y")
                }
            self.happenings.append((ms(draw.upTo(3000)), happening))
        }
    }
}

/// Choices drawn from a seed.
struct RandomChoice {
    private var draw: Draw

    init(seed: UInt64, purpose: String, step: String = "", attempt: Int = 1) {
        self.draw = Draw(seed: seed, purpose: purpose, step: step, attempt: attempt)
    }

    mutating func upTo(_ bound: Int) -> Int { Int(self.draw.upTo(UInt64(bound))) }

    mutating func oneIn(_ count: Int) -> Bool { self.upTo(count - 1) == 0 }

    mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[self.upTo(choices.count - 1)] }

    mutating func speed() -> Speed { self.pick([.normal, .normal, .times(2, per: 1), .times(3, per: 10), .max]) }

    mutating func client() -> String? { self.pick([nil, "app", "app", "app", "bob"]) }

    mutating func operation() -> ShadowTopic.Operation { self.pick([.update, .update, .update, .update, .get, .delete]) }
}

extension Step {
    func named(_ id: String) -> Step {
        var step = self
        step.id = id
        return step
    }

    func barrier(_ isBarrier: Bool) -> Step {
        var step = self
        step.options.isBarrier = isBarrier
        return step
    }
}
