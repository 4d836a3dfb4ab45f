import Shadows
import Timeline

/// Attempts after the first. Source: scheduler §9, §11.
///
/// A step that goes again comes back to the head of its lane, so nothing of the lane overtakes it, and what came of its failed
/// attempts cannot settle it: an answer to one of those is recorded as late. Only where the very same packet is sent again with
/// DUP, an answer to any of its sendings counts. Locally attempts are told apart by their causes, remotely by their tokens; a token
/// that the plan itself wrote is that of the last attempt.
extension PlanEngine {
    /// Failed attempts whose story is kept.
    private static var keptAttempts: Int { 20 }
    /// Times that a version is read again after a 409. Source: scheduler §11.
    private static var versionRetries: Int { 3 }

    /// Lets a step in flight go again if its policy says so.
    mutating func retries(_ number: StepNumber, _ state: LiveStep, _ policy: FailurePolicy, _ cause: RetryRule.Cause?, got: String) -> Bool
    {
        guard case .retry(let rule) = policy, let cause, rule.covers(cause), state.phase == .inFlight, state.retry.retries < rule.most,
            self.mayGoAgain(state)
        else { return false }
        self.live[number]?.retry.retries += 1
        var wait = rule.wait(before: state.retry.retries + 1)
        if let jitter = rule.jitter {
            var draw = Draw(seed: self.settings.seed, purpose: "retry", step: state.step.id, attempt: state.attempt)
            wait += jitter.drawn(&draw)
        }
        self.sendAgain(number, got: got, notBefore: self.now + self.scenario.speed.scaled(wait))
        return true
    }

    /// After a 409, reads the version and sends again. Source: scheduler §11, §20.4.
    mutating func readsVersionAgain(_ number: StepNumber, _ state: LiveStep, got: String) -> Bool {
        guard let publication = state.step.publication, publication.hasAutomaticVersion, let shadow = publication.shadow,
            state.retry.conflicts < Self.versionRetries, self.mayGoAgain(state)
        else { return false }
        self.versions.forget(shadow.id)
        self.live[number]?.retry.conflicts += 1
        self.sendAgain(number, got: got)
        return true
    }

    /// Whether its lane and the run still dispatch.
    func mayGoAgain(_ state: LiveStep) -> Bool {
        self.phase == .running && self.reasonToSkip(state) == nil
    }

    /// Takes a step out of flight and puts it back to the head of its lane.
    ///
    /// - Parameter resends: the same packet goes again as soon as its publisher is back.
    mutating func sendAgain(_ number: StepNumber, got: String, notBefore: Instant? = nil, resends: Bool = false) {
        guard var state = self.live[number], let index = state.lane else { return }
        self.endFlight(of: &state, hasEnded: false)
        if state.retry.failed.count < Self.keptAttempts {
            state.retry.failed.append(
                FailedAttempt(dispatched: (state.attemptAt ?? self.now) - self.start, ended: self.now - self.start, got: got))
        }
        state.phase = .waiting
        state.retry.notBefore = notBefore
        state.retry.resends = resends
        if !resends { state.forgetAttempt() }
        self.live[number] = state
        self.lanes[index]?.insertAgain(
            number, planned: state.planned, order: state.order, turn: state.retry.turn, now: self.now)
        self.lookAtHead(of: index)
    }
}

extension LiveStep {
    /// What came of an attempt does not count for the next one.
    fileprivate mutating func forgetAttempt() {
        self.ackedAt = nil
        self.met = []
        self.answer = nil
        self.causeID = nil
        self.deltaVersion = nil
        self.gateAwaits = nil
        self.retry.packet = nil
    }
}
