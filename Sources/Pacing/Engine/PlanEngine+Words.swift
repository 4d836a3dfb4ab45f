import JSON
import Shadows
import Timeline
import Topics

/// What failures say.
extension PlanEngine {
    func topicText(_ state: LiveStep) -> String {
        switch state.step.kind {
        case .connect(let spec): "client \(spec.client) (id \(spec.id))"
        case .disconnect(let client, _), .drop(let client, _): "client \(client)"
        case .subscribe(_, let filters, _), .unsubscribe(_, let filters): filters.map(\.string).joined(separator: ", ")
        case .publish(let publication): state.topic ?? publication.topic
        case .expect(let expectation): expectation.match.topic?.string ?? "any topic"
        case .never(let match, _): match.topic?.string ?? "any topic"
        case .order(let matches, _, _): matches.compactMap { $0.topic?.string }.first ?? "any topic"
        case .shadowIs(let check): ShadowTopic(id: check.shadow, operation: .get).text
        case .react(let reaction): reaction.match.topic?.string ?? "any topic"
        case .block, .clock, .mark, .note: "none"
        }
    }

    func awaited(_ state: LiveStep) -> String {
        let within = "within \(Times.text(self.timeout(of: state.step)))"
        switch state.step.kind {
        case .connect: return "CONNACK \(within)"
        case .disconnect, .drop: return "the connection to be given up \(within)"
        case .subscribe: return "SUBACK \(within)"
        case .unsubscribe: return "UNSUBACK \(within)"
        case .publish(let publication):
            let sent = state.attemptAt.map { " of its dispatch at \(self.runTime($0))" } ?? ""
            let what = publication.expectedRejection.map { "rejected \($0.text)" } ?? self.text(state.gates, of: state.step)
            return "\(what) \(within)\(sent)"
        case .expect(let expectation):
            return "\(expectation.count.text) matching \(self.describe(expectation.match)) \(self.window(expectation.within, state))"
        case .never(let match, let time): return "no message matching \(self.describe(match)) \(self.window(time, state))"
        case .order(let matches, let within, _):
            return "in this order: \(matches.map { self.describe($0) }.joined(separator: ", then ")) \(self.window(within, state))"
        case .shadowIs(let check): return self.awaited(check)
        case .clock(.advance(let duration)): return "a clock that moves on by \(Times.text(duration))"
        case .react: return "messages, and none that cannot be answered"
        case .block, .clock(.speed), .mark, .note: return "nothing"
        }
    }

    private func awaited(_ check: ShadowCheck) -> String {
        if check.isAbsent { return "no such shadow" }
        var parts: [String] = []
        if let version = check.version { parts.append("version \(version)") }
        if let equals = check.equals { parts.append("the state \(((try? LateText.filled(equals, from: self.values)) ?? equals).text)") }
        if check.includes != nil { parts.append("a state that includes what is given") }
        return parts.joined(separator: ", ")
    }

    /// Gates by their names, with what they look for.
    private func text(_ gates: Gates, of step: Step) -> String {
        Gates.names.filter { gates.contains($0.gate) }.map { name, gate in
            if gate == .quiet, let quiet = step.options.quiet {
                return "\(name) for \(Times.text(quiet.duration)) in the \(quiet.scope.rawValue)"
            }
            if gate == .match, let match = step.options.awaited { return "a message matching \(self.describe(match))" }
            return name
        }.joined(separator: " and ")
    }

    /// What there was of a step by the time it timed out.
    func whatCame(_ state: LiveStep) -> String {
        guard state.step.publication != nil else { return "" }
        if !state.isSent { return "; it was not even sent" }
        var text: String
        switch state.answer {
        case .rejected(let code, let message): text = "; the answer was rejected \(code) \"\(message)\""
        case .accepted(let version): text = "; it was accepted" + (version.map { " with version \($0)" } ?? "")
        case nil:
            text =
                state.ackedAt.map { "; the acknowledgement came at \(self.runTime($0))" }
                ?? "; it was sent at \(self.runTime(state.attemptAt ?? self.now))"
        }
        let missing = state.gates.subtracting(state.met)
        if missing != state.gates { text += "; \(self.text(missing, of: state.step)) did not come" }
        if let last = state.lastPacketAt, missing.contains(.quiet) { text += "; the last packet was at \(self.runTime(last))" }
        if let awaits = state.gateAwaits { text += "; \(awaits)" }
        return text
    }

