import JSON
import Timeline

/// `on` and `device`: what messages set off. Source: scheduler §16.4.
///
/// A reaction is open from its planned time to the end of the run, and does not keep the run from ending; the steps it began do.
/// A step that names it in `after` waits until it is open: some never end before the run.
extension PlanEngine {
    /// Reactions that set each other off like this without any time passing are a loop.
    private static var mostLinks: Int { 1000 }

    mutating func openReaction(_ number: StepNumber, _ state: LiveStep, _ reaction: Reaction) {
        self.live[number]?.phase = .watching
        self.live[number]?.attemptAt = self.now
        for dependent in self.dependents.removeValue(forKey: number) ?? [] { self.release(dependent, after: number) }
        let place = self.reacting.firstIndex { $0 > number } ?? self.reacting.endIndex
        self.reacting.insert(number, at: place)
        if let until = reaction.until, let frame = self.frames[state.frame] {
            let end = self.scenario.instant(of: frame.origin + until)
            self.live[number]?.timer = self.timers.schedule(.ends(number), at: max(end, self.now), kind: .plan)
        }
        self.frames[state.frame]?.openSteps -= 1
        self.closeIfDone(state.frame)
    }

    mutating func react(to message: ObservedMessage) {
        for number in self.reacting {
            guard let state = self.live[number], case .react(let reaction) = state.step.kind, self.phase == .running,
                self.matches(reaction.match, message)
            else { continue }
            self.begin(reaction, number, state, message)
        }
    }

    private mutating func begin(_ reaction: Reaction, _ number: StepNumber, _ state: LiveStep, _ message: ObservedMessage) {
        let link = ReactionLink(after: message.causedBy.flatMap { self.link(of: $0) }, at: self.now)
        guard link.count < Self.mostLinks, state.reactions < Block.mostPasses else {
            let what = link.count < Self.mostLinks ? "it was set off \(state.reactions) times" : "it sets itself off without end"
            self.fail(number, got: "\(what); give its steps a time, its match more to ask for, or \"times\"")
            return
        }
        let pass: StepPass
        do throws(MissingCapture) {
            pass = try StepPass(reaction.body, pass: state.reactions, message: message)
        } catch {
            let seen = self.describe(MessageLog.Entry(at: self.now, message: message))
            self.fail(number, got: "a message without \(error.pointer) to capture: \(seen)")
            return
        }
        self.live[number]?.reactions += 1
        var frame = Frame(owner: number, origin: self.scenarioTime(at: self.now), pass: pass)
        frame.link = link
        _ = self.open(frame)
        if let times = reaction.times, state.reactions + 1 >= times { self.endReaction(number) }
    }

    private func link(of cause: StepNumber) -> ReactionLink? {
        if let state = self.live[cause] { return self.frames[state.frame]?.link }
        return self.traces[cause]?.link
    }

    mutating func endReaction(_ number: StepNumber) {
        guard let state = self.live[number] else { return }
        let times = state.reactions == 1 ? "answered 1 message" : "answered \(state.reactions) messages"
        self.end(number, .settled, detail: times, releases: true)
    }

    /// Nothing is left that could set one off.
    mutating func endReactions() {
        for number in self.reacting { self.endReaction(number) }
    }
}
