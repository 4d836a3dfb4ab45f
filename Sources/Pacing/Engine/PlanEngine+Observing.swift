import JSON
import Timeline

/// Steps that only look: `expect`, `never`, `order`, and the marks and notes of the time line. Source: scheduler §16.5.
extension PlanEngine {
    mutating func openWatch(_ number: StepNumber) {
        guard self.phase == .running, let state = self.live[number], state.phase == .waiting else { return }
        self.live[number]?.timer = nil
        if self.hold.since != nil || self.stopsAtBreakpoint(state.step) { return }
        let opening = self.scheduledOpening(of: state)
        let window: (since: Instant, within: Duration)
        switch state.step.kind {
        case .mark:
            self.settle(number)
            return
        case .note(let text):
            self.out.append(.note((try? LateText.filledText(text, from: self.values)) ?? text))
            self.settle(number)
            return
        case .expect(let expectation): window = (self.lookBack(expectation.from, opening), expectation.within)
        case .order(_, let within, let from): window = (self.lookBack(from, opening), within)
        case .never(_, let time): window = (opening, time)
        case .connect, .disconnect, .drop, .subscribe, .unsubscribe, .publish, .clock:
            preconditionFailure("step \(state.step.id) acts and has a lane")
        case .shadowIs(let check):
            self.openShadowCheck(number, state, check)
            return
        case .react(let reaction):
            self.openReaction(number, state, reaction)
            return
        case .block(let block):
            self.openBlock(number, state, block)
            return
        }
        let until = opening + window.within
        self.live[number]?.phase = .watching
        self.live[number]?.watch = Watch(since: window.since, until: until)
        let place = self.watching.firstIndex { $0 > number } ?? self.watching.endIndex
        self.watching.insert(number, at: place)
        for entry in self.log.entries(since: window.since) {
            self.feed(number, entry)
            if self.live[number] == nil { return }
        }
        if case .expect(let expectation) = state.step.kind, expectation.count == .atLeast(0) {
            self.settle(number)
            return
        }
        self.live[number]?.timer = self.timers.schedule(.ends(number), at: max(until, self.now), kind: .plan)
    }

    private func lookBack(_ from: LookBack, _ opening: Instant) -> Instant {
        switch from {
        case .planned: opening
        case .start: self.start
        case .dispatch(let step): self.live[step]?.dispatchedAt ?? self.traces[step]?.dispatchedAt ?? opening
        }
    }

    mutating func feedWatches(_ entry: MessageLog.Entry) {
        for number in self.watching { self.feed(number, entry) }
    }

    private mutating func feed(_ number: StepNumber, _ entry: MessageLog.Entry) {
        guard let state = self.live[number], let watch = state.watch else { return }
        switch state.step.kind {
        case .expect(let expectation):
            if self.matches(expectation.match, entry.message) { self.seen(number, expectation, entry) }
        case .never(let match, _):
            if self.matches(match, entry.message) { self.fail(number, got: self.describe(entry)) }
        case .order(let matches, _, _):
            guard self.matches(matches[watch.place], entry.message) else { return }
            self.live[number]?.watch?.place += 1
            self.live[number]?.watch?.seenAt.append(entry.at)
            if watch.place + 1 == matches.count { self.settle(number) }
        case .connect, .disconnect, .drop, .subscribe, .unsubscribe, .publish, .shadowIs, .react, .block, .clock, .mark, .note:
            break
        }
    }

    private mutating func seen(_ number: StepNumber, _ expectation: Expectation, _ entry: MessageLog.Entry) {
        guard let before = self.live[number]?.watch?.seen else { return }
        self.live[number]?.watch?.seen = before + 1
        self.capture(number, expectation, entry)
        switch expectation.count {
        case .atLeast(let least):
            if before + 1 < least { return }
            if let missing = self.live[number]?.watch?.missing { self.fail(number, got: missing) } else { self.settle(number) }
        case .between(_, let most):
            if before + 1 > most { self.fail(number, got: "\(before + 1) messages, the last \(self.describe(entry))") }
        }
    }

    private mutating func capture(_ number: StepNumber, _ expectation: Expectation, _ entry: MessageLog.Entry) {
        guard !expectation.captures.isEmpty else { return }
        let document = try? JSONValue(parsing: entry.message.payload)
        for capture in expectation.captures {
            if let value = document?[pointer: capture.pointer] {
                self.values.captured[capture.name] = value
            } else {
                let missing = "a message without \(capture.pointer) to capture: \(self.describe(entry))"
                self.live[number]?.watch?.missing = missing
            }
        }
    }

    mutating func endWatch(_ number: StepNumber) {
        guard let state = self.live[number], state.phase == .watching else { return }
        self.live[number]?.timer = nil
        let watch = state.watch ?? Watch(since: self.now, until: self.now)
        switch state.step.kind {
        case .expect(let expectation):
            if case .between(let least, let most) = expectation.count, (least...most).contains(watch.seen) {
                if let missing = watch.missing { self.fail(number, got: missing) } else { self.settle(number) }
            } else {
                self.fail(number, got: self.countText(watch) + self.forgottenText(watch))
            }
        case .never: self.settle(number)
        case .order(let matches, _, _): self.fail(number, got: self.orderText(watch, matches) + self.forgottenText(watch))
        case .shadowIs: self.fail(number, got: "nothing in time (time-out)")
        case .react: self.endReaction(number)
        case .connect, .disconnect, .drop, .subscribe, .unsubscribe, .publish, .block, .clock, .mark, .note: break
        }
    }

    func matches(_ match: Match, _ message: ObservedMessage) -> Bool {
        match.matches(message, hashMatchesParent: self.settings.hashMatchesParent, self.values)
    }

    private func countText(_ watch: Watch) -> String {
        switch watch.seen {
        case 0: "no such message by \(self.runTime(watch.until))"
        case 1: "1 such message by \(self.runTime(watch.until))"
        default: "\(watch.seen) such messages by \(self.runTime(watch.until))"
        }
    }

    private func orderText(_ watch: Watch, _ matches: [Match]) -> String {
        let steps = watch.seenAt.enumerated().map { "match \($0.offset + 1) at \(self.runTime($0.element))" }
        let reached = steps.isEmpty ? "none of them" : steps.joined(separator: ", ")
        return "\(reached), then not match \(watch.place + 1) (\(self.describe(matches[watch.place]))) by \(self.runTime(watch.until))"
            + self.earlierText(watch, matches[watch.place])
    }

    /// The awaited message did come, but before the one that should have come first.
    private func earlierText(_ watch: Watch, _ match: Match) -> String {
        let before = self.log.entries(since: watch.since).last { self.matches(match, $0.message) }
        return before.map { "; it had come too early, at \(self.runTime($0.at))" } ?? ""
    }

    private func forgottenText(_ watch: Watch) -> String {
        guard let until = self.log.forgottenUntil, until >= watch.since else { return "" }
        return "; the first \(self.log.forgotten) messages of the run are no longer kept and were not looked at"
    }
}
