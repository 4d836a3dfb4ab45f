import Shadows
import Timeline

/// Steps that wait for a quota, in file order, and what they spend. Source: scheduler §12.
extension PlanEngine {
    /// Whether a quota holds a step that everything else lets go. It comes back when there may be room.
    mutating func waitsForQuota(_ number: StepNumber, _ state: LiveStep) -> Bool {
        guard self.quotas.isObeyed else { return false }
        for key in state.quotas where self.quotas.isSpent(key, now: self.now) {
            self.live[number]?.quotaSince = state.quotaSince ?? self.now
            self.quotas.wait(number, for: key, now: self.now)
            self.watchQuota(key)
            return true
        }
        return false
    }

    mutating func spendQuotas(_ number: StepNumber, _ state: LiveStep) {
        for key in state.quotas {
            self.quotas.spend(key, now: self.now)
            if case .inFlight(let thing) = key { self.openRequests[number] = thing }
            self.watchQuota(key)
        }
    }

    mutating func quotaRefilled(_ key: QuotaKey) {
        self.quotas.timerFired(key)
        self.watchQuota(key)
    }

    /// Wakes the first that waits, if there is room for it, or sees to it that somebody looks when there is.
    mutating func watchQuota(_ key: QuotaKey) {
        if !self.quotas.isSpent(key, now: self.now) {
            while let number = self.quotas.popWaiting(for: key) {
                guard self.live[number]?.phase == .waiting else { continue }
                self.wokenByQuota[number] = key
                self.ready.insert(number)
                return
            }
        } else if let instant = self.quotas.instantToWatch(key, now: self.now) {
            _ = self.timers.schedule(.quota(key), at: instant, kind: .plan)
        }
    }

    // MARK: Unanswered requests

    /// The service is done with a request, or will not say so any more.
    mutating func closeRequest(_ number: StepNumber) {
        guard let thing = self.openRequests.removeValue(forKey: number) else { return }
        self.quotas.giveBack(.inFlight(thing))
        self.watchQuota(.inFlight(thing))
    }

    /// A step has ended. If it did not wait for its answer, that may still come within its time-out.
    mutating func leaveRequest(_ number: StepNumber, _ state: LiveStep, hasSettled: Bool) {
        guard self.openRequests[number] != nil else { return }
        let until = (state.attemptAt ?? self.now) + self.timeout(of: state.step)
        if hasSettled, state.answer == nil, until > self.now {
            _ = self.timers.schedule(.request(number), at: until, kind: .plan)
        } else {
            self.closeRequest(number)
        }
    }
}
