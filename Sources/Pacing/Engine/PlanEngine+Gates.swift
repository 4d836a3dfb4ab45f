import JSON
import Shadows
import Timeline

/// When a publish in flight settles or can no longer. Source: scheduler §6.
///
/// `documents`, `delta` and `created` come from the messages that the request caused, `match` and `quiet` from all messages; the shell
/// reports `delivered`. What is known is exact on both sides: locally by cause, remotely by the clientToken, which the service repeats
/// in every answer, delta and documents message of the request.
extension PlanEngine {
    /// These gates are met; the step settles when all of its are.
    mutating func meet(_ number: StepNumber, _ gates: Gates) {
        self.live[number]?.met.formUnion(gates)
        self.settleIfMet(number)
    }

    mutating func settleIfMet(_ number: StepNumber) {
        guard let state = self.live[number], state.gates.isSubset(of: state.met) else { return }
        self.settle(number)
    }

    /// Whether an event is about the packet under way. See ``sendAgain(_:got:notBefore:resends:)`` for attempts before it.
    func isCurrent(_ attempt: Int?, of state: LiveStep) -> Bool {
        guard state.phase == .inFlight || state.retry.resends else { return false }
        return attempt.map { state.packetAttempt <= $0 && $0 <= state.attempt } ?? true
    }

    // MARK: What the shell sees

    mutating func gateMet(_ number: StepNumber, _ gates: Gates, attempt: Int?) {
        guard let state = self.live[number] else {
            self.gateMetLate(number, gates)
            return
        }
        guard self.isCurrent(attempt, of: state) else { return }
        if state.phase == .inFlight, !state.isSent { self.markSent(number, nil) }
        self.meet(number, gates)
    }

    mutating func gateMissed(_ number: StepNumber, _ gates: Gates, _ reason: String, attempt: Int?) {
        guard let state = self.live[number], self.isCurrent(attempt, of: state) else { return }
        let missed = state.gates.intersection(gates).subtracting(state.met)
        if !missed.isEmpty { self.fail(number, got: "\(missed.text) can no longer be: \(reason)") }
    }

    /// After the step had failed, for its record.
    private mutating func gateMetLate(_ number: StepNumber, _ gates: Gates) {
        guard var aftermath = self.aftermaths[number], !aftermath.gates.isDisjoint(with: gates) else { return }
        self.records[aftermath.place].lateGates.append(LateGate(gates: aftermath.gates.intersection(gates), at: self.now - self.start))
        aftermath.gates.subtract(gates)
        self.aftermaths[number] = aftermath.isOver ? nil : aftermath
    }

    // MARK: Answers

    mutating func answered(_ number: StepNumber, _ answer: StepAnswer, attempt: Int?) {
        guard let state = self.live[number], state.attempt > 0 else {
            self.closeRequest(number)
            self.answeredLate(number, answer)
            return
        }
        guard self.isCurrent(attempt, of: state) else {
            self.live[number]?.retry.lateAnswer = (answer, self.now)
            return
        }
        self.closeRequest(number)
        guard let publication = state.step.publication, state.answer == nil else { return }
        if state.phase == .inFlight, !state.isSent { self.markSent(number, nil) }
        self.live[number]?.answer = answer
        switch (answer, publication.expectedRejection) {
        case (.accepted(let version), nil): self.accepted(number, state, publication, version)
        case (.accepted(let version), .some): self.fail(number, got: "accepted" + (version.map { " with version \($0)" } ?? ""))
        case (.rejected(let code, let message), nil): self.rejected(number, state, code, message)
        case (.rejected(let code, let message), let expected?):
            if expected.matches(code: code, text: message) {
                self.meet(number, .accepted)
            } else {
                self.fail(number, got: "rejected \(code) \"\(message)\"", cause: .rejected(code))
            }
        }
    }

    private mutating func accepted(_ number: StepNumber, _ state: LiveStep, _ publication: Publication, _ version: Int64?) {
        if let shadow = publication.shadow, shadow.operation != .delete, let version { self.versions.saw(shadow.id, .version(version)) }
        var met: Gates = .accepted
        if let delta = state.deltaVersion, delta == version ?? delta { met.insert(.delta) }
        self.meet(number, met)
    }

    private mutating func rejected(_ number: StepNumber, _ state: LiveStep, _ code: Int, _ message: String) {
        let got = "rejected \(code) \"\(message)\""
        if code == 409, self.readsVersionAgain(number, state, got: got) { return }
        if !state.gates.isDisjoint(with: .ofShadows) { self.fail(number, got: got, cause: .rejected(code)) }
    }

    private mutating func answeredLate(_ number: StepNumber, _ answer: StepAnswer) {
        guard var aftermath = self.aftermaths[number], aftermath.awaitsAnswer else { return }
        if self.records[aftermath.place].state == .settled {
            self.records[aftermath.place].answer = answer
        } else {
            self.records[aftermath.place].lateAnswer = answer
            self.records[aftermath.place].lateAnswerAt = self.now - self.start
        }
        aftermath.awaitsAnswer = false
        self.aftermaths[number] = aftermath.isOver ? nil : aftermath
    }

