import Pacing
import Shadows
import Testing
import Timeline

/// The count of inversions against all pairs looked at one by one. Scheduler §14.
@Suite struct OrderingProofTests {
    private struct Answer {
        var number: Int
        var shadow: ShadowID
        var subscriber: String
        var at: Instant
    }

    @Test(arguments: OrderScope.allCases)
    func countsWhatLookingAtEveryPairCounts(_ scope: OrderScope) throws {
        for seed in UInt64(0)..<300 {
            let answers = try Self.answers(seed: seed)
            var proof = OrderingProof(scope: scope)
            for answer in answers { Self.give(answer, to: &proof) }
            #expect(proof.inversionsBySubscriber == Self.inversions(answers, scope), "seed \(seed)")
        }
    }

    /// In step order where an answer overtook several at once.
    @Test func theFirstTwentyPairsAreKeptWithTheirTimes() throws {
        let shadow = try Self.shadow(0)
        var proof = OrderingProof()
        let numbers = [9, 3, 12, 5] + Array((100..<130).reversed())
        for (place, number) in numbers.enumerated() {
            proof.answered(StepNumber(number), shadow, subscriber: "app", at: Instant(nanoseconds: Int64(place)))
        }
        let first = proof.pairs.prefix(3)
        #expect(first.map { [$0.earlier.rawValue, $0.later.rawValue] } == [[3, 9], [5, 9], [5, 12]])
        #expect(first.map(\.earlierAnsweredAt.nanoseconds) == [1, 3, 3])
        #expect(first.map(\.laterAnsweredAt.nanoseconds) == [0, 0, 2])
        #expect(proof.pairs.count == 20)
        #expect(proof.inversionsBySubscriber == ["app": 3 + 30 * 29 / 2])
    }

    @Test func anAnswerThatComesAgainCountsOnce() throws {
        var proof = OrderingProof()
        for number in [2, 1, 2, 1, 1, 3, 2] {
            proof.answered(StepNumber(number), try Self.shadow(0), subscriber: "app", at: .zero)
        }
        #expect(proof.inversionsBySubscriber == ["app": 1])
    }

    /// Nothing is lost as long as answers are no later than the window, and what may be is said.
    @Test func aLongRunNeedsNoMoreThanItsWindow() throws {
        var random = Draw(seed: 5, purpose: "order", step: "", attempt: 1)
        var answers: [Answer] = []
        for number in 0..<1500 {
            let at = Instant(nanoseconds: Int64(number) * 10 + Int64(random.upTo(600)))
            answers.append(Answer(number: number, shadow: try Self.shadow(Int(random.upTo(3))), subscriber: "app", at: at))
        }
        answers.sort { $0.at < $1.at }
        var proof = OrderingProof(window: 64)
        for answer in answers { Self.give(answer, to: &proof) }
        #expect(proof.inversionsBySubscriber == Self.inversions(answers, .thing))
        #expect(proof.beyondWindow == 0)

        proof.answered(StepNumber(-1), try Self.shadow(0), subscriber: "app", at: .zero)
        #expect(proof.beyondWindow == 1)
        #expect(proof.rememberedSteps <= 4 * 128)
    }

    @Test func thingsLongOutOfUseAreForgotten() throws {
        var proof = OrderingProof(window: 64)
        for number in 0..<9000 {
            proof.answered(StepNumber(number), try Self.shadow(number), subscriber: "app", at: .zero)
        }
        #expect(proof.rememberedSteps <= 8192)
        #expect(proof.inversionsBySubscriber == ["app": 0])
    }

    // MARK: The model

    private static func shadow(_ number: Int) throws -> ShadowID {
        ShadowID(thing: try #require(ThingName("T\(number)")))
    }

    private static func answers(seed: UInt64) throws -> [Answer] {
        var random = Draw(seed: seed, purpose: "order", step: "", attempt: 1)
        func below(_ bound: Int) -> Int { Int(random.upTo(UInt64(bound - 1))) }
        let (count, delay) = (1 + below(60), 1 + below(400))
        var answers: [Answer] = []
        for number in 0..<count {
            let thing = try #require(ThingName("T\(below(3))"))
            let shadow = ShadowID(thing: thing, name: below(2) == 0 ? nil : ShadowName("s\(below(2))"))
            for subscriber in ["app", "hq"] where below(4) > 0 {
                // Some come twice.
                for _ in 0...below(2) {
                    let at = Instant(nanoseconds: Int64(number * 10 + below(delay)))
                    answers.append(Answer(number: number, shadow: shadow, subscriber: subscriber, at: at))
                }
            }
        }
        return answers.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private static func give(_ answer: Answer, to proof: inout OrderingProof) {
        proof.answered(StepNumber(answer.number), answer.shadow, subscriber: answer.subscriber, at: answer.at)
    }

    private static func inversions(_ answers: [Answer], _ scope: OrderScope) -> [String: Int] {
        var counts: [String: Int] = [:]
        var before: [Answer] = []
        for answer in answers {
            counts[answer.subscriber, default: 0] += 0
            let mine = before.filter { $0.subscriber == answer.subscriber }
            if mine.contains(where: { $0.number == answer.number }) { continue }
            counts[answer.subscriber, default: 0] += mine.count { $0.number > answer.number && Self.areCompared($0, answer, scope) }
            before.append(answer)
        }
        return counts
    }

    private static func areCompared(_ one: Answer, _ other: Answer, _ scope: OrderScope) -> Bool {
        switch scope {
        case .thing: one.shadow.thing == other.shadow.thing
        case .shadow: one.shadow == other.shadow
        case .run: true
        }
    }
}
