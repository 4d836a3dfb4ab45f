import JSON
import Shadows
import Timeline

/// `version: "auto"`: the version last seen, read first if none was. Source: scheduler §11, §20.4.
extension PlanEngine {
    /// Whether a step that everything else lets go must first read its shadow. Its lane waits with it.
    mutating func readsVersionFirst(_ number: StepNumber) -> Bool {
        guard self.versions.isKept, var state = self.live[number], let publication = state.step.publication,
            publication.hasAutomaticVersion,
            !state.retry.resends, let shadow = publication.shadow, self.versions.version(of: shadow.id) == nil
        else { return false }
        self.cancelTimer(of: &state)
        state.phase = .reading
        state.readingSince = self.now
        state.timer = self.timers.schedule(.timeout(number), at: self.now + self.timeout(of: state.step), kind: .plan)
        self.live[number] = state
        self.out.append(.readShadow(number, shadow.id))
        return true
    }

    /// - Returns: whether it was read for a version.
    mutating func tookVersion(_ number: StepNumber, _ reading: ShadowReading) -> Bool {
        guard var state = self.live[number], state.phase == .reading, let shadow = state.step.publication?.shadow else { return false }
        self.cancelTimer(of: &state)
        state.phase = .waiting
        if let since = state.readingSince { state.intervals.append(WaitInterval(cause: .after, start: since, end: self.now)) }
        state.readingSince = nil
        self.live[number] = state
        self.versions.saw(shadow.id, reading.version.map { .version($0) } ?? .absent)
        self.ready.insert(number)
        return true
    }
}
