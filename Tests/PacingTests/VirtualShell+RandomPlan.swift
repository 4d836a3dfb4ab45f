import JSON
import Pacing
import Shadows
import Timeline

/// A service drawn from the seed of a random scenario, and what happens to the run.
extension VirtualShell {
    func serve(_ scenario: RandomPlan) {
        self.connectDelay = { _ in ms(5) }
        self.respond = { Self.response(scenario.seed, $0) }
        self.readDelay = ms(7)
        var reads = 0
        self.read = { _ in
            reads += 1
            return reads % 7 == 3 ? nil : ShadowReading(state: [:], version: 1)
        }
        self.reopening = { client in
            var draw = RandomChoice(seed: scenario.seed, purpose: "reopening", step: client)
            if draw.oneIn(8) { return .clientRefused(client: client, ConnectRefusal(code: 0x87, text: "not authorised")) }
            return draw.oneIn(4)
                ? .clientRefused(client: client, ConnectRefusal(text: "connection refused")) : .clientConnected(client: client)
        }
        self.onAction = { [unowned self] action, _ in
            // A run that paused by itself is to go on.
            if case .paused = action { self.schedule(.resumed(lane: nil, .shift), after: ms(700)) }
        }
        for (at, happening) in scenario.happenings { self.schedule(happening, after: at) }
    }

    private func schedule(_ happening: RandomPlan.Happening, after at: Duration) {
        switch happening {
        case .pause(let lane, let time, let rule):
            self.schedule(.paused(lane: lane), after: at)
            self.schedule(.resumed(lane: lane, rule), after: at + time)
        case .step: self.schedule(.steppedOnce, after: at)
        case .lose(let client): self.lose(client, after: at)
        case .takeOver(let client): self.schedule(.clientTakenOver(client: client), after: at)
        case .lane(let key, let settings): self.schedule(.laneChanged(key, settings), after: at)
        case .message(let topic): self.schedule(.observed(ObservedMessage(topic: topic, payload: [])), after: at)
        case .cancel: self.schedule(.cancelled, after: at)
        }
    }

    /// Now and then never answered, or rejected.
    private static func response(_ seed: UInt64, _ publish: StepPublish) -> Response {
        var draw = RandomChoice(seed: seed, purpose: "service", step: publish.id, attempt: publish.attempt)
        var response = Response()
        response.sendDelay = draw.oneIn(4) ? .microseconds(draw.upTo(5000)) : .zero
        response.ackDelay = draw.oneIn(12) ? nil : ms(draw.upTo(40))
        response.answerDelay = draw.oneIn(12) ? nil : ms(draw.upTo(draw.oneIn(3) ? 1500 : 60))
        response.documentsDelay = response.answerDelay.map { $0 + ms(draw.upTo(3)) }
        response.deltaDelay = draw.oneIn(3) ? nil : response.answerDelay
        response.previous = draw.oneIn(2) ? 3 : nil
        if draw.oneIn(9) {
            response.answer = .rejected(code: draw.pick([400, 409, 429, 500]), message: "No")
            (response.documentsDelay, response.deltaDelay) = (nil, nil)
        }
        return response
    }
}
