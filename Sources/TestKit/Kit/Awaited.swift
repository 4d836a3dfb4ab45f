import JSON
import Pacing
import Topics

/// What an expectation waits for: which messages, and how people say it.
struct Awaited: Sendable {
    /// Who is to see it: `app`, `the broker`, `shadow test1 of T1`.
    let who: String
    /// `message on a/# with {"n":1}`.
    let what: String
    /// `messages on a/# with {"n":1}`.
    let plural: String
    /// Where messages that came instead are looked for.
    let filter: TopicFilter
    let match: Pacing.Match
    let rules: ServiceRules
    let taker: MessageLog.Takers
    let source: SourceLine

    /// `a message on a/#`, `an accepted update`.
    var whatWithArticle: String {
        let isVowel = self.what.first.map { "aeiou".contains($0) } ?? false
        return "\(isVowel ? "an" : "a") \(self.what)"
    }

    func matches(_ message: Sundial.Message) -> Bool {
        let observed = ObservedMessage(
            topic: message.topic, payload: message.payload, qos: UInt8(message.qos), retain: message.retain, publisher: message.publisher)
        return self.match.matches(observed, hashMatchesParent: self.rules == .plain)
    }
}

extension Awaited {
    /// Messages on a topic.
    ///
    /// - Throws: ``SundialFailure`` when the description is none that a plan could have.
    init(_ match: Match, seenBy who: String, rules: ServiceRules, at source: SourceLine) throws {
        var words = match.topic.map { " on \($0)" } ?? ""
        if let json = match.json { words += " with \(json)" }
        if let text = match.text { words += " with the text \"\(text)\"" }
        if let qos = match.qos { words += " of QoS \(qos)" }
        if let retain = match.retain { words += retain ? ", retained" : ", not retained" }
        let read = try Self.read(match, rules: rules, at: source)
        self.init(
            who: who, what: "message\(words)", plural: "messages\(words)", filter: read.filter, match: read.match, rules: rules,
            taker: .expectations, source: source)
    }

    /// Answers of the shadow service.
    ///
    /// - Parameters:
    ///   - answer: the rest of the topic: `update/delta`.
    ///   - words: `delta of {"temp":21}`.
    init(
        shadow name: String, prefix: String, answer: String, json: JSON?, words: String, rules: ServiceRules,
        at source: SourceLine
    ) throws {
        let read = try Self.read(Match("\(prefix)/\(answer)", json: json), rules: rules, at: source)
        let related = try Self.read(Match("\(prefix)/#"), rules: rules, at: source)
        self.init(
            who: name, what: words, plural: words, filter: related.filter, match: read.match, rules: rules, taker: .shadows,
            source: source)
    }

    /// Matches mean what they mean in a plan, and are refused for the same reasons.
    private static func read(
        _ match: Match, rules: ServiceRules, at source: SourceLine
    ) throws -> (match: Pacing.Match, filter: TopicFilter) {
        let expect = Expect(match, fileID: source.fileID, line: source.line)
        let plan = try Plan(rules: rules, fileID: source.fileID, line: source.line, steps: { expect }).written.read(runID: "")
        var source = plan.source
        guard case .expect(let expectation) = try source.next(StepNumber(0))?.kind, let filter = expectation.match.topic else {
            throw SundialFailure("an expectation needs a topic filter (\(source))")
        }
        return (expectation.match, filter)
    }
}
