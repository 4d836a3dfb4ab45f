package import Shadows
package import Timeline

/// Which steps are compared with each other. Source: scheduler §14.
package enum OrderScope: String, CaseIterable, Sendable {
    /// Requests to the shadows of one thing.
    case thing
    /// Requests to one shadow.
    case shadow
    /// All requests of the run.
    case run
}

/// Counts, for every subscriber, answers that came before the answer of an earlier step of the same scope. Source: scheduler §14.
///
/// An answer is `accepted` or `rejected`. Cost: O(log n) per answer. Memory: the last ``window`` steps of each subscriber.
package struct OrderingProof: Sendable {
    /// Two answers in the wrong order.
    package struct Inversion: Equatable, Sendable {
        package var subscriber: String
        /// The step that comes first in the file, whose answer came second.
        package var earlier: StepNumber
        package var later: StepNumber
        package var earlierAnsweredAt: Instant
        package var laterAnsweredAt: Instant
    }

    private struct Group: Hashable {
        var subscriber: String
        var thing: ThingName?
        var shadow: ShadowName?
    }

    private static let keptPairs = 20

    private let scope: OrderScope
    /// An answer that comes when more than this many later steps have been answered is compared with what is still remembered.
    private let window: Int

    private var seen: [Group: AnsweredSteps] = [:]
    private var last = StepNumber(0)
    /// Groups at which those long out of use are forgotten.
    private var sweepAt = 4096
    /// By everybody who saw an answer.
    package private(set) var inversionsBySubscriber: [String: Int] = [:]
    /// The first of them, with times.
    package private(set) var pairs: [Inversion] = []
    /// Answers that came too late to be compared with every one.
    package private(set) var beyondWindow = 0

    package init(scope: OrderScope = .thing, window: Int = 65_536) {
        self.scope = scope
        self.window = window
    }

    /// A subscriber got the answer to a step. Answers that come again count once.
    /// - Returns: the pairs that are new among those kept.
    @discardableResult
    package mutating func answered(_ number: StepNumber, _ shadow: ShadowID, subscriber: String, at now: Instant) -> [Inversion] {
        let group = self.group(subscriber, shadow)
        guard let overtakers = self.seen[group, default: AnsweredSteps()].insert(number, at: now) else { return [] }
        self.inversionsBySubscriber[subscriber, default: 0] += overtakers
        if number < self.oldest { self.beyondWindow += 1 }
        self.last = max(self.last, number)
        let new = self.newPairs(number, group, overtakers: overtakers, at: now)
        self.pairs += new
        self.forget(in: group)
        return new
    }

    private func group(_ subscriber: String, _ shadow: ShadowID) -> Group {
        switch self.scope {
        case .thing: Group(subscriber: subscriber, thing: shadow.thing)
        case .shadow: Group(subscriber: subscriber, thing: shadow.thing, shadow: shadow.name)
        case .run: Group(subscriber: subscriber)
        }
    }

    private func newPairs(_ number: StepNumber, _ group: Group, overtakers: Int, at now: Instant) -> [Inversion] {
        let room = Self.keptPairs - self.pairs.count
        guard overtakers > 0, room > 0, let seen = self.seen[group] else { return [] }
        return seen.entries(after: number, limit: room).map { later in
            Inversion(
                subscriber: group.subscriber, earlier: number, later: later.number, earlierAnsweredAt: now, laterAnsweredAt: later.at)
        }
    }

    // MARK: Memory

    /// What all groups together remember.
    package var rememberedSteps: Int { self.seen.values.reduce(0) { $0 + $1.count } }

    private var oldest: StepNumber { StepNumber(self.last.rawValue - self.window) }

    private mutating func forget(in group: Group) {
        let oldest = self.oldest
        if let count = self.seen[group]?.count, count > 2 * self.window { self.seen[group]?.removeAll(before: oldest) }
        guard self.seen.count > self.sweepAt else { return }
        self.seen = self.seen.filter { $0.value.last.map { $0 >= oldest } ?? false }
        self.sweepAt = max(4096, 2 * self.seen.count)
    }
}
