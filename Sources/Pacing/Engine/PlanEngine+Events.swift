import JSON
import Shadows
import Timeline
import Topics

/// What the shell reports.
extension PlanEngine {
    mutating func apply(_ event: PlanEvent) {
        switch event {
        case .started: preconditionFailure("started is handled before")
        case .timerFired: self.lastWake = nil
        case .stepsAppended: break
        case .clientConnected(let client): self.connected(client)
        case .clientRefused(let client, let refusal): self.refused(client, refusal)
        case .clientLost(let client, let reason): self.lost(client, reason)
        case .stepSent(let step, let cause): self.sent(step, cause)
        case .stepAcked(let step, let reason): self.acked(step, reason)
        case .stepAnswered(let step, let answer): self.answered(step, answer)
        case .subscribed(let step, let results): self.granted(step, results)
        case .unsubscribed(let step, let results): self.granted(step, results)
        case .stepFailed(let step, let reason): self.shellFailed(step, reason)
        case .observed(let message): self.observed(message)
        case .cancelled: self.cancel()
        case .gateMet, .gateMissed, .gateAwaits, .shadowRead, .paused, .resumed, .steppedOnce, .laneChanged:
            preconditionFailure("nothing has asked for \(event)")
        }
    }

    // MARK: Clients

    private mutating func connected(_ client: String) {
        guard case .connecting(let step) = self.clients[client] else { return }
        self.clients[client] = .connected(since: self.now, lostAt: nil)
        for waiter in self.clientWaiters.removeValue(forKey: client) ?? [] { self.ready.insert(waiter) }
        self.settle(step)
    }

    private mutating func refused(_ client: String, _ refusal: ConnectRefusal) {
        guard case .connecting(let step) = self.clients[client] else { return }
        let code = refusal.code.map { "CONNACK \(Hex.byte($0)): " } ?? ""
        self.clients[client] = .gone(at: self.now, reason: code + refusal.text)
        self.couldNotConnect = true
        self.fail(step, got: code + refusal.text)
    }

    private mutating func lost(_ client: String, _ reason: String) {
        switch self.clients[client] {
        case .connecting(let step):
            self.clients[client] = .gone(at: self.now, reason: reason)
            self.couldNotConnect = true
            self.fail(step, got: "the connection was closed before CONNACK: \(reason)")
        case .connected:
            self.clients[client] = .gone(at: self.now, reason: reason)
            for number in self.inFlightSteps(of: client) { self.publisherLost(number, reason) }
        case .gone, nil:
            break
        }
    }

    private func inFlightSteps(of client: String) -> [StepNumber] {
        self.live.values.filter { $0.phase == .inFlight && $0.step.actor == .client(client) }.map(\.step.number).sorted()
    }

    /// An answer may still come for what has been acknowledged, or sent without waiting for an acknowledgement.
    private mutating func publisherLost(_ number: StepNumber, _ reason: String) {
        guard let state = self.live[number] else { return }
        if let publication = state.step.publication {
            let needsAck = publication.qos > 0 && state.ackedAt == nil && state.gates.contains(.acked)
            if state.isSent, !needsAck { return }
        }
        self.fail(number, got: "the publisher was lost: \(reason)")
    }

    mutating func publisherMissing(_ number: StepNumber) {
        guard let state = self.live[number], state.phase == .waiting, case .client(let client) = state.step.actor else { return }
        self.live[number]?.timer = nil
        let why: String =
            switch self.clients[client] {
            case .gone(_, let reason): reason
            case .connecting(let step): "step \(self.live[step]?.step.id ?? "") is still connecting it"
            case .connected, nil: "nothing has connected it"
            }
        self.fail(number, got: "its publisher \(client) was not connected for \(Times.text(self.timeout(of: state.step))): \(why)")
    }

    // MARK: Steps

    private mutating func sent(_ number: StepNumber, _ cause: UInt64?) {
        guard let state = self.live[number], state.phase == .inFlight, !state.isSent else { return }
        self.markSent(number, cause)
        switch state.step.kind {
        case .disconnect, .drop: self.settle(number)
        case .publish(let publication):
            self.live[number]?.met.insert(.sent)
            if publication.publisher == .service {
                self.live[number]?.met.insert(.acked)
                self.live[number]?.ackedAt = self.now
            }
            self.settleIfMet(number)
        case .connect, .subscribe, .unsubscribe, .expect, .never, .order, .shadowIs, .react, .clock, .mark, .note: break
        }
    }

    /// The dispatch is when the packet went out; the lane's gap counts from there, so that G2 holds on the wire.
    private mutating func markSent(_ number: StepNumber, _ cause: UInt64?) {
        guard let state = self.live[number], let index = state.lane, let asked = state.dispatchedAt else { return }
        self.live[number]?.isSent = true
        self.live[number]?.causeID = cause
        if self.lanes[index]?.unsent == number {
            self.lanes[index]?.unsent = nil
            if let first = self.lanes[index]?.first { self.ready.insert(first) }
        }
        guard self.now > asked else { return }
        self.live[number]?.dispatchedAt = self.now
        if state.waits.last?.cause == .clock {
            self.live[number]?.waits[state.waits.count - 1].duration += self.now - asked
        } else {
            self.live[number]?.waits.append(Wait(cause: .clock, duration: self.now - asked))
        }
        self.lanes[index]?.lastDispatch = self.now
    }

