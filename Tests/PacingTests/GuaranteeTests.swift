import Foundation
import Pacing
import Testing
import Timeline

/// G1–G6 of scheduler §9 for random plans with everything a plan can have, random service delays, pauses and lost connections
/// (acceptance test 2). A failure prints the seed, what is wrong, and the plan made as small as it still fails.
///
/// 10 000 plans; as many again for each further round of `SUNDIAL_GUARANTEE_ROUNDS`.
@Suite struct GuaranteeTests {
    private static let rounds = ProcessInfo.processInfo.environment["SUNDIAL_GUARANTEE_ROUNDS"].flatMap(UInt64.init) ?? 1
    private static let plansAtOnce: UInt64 = 500

    @Test(arguments: 0..<20 * rounds)
    func theGuaranteesHoldForRandomPlans(_ batch: UInt64) {
        for seed in batch * Self.plansAtOnce..<(batch + 1) * Self.plansAtOnce {
            let scenario = RandomPlan(seed: seed)
            if RunTrace(scenario).faults().isEmpty { continue }
            let smallest = scenario.shrunk { !RunTrace($0).faults().isEmpty }
            let faults = RunTrace(smallest).faults()
            Issue.record("\(faults.joined(separator: "\n"))\n\(smallest.text)")
            return
        }
    }

    @Test func equalPlansGiveEqualReportBytes() {
        for seed in UInt64(0)..<300 {
            let scenario = RandomPlan(seed: seed)
            let first = RunTrace(scenario).report.json()
            #expect(first == RunTrace(scenario).report.json(), "G6: seed \(seed)")
        }
    }
}

/// The checks of the guarantees must be able to fail: each notices a run that was tampered with.
@Suite struct GuaranteeCheckTests {
    /// The first run of the random ones that is what a test needs.
    private static func trace(where isWanted: (RunTrace) -> Bool) throws -> RunTrace {
        let trace = try #require((UInt64(0)..<3000).lazy.map { RunTrace(RandomPlan(seed: $0)) }.first { isWanted($0) })
        #expect(trace.faults().isEmpty)
        return trace
    }

    /// Two dispatches, one after the other in a lane, whose steps are sorted by time.
    private static func neighbours(_ trace: RunTrace, gap: Bool = false) -> (Int, Int)? {
        for (place, dispatch) in trace.dispatches.enumerated() where dispatch.attempt == 1 {
            guard let record = trace.records[dispatch.step], let lane = record.lane else { continue }
            let next = trace.dispatches.indices.first { $0 > place && trace.records[trace.dispatches[$0].step]?.lane == lane }
            guard let next, trace.dispatches[next].attempt == 1, let other = trace.records[trace.dispatches[next].step] else { continue }
            let isSorted = other.number > record.number && other.planned >= record.planned
            if isSorted, !gap || (trace.scenario.settings.lane(lane).minGap ?? .zero) > ms(10) { return (place, next) }
        }
        return nil
    }

    private static func expect(_ guarantee: String, _ trace: RunTrace) {
        let faults = trace.faults()
        #expect(faults.contains { $0.hasPrefix(guarantee) }, "\(guarantee) is not noticed, only \(faults)")
    }

    @Test func stepsOutOfTheOrderOfTheirLaneAreNoticed() throws {
        var trace = try Self.trace { Self.neighbours($0) != nil }
        let (place, next) = try #require(Self.neighbours(trace))
        trace.dispatches.swapAt(place, next)
        Self.expect("G1", trace)
    }

    @Test func aStepThatOvertakesAFurtherAttemptIsNoticed() throws {
        func retried(_ trace: RunTrace) -> (again: Int, later: Int)? {
            guard let again = trace.dispatches.firstIndex(where: { $0.attempt == 2 }) else { return nil }
            let lane = trace.records[trace.dispatches[again].step]?.lane
            let later = trace.dispatches.indices.first {
                $0 > again && trace.dispatches[$0].attempt == 1 && trace.records[trace.dispatches[$0].step]?.lane == lane
            }
            return later.map { (again, $0) }
        }
        var trace = try Self.trace { retried($0) != nil && $0.dispatches[retried($0)?.again ?? 0].turn > 0 }
        let (again, later) = try #require(retried(trace))
        let failed = try #require(trace.records[trace.dispatches[again].step]?.failedAttempts.first?.ended)
        trace.dispatches[later].turn = trace.dispatches[again].turn - 1
        trace.dispatches[later].at = trace.start + failed + .nanoseconds(1)
        Self.expect("G1", trace)
    }

    @Test func aGapThatIsTooSmallIsNoticed() throws {
        let isPlain = { (trace: RunTrace) in trace.scenario.settings.speed == .normal && trace.scenario.happenings.isEmpty }
        var trace = try Self.trace { isPlain($0) && Self.neighbours($0, gap: true) != nil }
        let (place, next) = try #require(Self.neighbours(trace, gap: true))
        trace.dispatches[next].sentAt = trace.dispatches[place].sentAt + ms(9)
        Self.expect("G2", trace)
    }

    @Test func anAttemptThatIsDispatchedTwiceIsNoticed() throws {
        var trace = try Self.trace { !$0.dispatches.isEmpty }
        trace.dispatches.append(trace.dispatches[0])
        Self.expect("G3", trace)
    }

    @Test func attemptsThatOverlapAreNoticed() throws {
        var trace = try Self.trace { $0.dispatches.contains { $0.attempt == 2 } }
        let again = try #require(trace.dispatches.firstIndex { $0.attempt == 2 })
        trace.dispatches[again].at = trace.start
        Self.expect("G3", trace)
    }

    @Test func aStepBeforeItsTimeIsNoticed() throws {
        let isEarly = { (trace: RunTrace, dispatch: RunTrace.Dispatch) in
            dispatch.attempt == 1 && (trace.records[dispatch.step]?.planned ?? .zero) > ms(100)
        }
        var trace = try Self.trace { trace in
            trace.scenario.settings.speed == .normal && trace.scenario.options.seek == nil
                && trace.dispatches.contains { isEarly(trace, $0) }
        }
        let place = try #require(trace.dispatches.firstIndex { isEarly(trace, $0) })
        trace.dispatches[place].at = trace.start
        Self.expect("G4", trace)
    }

    @Test func stepsOfOneInstantOutOfFileOrderAreNoticed() throws {
        func together(_ trace: RunTrace) -> Int? {
            trace.dispatches.indices.dropLast().first { place in
                let (former, next) = (trace.dispatches[place], trace.dispatches[place + 1])
                return former.turn == next.turn && trace.records[former.step]?.lane != trace.records[next.step]?.lane
            }
        }
        var trace = try Self.trace { together($0) != nil }
        let place = try #require(together(trace))
        trace.dispatches.swapAt(place, place + 1)
        Self.expect("G5", trace)
    }

    @Test func anotherSeedGivesOtherBytes() {
        var scenario = RandomPlan(seed: 5)
        let first = RunTrace(scenario).report.json()
        scenario.settings.seed += 1
        #expect(first != RunTrace(scenario).report.json())
    }

    @Test func aFailingPlanIsMadeSmall() throws {
        let isTriedAgain = { (scenario: RandomPlan) in RunTrace(scenario).report.steps.contains { $0.attempts > 1 } }
        let scenario = try #require((UInt64(0)..<3000).lazy.map { RandomPlan(seed: $0) }.first { $0.steps.count > 6 && isTriedAgain($0) })
        let smallest = scenario.shrunk(while: isTriedAgain)
        #expect(isTriedAgain(smallest))
        #expect(smallest.steps.count <= 2, "\(smallest.text)")
    }
}
