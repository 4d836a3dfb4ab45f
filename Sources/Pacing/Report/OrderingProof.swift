import Shadows
package import Timeline

/// Counts, for every subscriber, answers that came before the answer of an earlier step of the same thing. Source: scheduler §14.
package struct OrderingProof: Sendable {
    /// Two answers in the wrong order.
    package struct Inversion: Equatable, Sendable {
        package var subscriber: String
        /// The step dispatched first, whose answer came second.
        package var earlier: StepNumber
        package var later: StepNumber
        package var earlierAnsweredAt: Instant
        package var laterAnsweredAt: Instant
    }

    private struct Scope: Hashable {
        var subscriber: String
        var thing: ThingName
    }

    private struct Seen {
        var number: StepNumber
        var at: Instant
    }

    private static let keptPairs = 20
    /// Answers remembered per subscriber and thing; an answer later than that many steps is not compared with all.
    private static let window = 10_000

    /// Answers seen, by step number.
    private var seen: [Scope: [Seen]] = [:]
    private(set) var inversionsBySubscriber: [String: Int] = [:]
    /// The first of them, with times.
    private(set) var pairs: [Inversion] = []

    /// A subscriber got the answer to a step. Answers that come again count once.
    mutating func answered(_ number: StepNumber, thing: ThingName, subscriber: String, at now: Instant) {
        let scope = Scope(subscriber: subscriber, thing: thing)
        var list = self.seen.removeValue(forKey: scope) ?? []
        defer { self.seen[scope] = list }
        var place = list.count
        while place > 0, list[place - 1].number >= number { place -= 1 }
        if place < list.count, list[place].number == number { return }
        let overtakers = list[place...]
        self.inversionsBySubscriber[subscriber, default: 0] += overtakers.count
        for other in overtakers where self.pairs.count < Self.keptPairs {
            self.pairs.append(
                Inversion(
                    subscriber: subscriber, earlier: number, later: other.number, earlierAnsweredAt: now, laterAnsweredAt: other.at))
        }
        list.insert(Seen(number: number, at: now), at: place)
        if list.count > 2 * Self.window { list.removeFirst(Self.window) }
    }
}