    private mutating func acked(_ number: StepNumber, _ reason: UInt8) {
        guard let state = self.live[number], state.phase == .inFlight else {
            self.ackedLate(number, reason, at: self.now)
            return
        }
        guard state.ackedAt == nil else { return }
        if !state.isSent { self.markSent(number, nil) }
        self.live[number]?.ackedAt = self.now
        if reason >= 0x80 {
            self.fail(number, got: "it was refused with reason code \(Hex.byte(reason))")
        } else {
            self.live[number]?.met.formUnion([.sent, .acked])
            self.settleIfMet(number)
        }
    }

    /// A step may have settled by its answer before its acknowledgement came, and that may have ended the run.
    mutating func ackedLate(_ number: StepNumber, _ reason: UInt8, at now: Instant) {
        guard let place = self.unacked.removeValue(forKey: number), reason < 0x80 else { return }
        self.records[place].acked = now - self.start
    }

    mutating func answered(_ number: StepNumber, _ answer: StepAnswer) {
        guard let state = self.live[number], state.phase == .inFlight else {
            self.answeredLate(number, answer)
            return
        }
        guard let publication = state.step.publication, state.answer == nil else { return }
        if !state.isSent { self.markSent(number, nil) }
        self.live[number]?.answer = answer
        switch (answer, publication.expectedRejection) {
        case (.accepted, nil):
            self.live[number]?.met.insert(.accepted)
            self.settleIfMet(number)
        case (.accepted(let version), .some):
            self.fail(number, got: "accepted" + (version.map { " with version \($0)" } ?? ""))
        case (.rejected(let code, let message), nil):
            if state.gates.contains(.accepted) { self.fail(number, got: "rejected \(code) \"\(message)\"") }
        case (.rejected(let code, let message), let expected?):
            if expected.matches(code: code, text: message) {
                self.live[number]?.met.insert(.accepted)
                self.settleIfMet(number)
            } else {
                self.fail(number, got: "rejected \(code) \"\(message)\"")
            }
        }
    }

    private mutating func answeredLate(_ number: StepNumber, _ answer: StepAnswer) {
        guard let place = self.unanswered.removeValue(forKey: number) else { return }
        if self.records[place].state == .settled {
            self.records[place].answer = answer
        } else {
            self.records[place].lateAnswer = answer
            self.records[place].lateAnswerAt = self.now - self.start
        }
    }

    private mutating func granted(_ number: StepNumber, _ results: [UInt8]) {
        guard let state = self.live[number], state.phase == .inFlight else { return }
        self.live[number]?.ackedAt = self.now
        guard let place = results.firstIndex(where: { $0 >= 0x80 }) else {
            self.settle(number)
            return
        }
        let filters = state.step.filters
        let filter = place < filters.count ? filters[place].string : "number \(place + 1)"
        self.fail(number, got: "the filter \(filter) was refused with reason code \(Hex.byte(results[place]))")
    }

    private mutating func shellFailed(_ number: StepNumber, _ reason: String) {
        guard let state = self.live[number], state.phase == .inFlight else { return }
        if case .connect(let spec) = state.step.kind {
            self.clients[spec.client] = .gone(at: self.now, reason: reason)
            self.couldNotConnect = true
        }
        self.fail(number, got: reason)
    }

    private mutating func settleIfMet(_ number: StepNumber) {
        guard let state = self.live[number], state.gates.isSubset(of: state.met) else { return }
        self.settle(number)
    }

    mutating func timedOut(_ number: StepNumber) {
        guard let state = self.live[number], state.phase == .inFlight else { return }
        self.live[number]?.timer = nil
        if case .connect(let spec) = state.step.kind {
            self.clients[spec.client] = .gone(at: self.now, reason: "no CONNACK in time")
            self.couldNotConnect = true
        }
        self.fail(number, got: "nothing in time (time-out)" + self.whatCame(state))
    }

    private func whatCame(_ state: LiveStep) -> String {
        guard state.step.publication != nil else { return "" }
        if !state.isSent { return "; it was not even sent" }
        if case .rejected(let code, let message) = state.answer { return "; the answer was rejected \(code) \"\(message)\"" }
        if let acked = state.ackedAt { return "; the acknowledgement came at \(self.runTime(acked))" }
        return "; it was sent at \(self.runTime(state.dispatchedAt ?? self.now))"
    }

    func runTime(_ instant: Instant) -> String { Times.text(instant - self.start) }

    // MARK: Messages

    private mutating func observed(_ message: ObservedMessage) {
        var message = message
        var shadow: ShadowTopic?
        if message.causedBy != nil || self.options.isRemote { shadow = ShadowTopic(message.topic) }
        if message.causedBy == nil, let shadow, !shadow.isRequest { message.causedBy = self.stepByToken(message, shadow) }
        self.log.append(message, at: self.now)
        if let step = message.causedBy, let shadow, let answer = StepAnswer.Found(shadow, message.payload, wanted: self.wantsAnswer(step)) {
            if let answer = answer.value { self.answered(step, answer) }
            if let client = message.client { self.proof.answered(step, thing: shadow.id.thing, subscriber: client, at: self.now) }
        }
        self.feedWatches(MessageLog.Entry(at: self.now, message: message))
    }

    private func stepByToken(_ message: ObservedMessage, _ shadow: ShadowTopic) -> StepNumber? {
        guard let token = (try? JSONValue(parsing: message.payload))?["clientToken"]?.string else { return nil }
        return self.tokens.step(of: token)
    }

    private func wantsAnswer(_ number: StepNumber) -> Bool {
        if let state = self.live[number] { return state.answer == nil }
        return self.unanswered[number] != nil
    }
}