    // MARK: What a request caused

    /// The service published a message because of a step.
    mutating func caused(_ topic: ShadowTopic, _ message: ObservedMessage, by number: StepNumber) {
        switch topic.answer {
        case .accepted, .rejected:
            if self.awaitsAnswer(number), let answer = StepAnswer(topic, message.payload) {
                self.answered(number, answer, attempt: message.attempt)
            }
            if let client = message.client { self.answerSeen(number, topic.id, by: client) }
        case .documents: self.sawDocuments(number, message)
        case .delta: self.sawDelta(number, message)
        case nil: break
        }
    }

    private func awaitsAnswer(_ number: StepNumber) -> Bool {
        if let state = self.live[number] { return state.answer == nil }
        return self.aftermaths[number]?.awaitsAnswer ?? false
    }

    private mutating func sawDocuments(_ number: StepNumber, _ message: ObservedMessage) {
        guard let state = self.live[number] else {
            self.gateMetLate(number, .documents)
            return
        }
        guard self.isCurrent(message.attempt, of: state), !state.gates.isDisjoint(with: [.documents, .created]) else { return }
        guard state.gates.contains(.created), !state.met.contains(.created) else {
            self.meet(number, .documents)
            return
        }
        let previous = (try? JSONValue(parsing: message.payload))?["previous"]?.object
        if previous?["state"] == nil, previous?["version"] == nil {
            self.meet(number, [.documents, .created])
        } else {
            let version = previous?["version"]?.int64.map { ", with version \($0)" } ?? ""
            self.fail(number, got: "accepted, but the shadow existed before\(version)")
        }
    }

    private mutating func sawDelta(_ number: StepNumber, _ message: ObservedMessage) {
        guard let state = self.live[number] else {
            self.gateMetLate(number, .delta)
            return
        }
        guard state.gates.contains(.delta), self.isCurrent(message.attempt, of: state),
            let version = (try? JSONValue(parsing: message.payload))?["version"]?.int64
        else { return }
        if case .accepted(let accepted) = state.answer {
            if accepted ?? version == version { self.meet(number, .delta) }
        } else {
            self.live[number]?.deltaVersion = version
        }
    }

    // MARK: Messages of any cause

    /// From its dispatch on, a step with `quiet` or `match` hears every message.
    mutating func listen(_ number: StepNumber) {
        var place = self.listening.count
        while place > 0, self.listening[place - 1] > number { place -= 1 }
        self.listening.insert(number, at: place)
    }

    mutating func stopListening(_ state: inout LiveStep) {
        guard state.gates.looksAtMessages else { return }
        if let timer = state.quietTimer.take() { self.timers.cancel(timer) }
        let number = state.step.number
        self.listening.removeAll { $0 == number }
    }

    mutating func heard(_ message: ObservedMessage) {
        for number in self.listening {
            // Nothing that comes before the packet is out can be about it.
            guard let state = self.live[number], state.isSent else { continue }
            if let quiet = state.step.options.quiet, quiet.scope.covers(message, of: state.step) {
                self.live[number]?.lastPacketAt = self.now
            }
            if state.gates.contains(.match), let match = state.step.options.awaited, self.matches(match, message) {
                self.meet(number, .match)
            }
        }
    }

    /// Silence counts from when the packet went out.
    mutating func beginQuiet(_ number: StepNumber) {
        guard let state = self.live[number], state.gates.contains(.quiet) else { return }
        guard let quiet = state.step.options.quiet else {
            self.live[number]?.met.insert(.quiet)
            return
        }
        self.live[number]?.lastPacketAt = self.now
        self.live[number]?.quietTimer = self.timers.schedule(.quiet(number), at: self.now + quiet.duration, kind: .plan)
    }

    mutating func quietEnded(_ number: StepNumber) {
        self.live[number]?.quietTimer = nil
        guard let state = self.live[number], let last = state.lastPacketAt, let quiet = state.step.options.quiet else { return }
        if last + quiet.duration <= self.now {
            self.meet(number, .quiet)
        } else {
            self.live[number]?.quietTimer = self.timers.schedule(.quiet(number), at: last + quiet.duration, kind: .plan)
        }
    }
}

extension Gates {
    /// Gates for which the engine looks at every message.
    var looksAtMessages: Bool { !self.isDisjoint(with: [.quiet, .match]) }
}

extension QuietGate.Scope {
    /// Whether a message breaks the silence around a step.
    func covers(_ message: ObservedMessage, of step: Step) -> Bool {
        switch self {
        case .run: true
        case .client: step.actor.map { message.client == $0.text || message.publisher == $0.text } ?? false
        case .thing: step.publication?.shadow.map { message.topic.hasPrefix("\(ShadowTopic.prefix)\($0.id.thing.text)/") } ?? false
        }
    }
}
