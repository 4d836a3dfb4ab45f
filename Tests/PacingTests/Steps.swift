import JSON
import Pacing
import Shadows
import Timeline
import Topics

/// Plans built in code: what a test is about stands in it, the rest is as the reference's defaults.
extension Plan {
    /// Numbers the steps in order, from line 2 on as in a file.
    init(_ steps: [Step], configure: (inout PlanSettings) -> Void = { _ in }) {
        var settings = PlanSettings()
        settings.clock = .virtual
        configure(&settings)
        self.init(
            settings: settings,
            steps: steps.enumerated().map { place, step in
                var step = step
                step.number = StepNumber(place)
                step.line = place + 2
                return step
            })
    }
}

extension Step {
    private static func make(_ id: String, _ at: Duration, _ kind: Kind) -> Step {
        Step(number: StepNumber(0), id: id, planned: at, kind: kind)
    }

    static func connect(_ client: String, id: String? = nil, reconnects: Bool = false) -> Step {
        var spec = ConnectSpec(client: client)
        spec.reconnects = reconnects
        return self.make(id ?? "connect \(client)", .zero, .connect(spec))
    }

    static func pub(_ id: String, at: Duration = .zero, as client: String? = nil, topic: String = "a/b", qos: UInt8 = 1) -> Step {
        self.make(
            id, at,
            .publish(
                Publication(publisher: client.map { .client($0) } ?? .service, topic: topic, payload: .bytes(Array(id.utf8)), qos: qos)))
    }

    static func update(
        _ id: String, at: Duration = .zero, thing: String = "T", shadow: String? = nil, as client: String? = nil,
        operation: ShadowTopic.Operation = .update
    ) -> Step {
        guard let thing = ThingName(thing) else { preconditionFailure("\(thing) is no thing") }
        let topic = ShadowTopic(id: ShadowID(thing: thing, name: shadow.flatMap { ShadowName($0) }), operation: operation)
        let publication = Publication(
            publisher: client.map { .client($0) } ?? .service, topic: topic.text,
            payload: .json(operation == .update ? ["state": ["reported": [:]]] : [:], isLate: false), shadow: topic)
        return self.make(id, at, .publish(publication))
    }

    static func mark(_ text: String, at: Duration = .zero) -> Step { self.make("mark \(text)", at, .mark(text)) }

    static func note(_ id: String, at: Duration = .zero) -> Step { self.make(id, at, .note(id)) }

    static func clock(_ id: String, at: Duration = .zero, _ change: ClockChange) -> Step { self.make(id, at, .clock(change)) }

    static func expect(_ id: String, at: Duration = .zero, topic: String, within: Duration = .seconds(1)) -> Step {
        self.make(id, at, .expect(Expectation(Match(topic: try? TopicFilter(topic)), within: within)))
    }

    static func subscribe(_ client: String, _ filter: String) -> Step {
        self.make("sub \(filter)", .zero, .subscribe(client: client, filters: [try? TopicFilter(filter)].compactMap { $0 }, qos: 1))
    }

    static func disconnect(_ id: String, _ client: String) -> Step { self.make(id, .zero, .disconnect(client: client, reason: nil)) }

    static func block(_ id: String, _ block: Block) -> Step { self.make(id, .zero, .block(block)) }

    static func reaction(_ id: String, _ reaction: Reaction) -> Step { self.make(id, .zero, .react(reaction)) }

    func gates(_ gates: Gates, quiet: QuietGate? = nil, awaits match: Match? = nil) -> Step {
        self.with {
            $0.gates = gates
            $0.quiet = quiet
            $0.awaited = match
        }
    }

    func onFail(_ policy: FailurePolicy) -> Step { self.with { $0.onFail = policy } }

    func late(_ policy: LatePolicy) -> Step { self.with { $0.late = policy } }

    func timeout(_ timeout: Duration) -> Step { self.with { $0.timeout = timeout } }

    func lane(_ lane: String) -> Step { self.with { $0.lane = lane } }

    /// Waits for the step at this place of the plan.
    func after(_ place: Int, delay: Duration = .zero) -> Step {
        self.with { $0.after.append(Step.Dependency(step: StepNumber(place), delay: delay)) }
    }

    func expectReject(_ code: Int) -> Step {
        guard var publication = self.publication else { return self }
        publication.expectedRejection = .code(code)
        var step = self
        step.kind = .publish(publication)
        return step
    }

    func automaticVersion() -> Step {
        guard var publication = self.publication else { return self }
        publication.hasAutomaticVersion = true
        var step = self
        step.kind = .publish(publication)
        return step
    }

    private func with(_ change: (inout Options) -> Void) -> Step {
        var step = self
        change(&step.options)
        return step
    }
}

extension FailurePolicy {
    static func retry(most: Int, backoff: Duration = .seconds(1), factor: Int64 = 2000, on causes: Set<RetryRule.Cause>? = nil)
        -> FailurePolicy
    {
        var rule = RetryRule()
        rule.most = most
        rule.backoff = backoff
        rule.factorThousandths = factor
        if let causes { rule.causes = causes }
        return .retry(rule)
    }
}

extension RunReport {
    func dispatched(_ ids: String...) -> [Duration?] { ids.map { self.step($0)?.dispatched } }
}

func ms(_ milliseconds: some BinaryInteger) -> Duration { .milliseconds(milliseconds) }