    func runTime(_ instant: Instant) -> String { Times.text(instant - self.start) }

    private func window(_ within: Duration, _ state: LiveStep) -> String {
        let since = state.watch?.since ?? self.base(of: state)
        return "within \(Times.text(within)) of \(self.runTime(self.scheduledOpening(of: state)))"
            + (since == self.scheduledOpening(of: state) ? "" : ", looking back to \(self.runTime(since))")
    }

    func describe(_ match: Match) -> String {
        var parts: [String] = []
        if let topic = match.topic { parts.append("topic \(topic.string)") }
        if let text = match.text { parts.append("text \"\(text)\"") }
        if let regex = match.regex { parts.append("regex \(regex)") }
        if match.json != nil { parts.append("its json") }
        if let qos = match.qos { parts.append("qos \(qos)") }
        if let retain = match.retain { parts.append("retain \(retain)") }
        if let from = match.from { parts.append("from \(from)") }
        if let causedBy = match.causedBy { parts.append("caused by \(self.name(of: causedBy))") }
        if let client = match.client { parts.append("as seen by \(client)") }
        return parts.joined(separator: ", ")
    }

    func name(of number: StepNumber) -> String {
        self.live[number]?.step.id ?? self.traces[number]?.id ?? "step \(number.rawValue + 1)"
    }

    func describe(_ entry: MessageLog.Entry) -> String {
        let seen = entry.message.client.map { " to \($0)" } ?? ""
        let cause = entry.message.causedBy.map { ", caused by \(self.name(of: $0))" } ?? ""
        return "\(self.runTime(entry.at)) \(entry.message.topic)\(seen)\(cause): \(Self.excerpt(entry.message.payload))"
    }

    /// The last five messages that have to do with a step, oldest first. Source: scheduler §11.
    func related(to state: LiveStep) -> [String] {
        var found: [String] = []
        for entry in self.log.entries.reversed() where self.isRelated(entry.message, to: state) {
            found.append(self.describe(entry))
            if found.count == 5 { break }
        }
        return found.reversed()
    }

    private func isRelated(_ message: ObservedMessage, to state: LiveStep) -> Bool {
        if message.causedBy == state.step.number { return true }
        switch state.step.kind {
        case .publish(let publication):
            if let shadow = publication.shadow { return message.topic.hasPrefix("$aws/things/\(shadow.id.thing.text)/") }
            return message.topic == state.topic ?? publication.topic
        case .subscribe(let client, _, _), .unsubscribe(let client, _), .disconnect(let client, _), .drop(let client, _):
            return message.client == client
        case .connect(let spec): return message.client == spec.client
        case .expect(let expectation): return self.concerns(expectation.match, message)
        case .never(let match, _): return self.concerns(match, message)
        case .order(let matches, _, _): return matches.contains { self.concerns($0, message) }
        case .shadowIs, .react, .block, .clock, .mark, .note: return false
        }
    }

    /// Topic, cause and client fit, whatever the rest is.
    private func concerns(_ match: Match, _ message: ObservedMessage) -> Bool {
        let relaxed = Match(topic: match.topic, client: match.client, causedBy: match.causedBy)
        return relaxed.matches(message, hashMatchesParent: self.settings.hashMatchesParent, self.values)
    }

    private static func excerpt(_ payload: [UInt8]) -> String {
        let limit = 160
        guard let text = String(validating: payload.prefix(limit), as: UTF8.self), !text.utf8.contains(where: { $0 < 0x20 }) else {
            return "\(payload.count) bytes"
        }
        return payload.count > limit ? "\(text)… (\(payload.count) bytes)" : text
    }
}
