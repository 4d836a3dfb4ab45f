import JSON
import Shadows
import Topics

/// Expectations of messages that nobody in the file sends, or that the client which is to see them has not asked for. Source: scheduler §12.
///
/// Only what is certain is told, which takes the whole file. Where too much would have to be remembered, nothing is.
struct MessageSources {
    private static let mostTopics = 10_000
    private static let mostFilters = 10_000
    private static let mostExpected = 1000

    private struct Expected {
        var match: Match
        /// Where nobody publishes it, and where its client has not subscribed.
        var unpublished: ScenarioError
        var unseen: ScenarioError
    }

    private let hashMatchesParent: Bool
    /// Whether everything that can be published is among ``topics``.
    private var knowsTopics: Bool
    private var topics: Set<String> = []
    private var filters: [String: [TopicFilter]] = [:]
    private var filterCount = 0
    /// Clients that may have subscriptions the file does not speak of.
    private var oldClients: Set<String> = []
    private var expected: [Expected] = []
    private var isLost = false

    init(_ settings: PlanSettings, isRemote: Bool) {
        self.hashMatchesParent = settings.hashMatchesParent
        // Others may publish at a remote target, and a snapshot has retained messages.
        self.knowsTopics = !isRemote
        if case .snapshot = settings.start { self.knowsTopics = false }
    }

    mutating func look(at written: WrittenStep) {
        let step = written.step
        if let match = step.options.awaited { self.expect(match, written.node["gate"], written) }
        let body = written.node[step.verb]
        switch step.kind {
        case .connect(let spec):
            if let will = spec.will { self.publish(will.topic.string) }
            if !spec.clean { self.oldClients.insert(spec.client) }
        case .subscribe(let client, let filters, _): self.subscribe(client, filters)
        case .publish(let publication): self.publish(publication.topic)
        case .react(let reaction):
            // A device answers the delta with an update.
            if reaction.verb == "device", let topic = reaction.match.topic.flatMap({ ShadowTopic($0.string) }) {
                self.publish(ShadowTopic(id: topic.id, operation: .update).text)
            }
        case .expect(let expectation): if expectation.count.least > 0 { self.expect(expectation.match, body, written) }
        case .order(let matches, _, _):
            for (place, match) in matches.enumerated() {
                let node = body.flatMap { body in body.value.array.map { body.child($0[place], "\(place)") } }
                self.expect(match, node, written)
            }
        case .disconnect, .drop, .unsubscribe, .never, .shadowIs, .block, .clock, .mark, .note: break
        }
    }

    /// The step runs again and again, each time perhaps with other names.
    mutating func lookAtRepeated(_ written: WrittenStep) {
        guard ScenarioVariables.mentionsVariables(written.node.value) else { return }
        switch written.step.kind {
        case .publish, .react: self.knowsTopics = false
        case .subscribe(let client, _, _): self.oldClients.insert(client)
        case .connect, .disconnect, .drop, .unsubscribe, .expect, .never, .order, .shadowIs, .block, .clock, .mark, .note: break
        }
    }

    /// A part of the file is not known.
    mutating func loseTrack() {
        self.isLost = true
    }

    private mutating func subscribe(_ client: String, _ filters: [TopicFilter]) {
        self.filterCount += filters.count
        if self.filterCount > Self.mostFilters { self.isLost = true } else { self.filters[client, default: []] += filters }
    }

    private mutating func publish(_ topic: String) {
        guard self.knowsTopics else { return }
        self.topics.insert(topic)
        if let request = ShadowTopic(topic), request.isRequest {
            let answers: [ShadowTopic.Answer] = request.operation == .update ? ShadowTopic.Answer.allCases : [.accepted, .rejected]
            for answer in answers {
                self.topics.insert(ShadowTopic(id: request.id, operation: request.operation, answer: answer).text)
            }
        }
        if LateText.isLate(topic) || self.topics.count > Self.mostTopics { self.knowsTopics = false }
    }

    private mutating func expect(_ match: Match, _ node: Node?, _ written: WrittenStep) {
        guard let node, self.expected.count < Self.mostExpected else { return }
        let topic = match.topic?.string ?? "any topic"
        let unpublished = (node["topic"] ?? node).fault(
            "nobody in this file publishes anything to \(topic)", "check the topic; only others on the same broker could do that")
        let client = match.client ?? ""
        let unseen = (node["client"] ?? node).fault(
            "client \(client) never sees \(topic): it has no subscription for it",
            "add {\"sub\": {\"client\": \"\(client)\", \"filters\": [\"\(match.topic?.string ?? "…")\"]}} before this step")
        self.expected.append(
            Expected(match: match, unpublished: written.text.error(unpublished), unseen: written.text.error(unseen)))
    }

    func finish(_ findings: inout Findings) {
        if self.isLost { return }
        for expected in self.expected {
            if !self.isSeen(expected.match) {
                findings.add(.error, expected.unseen)
            } else if !self.isPublished(expected.match) {
                findings.add(.warning, expected.unpublished)
            }
        }
    }

    private func isSeen(_ match: Match) -> Bool {
        guard let client = match.client, !self.oldClients.contains(client) else { return true }
        guard let topic = match.topic else { return self.filters[client]?.isEmpty == false }
        return self.filters[client]?.contains { $0.overlaps(topic) } ?? false
    }

    private func isPublished(_ match: Match) -> Bool {
        guard self.knowsTopics, let topic = match.topic else { return true }
        // Events and the like come from the broker itself.
        if topic.string.hasPrefix("$"), !topic.string.hasPrefix(ShadowTopic.prefix) { return true }
        return self.topics.contains { topic.matches($0, hashMatchesParent: self.hashMatchesParent) }
    }
}

extension CountRule {
    fileprivate var least: Int {
        switch self {
        case .atLeast(let least), .between(let least, _): least
        }
    }
}

extension TopicFilter {
    /// Whether there is a topic that both filters match, or at least none is known to be impossible.
    fileprivate func overlaps(_ other: TopicFilter) -> Bool {
        let dollar = UInt8(ascii: "$")
        let (left, right) = (self.levels, other.levels)
        if (left[0].first == dollar) != (right[0].first == dollar) { return false }
        for (place, level) in left.enumerated() {
            if level == Self.hash || place < right.count && right[place] == Self.hash { return true }
            guard place < right.count else { return false }
            if level != Self.plus, right[place] != Self.plus, level != right[place] { return false }
        }
        return left.count == right.count || right[left.count] == Self.hash
    }

    private static let hash = ArraySlice("#".utf8)
    private static let plus = ArraySlice("+".utf8)

    private var levels: [ArraySlice<UInt8>] { self.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) }
}
