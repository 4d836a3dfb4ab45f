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
        case .clientConnected(let client): self.connected(client)
        case .clientRefused(let client, let refusal): self.refused(client, refusal)
        case .clientLost(let client, let reason): self.lost(client, reason)
        case .clientTakenOver(let client): self.takenOver(client)
        case .stepSent(let step, let cause, let attempt): self.sent(step, cause, attempt)
        case .stepAcked(let step, let reason, let attempt): self.acked(step, reason, attempt)
        case .stepAnswered(let step, let answer, let attempt): self.answered(step, answer, attempt: attempt)
        case .subscribed(let step, let results): self.granted(step, results)
        case .unsubscribed(let step, let results): self.granted(step, results)
        case .gateMet(let step, let gates, let attempt): self.gateMet(step, gates, attempt: attempt)
        case .gateMissed(let step, let gates, let reason, let attempt): self.gateMissed(step, gates, reason, attempt: attempt)
        case .gateAwaits(let step, let gates, let what): self.live[step]?.gateAwaits = "\(gates.text) still waits for \(what)"
        case .shadowRead(let step, let reading): self.shadowRead(step, reading)
        case .stepFailed(let step, let reason, let attempt): self.shellFailed(step, reason, attempt)
        case .observed(let message): self.observed(message)
        case .paused(let lane): self.pause(lane)
        case .resumed(let lane, let rule): self.resume(lane, rule)
        case .steppedOnce: self.stepOnce()
        case .laneChanged(let lane, let settings): self.changeLane(lane, settings)
        case .cancelled: self.cancel()
        }
    }

    // MARK: Steps

    private mutating func sent(_ number: StepNumber, _ cause: UInt64?, _ attempt: Int?) {
        guard let state = self.live[number], state.phase == .inFlight, !state.isSent, attempt ?? state.attempt == state.attempt else {
            return
        }
        switch state.step.kind {
        case .disconnect, .drop:
            self.markSent(number, cause)
            self.settle(number)
        case .publish(let publication):
            self.markSent(number, cause)
            self.live[number]?.met.insert(.sent)
            if publication.publisher == .service {
                self.live[number]?.met.insert(.acked)
                self.live[number]?.ackedAt = self.now
            }
            self.settleIfMet(number)
        case .clock:
            self.settle(number)
        case .connect, .subscribe, .unsubscribe, .expect, .never, .order, .shadowIs, .react, .block, .mark, .note:
            break
        }
    }

    /// The dispatch is when the packet went out; the lane's gap counts from there, so that G2 holds on the wire.
    mutating func markSent(_ number: StepNumber, _ cause: UInt64?) {
        guard let state = self.live[number], let index = state.lane, let asked = state.attemptAt else { return }
        self.live[number]?.isSent = true
        self.live[number]?.causeID = cause
        if self.lanes[index]?.sent(number, now: self.now) == true { self.lookAtHead(of: index) }
        self.beginQuiet(number)
        guard self.now > asked else { return }
        self.lanes[index]?.lastDispatch = self.now
        self.live[number]?.attemptAt = self.now
        guard state.attempt == 1 else { return }
        self.live[number]?.dispatchedAt = self.now
        if state.waits.last?.cause == .clock {
            self.live[number]?.waits[state.waits.count - 1].duration += self.now - asked
        } else {
            self.live[number]?.waits.append(Wait(cause: .clock, duration: self.now - asked))
        }
    }

    private mutating func acked(_ number: StepNumber, _ reason: UInt8, _ attempt: Int?) {
        guard let state = self.live[number] else {
            self.ackedLate(number, reason, at: self.now)
            return
        }
        guard state.phase == .inFlight, self.isCurrent(attempt, of: state), state.ackedAt == nil else { return }
        if !state.isSent { self.markSent(number, nil) }
        self.live[number]?.ackedAt = self.now
        if reason >= 0x80 {
            self.fail(number, got: "it was refused with reason code \(Hex.byte(reason))")
        } else {
            self.meet(number, [.sent, .acked])
        }
    }

    /// A step may have settled by its answer before its acknowledgement came, and that may have ended the run.
    mutating func ackedLate(_ number: StepNumber, _ reason: UInt8, at now: Instant) {
        guard var aftermath = self.aftermaths[number], aftermath.awaitsAck else { return }
        if reason < 0x80 { self.records[aftermath.place].acked = now - self.start }
        aftermath.awaitsAck = false
        self.aftermaths[number] = aftermath.isOver ? nil : aftermath
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

    private mutating func shadowRead(_ number: StepNumber, _ reading: ShadowReading) {
        if !self.tookVersion(number, reading) { self.checkShadow(number, reading) }
    }

    private mutating func shellFailed(_ number: StepNumber, _ reason: String, _ attempt: Int?) {
        guard let state = self.live[number], state.phase != .waiting, attempt ?? state.attempt == state.attempt else { return }
        if case .connect(let spec) = state.step.kind {
            self.failConnect(number, spec.client, got: reason, cause: nil)
        } else {
            self.fail(number, got: reason)
        }
    }

    mutating func timedOut(_ number: StepNumber) {
        guard let state = self.live[number], state.phase == .inFlight || state.phase == .reading else { return }
        self.live[number]?.timer = nil
        if state.phase == .reading {
            self.fail(number, got: "its shadow was not read in time, so its version is not known (time-out)")
            return
        }
        // What is met at the very instant of the time-out counts.
        if let last = state.lastPacketAt, let quiet = state.step.options.quiet, last + quiet.duration <= self.now {
            self.meet(number, .quiet)
            guard self.live[number] != nil else { return }
        }
        let got = "nothing in time (time-out)" + self.whatCame(state)
        if case .connect(let spec) = state.step.kind {
            self.failConnect(number, spec.client, got: got, cause: .timeout)
        } else {
            self.fail(number, got: got, cause: .timeout)
        }
    }

    // MARK: Messages

    private mutating func observed(_ message: ObservedMessage) {
        var message = message
        let shadow = message.topic.hasPrefix(ShadowTopic.prefix) ? ShadowTopic(message.topic) : nil
        if let shadow, !shadow.isRequest, message.causedBy == nil, self.options.isRemote, let user = self.user(ofTokenIn: message.payload) {
            message.causedBy = user.step
            message.attempt = user.attempt
        }
        self.log.append(message, at: self.now)
        if let shadow {
            if message.client == nil { self.versions.saw(shadow, message.payload) }
            if let step = message.causedBy { self.caused(shadow, message, by: step) }
        }
        if !self.listening.isEmpty { self.heard(message) }
        self.feedWatches(MessageLog.Entry(at: self.now, message: message))
        if !self.reacting.isEmpty { self.react(to: message) }
    }

    private func user(ofTokenIn payload: [UInt8]) -> (step: StepNumber, attempt: Int)? {
        guard let token = (try? JSONValue(parsing: payload))?["clientToken"]?.string else { return nil }
        return self.tokens.user(of: token)
    }
}
