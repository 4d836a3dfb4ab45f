import NIOCore
import Topics

/// Somebody waits for messages: those that have passed and nobody has taken, and those that come.
final class PendingExpectation {
    /// Where messages are looked for.
    enum Place {
        case inside
        case client(ClientRecord)
    }

    private let awaited: Awaited
    private let count: Count
    private let place: Place
    private unowned let desk: Desk
    /// The numbers of those that have come.
    private var found: [Int] = []
    /// The number of the message to look at next.
    private var next = 0
    private var isGivenUp = false
    private var alarm: Scheduled<Void>?
    private var answer: (() -> Void)?

    init(_ awaited: Awaited, _ count: Count, in place: Place, desk: Desk) {
        self.awaited = awaited
        self.count = count
        self.place = place
        self.desk = desk
        self.look()
    }

    private var log: MessageLog {
        switch self.place {
        case .inside: self.desk.inside
        case .client(let record): record.received
        }
    }

    /// Whether no more has to come, or too many have.
    var isDecided: Bool {
        switch self.count {
        case .atLeast(let least): self.found.count >= least
        case .between(_, let most): self.found.count > most
        }
    }

    /// Whether it would do if no more came.
    var isMet: Bool {
        switch self.count {
        case .atLeast(let least): self.found.count >= least
        case .between(let least, let most): (least...max(least, most)).contains(self.found.count)
        }
    }

    /// Looks at what has come since the last look.
    func look() {
        let log = self.log
        self.found += log.find(from: self.next, for: self.awaited.taker) { self.awaited.matches($0) }
        self.next = log.end
        if self.isDecided { self.giveUp() }
    }

    /// Calls `answer` once, when it is decided or so much real time has passed.
    func whenDecided(within patience: Duration, _ answer: @escaping () -> Void) {
        if self.isDecided || self.isGivenUp { return answer() }
        self.answer = answer
        self.alarm = self.desk.loop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) { self.giveUp() }
    }

    /// Waits no longer, also where nobody has begun to.
    func giveUp() {
        self.isGivenUp = true
        self.alarm?.cancel()
        self.alarm = nil
        let answer = self.answer
        self.answer = nil
        answer?()
    }

    /// Takes what has come.
    ///
    /// - Parameter time: how long was waited, for the message.
    /// - Throws: ``ExpectationFailure``
    func conclude(after time: Duration) throws -> [Sundial.Message] {
        self.look()
        guard self.isMet else { throw self.failure(after: time) }
        var numbers = self.found
        if case .atLeast(let least) = self.count { numbers = Array(numbers.prefix(max(least, 1))) }
        switch self.place {
        case .inside: return self.desk.inside.take(numbers, for: self.awaited.taker)
        case .client(let record): return record.received.take(numbers, for: self.awaited.taker)
        }
    }

    // MARK: Words

    private static let shownMessages = 5

    private func failure(after time: Duration) -> ExpectationFailure {
        let came = self.found.isEmpty ? "none came" : self.found.count == 1 ? "1 came" : "\(self.found.count) came"
        var lines = ["\(self.awaited.who): expected \(self.wanted(within: time)), \(came)"]
        var related = self.log.last(Self.shownMessages, on: self.awaited.filter)
        if !related.isEmpty {
            lines.append("  what came on \(self.awaited.filter.string):")
        } else {
            related = self.log.last(Self.shownMessages, on: nil)
            lines.append(
                related.isEmpty ? "  no message came at all" : "  nothing came on \(self.awaited.filter.string); the last messages:")
        }
        lines += related.map { "    \($0)" }
        if case .client(let record) = self.place { lines.append("  \(self.awaited.who) \(record.circumstances)") }
        lines.append("  at \(self.awaited.source)")
        return ExpectationFailure(description: lines.joined(separator: "\n"), related: related)
    }

    private func wanted(within time: Duration) -> String {
        let time = Words.time(time)
        switch self.count {
        case .between(_, 0): return "no \(self.awaited.what) for \(time)"
        case .atLeast(...1): return "\(self.awaited.whatWithArticle) within \(time)"
        case .atLeast(let least): return "at least \(least) \(self.awaited.plural) within \(time)"
        case .between(1, 1): return "exactly 1 \(self.awaited.what) within \(time)"
        case .between(let least, let most) where least == most: return "exactly \(least) \(self.awaited.plural) within \(time)"
        case .between(let least, let most): return "\(least) to \(most) \(self.awaited.plural) within \(time)"
        }
    }
}

@available(*, unavailable)
extension PendingExpectation: Sendable {}
