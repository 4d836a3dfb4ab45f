import JSON
import Shadows
import Testing
import Timeline

@testable import Pacing

/// Attempts after the first, and versions that are read. Scheduler §9, §11.
@Suite struct RetryTests {
    private static func shell(
        _ policy: FailurePolicy, options: PlanEngine.Options = .init(), _ respond: @escaping (StepPublish) -> VirtualShell.Response
    ) -> VirtualShell {
        let shell = VirtualShell(
            Plan([.connect("app"), .update("a", as: "app").onFail(policy).timeout(.seconds(2)), .update("b", as: "app")]), options: options)
        shell.respond = respond
        return shell
    }

    @Test func aTimeOutIsTriedAgainAfterABackOffThatGrowsAndHoldsTheLane() {
        let shell = Self.shell(.retry(most: 3)) { .init(answerDelay: $0.id == "a" && $0.attempt < 4 ? nil : ms(10)) }
        let report = shell.run()
        #expect(shell.publishes.map(\.publish.attempt) == [1, 2, 3, 4, 1])
        // Time-out 2 s and back-offs of 1, 2 and 4 s.
        #expect(shell.publishes.map { $0.at - shell.startedAt } == [.zero, .seconds(3), .seconds(7), .seconds(13), .seconds(14)])
        #expect(report.step("a")?.attempts == 4)
        #expect(report.step("a")?.dispatched == .zero)
        #expect(report.step("a")?.ended == ms(13_010))
        #expect(
            report.step("a")?.failedAttempts.first
                == FailedAttempt(
                    dispatched: .zero, ended: .seconds(2), got: "nothing in time (time-out); the acknowledgement came at 0 s"))
        #expect(report.state == .passed)
    }

    @Test func whenNothingIsLeftTheLaneStops() {
        let shell = Self.shell(.retry(most: 2, backoff: .zero)) { _ in .init(answer: .rejected(code: 500, message: "Internal")) }
        let report = shell.run()
        #expect(shell.publishes.map(\.publish.id) == ["a", "a", "a"])
        #expect(report.step("a")?.failure?.got == "rejected 500 \"Internal\" (attempt 3)")
        #expect(report.step("b")?.state == .skipped)
        #expect(report.state == .failed)
    }

    @Test(arguments: [(400, 1), (403, 1), (409, 1), (413, 1), (429, 3), (500, 3)])
    func onlyWhatAnotherAttemptCanCureIsTriedAgain(_ code: Int, _ attempts: Int) {
        let report = Self.shell(.retry(most: 2, backoff: .zero)) { _ in .init(answer: .rejected(code: code, message: "No")) }.run()
        #expect(report.step("a")?.attempts == attempts)
        let asked = Self.shell(.retry(most: 2, backoff: .zero, on: [.rejected(code)])) { _ in
            .init(answer: .rejected(code: code, message: "No"))
        }.run()
        #expect(asked.step("a")?.attempts == (RetryRule.neverCured.contains(code) ? 1 : 3))
    }

    @Test func theGapHoldsBetweenAttemptsToo() {
        let shell = Self.shell(.retry(most: 1, backoff: ms(1))) { _ in .init(answer: .rejected(code: 500, message: "Internal")) }
        shell.run()
        #expect(shell.publishes.map { $0.at - shell.startedAt } == [.zero, .seconds(1)])
    }

    @Test func nothingOvertakesAStepThatIsTriedAgainWhateverSlotsThereAre() {
        let shell = VirtualShell(
            Plan(["a", "b", "c"].map { Step.update($0).onFail(.retry(most: 1, backoff: .seconds(9))).timeout(.seconds(2)) }) {
                $0.lanes["thing:*"] = LaneSettings(minGap: ms(100), slots: 2)
            })
        shell.respond = { .init(answerDelay: $0.attempt == 1 && $0.id != "c" ? nil : ms(1)) }
        let report = shell.run()
        #expect(shell.publishes.map { "\($0.publish.id)\($0.publish.attempt)" } == ["a1", "b1", "a2", "b2", "c1"])
        #expect(report.state == .passed)
    }

    @Test func anAnswerToAFailedAttemptDoesNotSettleTheNext() {
        let shell = Self.shell(.retry(most: 1)) {
            .init(answerDelay: $0.attempt == 1 ? ms(3500) : ms(1500), answer: .accepted(version: Int64($0.attempt)))
        }
        let report = shell.run()
        // The first answer comes half a second after the second attempt went out.
        #expect(report.step("a")?.ended == ms(4500))
        #expect(report.step("a")?.answer == .accepted(version: 2))
        #expect(report.step("a")?.lateAnswer == .accepted(version: 1))
        #expect(report.step("a")?.lateAnswerAt == ms(3500))
    }

    @Test func aRemoteAnswerIsToldByTheTokenOfItsAttempt() {
        var options = PlanEngine.Options()
        options.isRemote = true
        options.runID = "r"
        let shell = Self.shell(.retry(most: 1), options: options) { _ in .init(answerDelay: nil) }
        shell.knowsAttempts = false
        shell.onAction = { [unowned shell] action, _ in
            guard case .publish(let publish) = action, let token = publish.clientToken else { return }
            let payload = Array("{\"version\":\(publish.attempt),\"clientToken\":\"\(token)\"}".utf8)
            shell.schedule(
                .observed(ObservedMessage(topic: publish.topic + "/accepted", payload: payload)),
                after: publish.attempt == 1 ? ms(3500) : ms(1500))
        }
        let report = shell.run()
        #expect(shell.publishes.map(\.publish.clientToken) == ["r-a-1", "r-a-2", "r-b-1"])
        #expect(report.step("a")?.answer == .accepted(version: 2))
        #expect(report.step("a")?.lateAnswer == .accepted(version: 1))
    }

    @Test func theJitterOfABackOffIsDrawnPerAttempt() {
        func times(seed: UInt64) -> [Duration] {
            var rule = RetryRule()
            rule.most = 3
            rule.backoff = .seconds(2)
            rule.factorThousandths = 1000
            rule.jitter = Jitter(most: .seconds(1))
            let shell = VirtualShell(Plan([.update("a").onFail(.retry(rule)).timeout(.seconds(1))]) { $0.seed = seed })
            shell.respond = { _ in .init(answerDelay: nil) }
            shell.run()
            return zip(shell.publishes.dropFirst(), shell.publishes).map { $0.at - $1.at }
        }
        let first = times(seed: 1)
        #expect(first == times(seed: 1))
        #expect(first != times(seed: 2))
        #expect(Set(first).count == 3)
        #expect(first.allSatisfy { $0 >= .seconds(3) && $0 <= .seconds(4) })
    }

    @Test func aConnectIsTriedAgain() {
        let shell = VirtualShell(Plan([.connect("app").onFail(.retry(most: 2)), .update("a", as: "app")]))
        var tries = 0
        shell.refusal = { _ in
            tries += 1
            return tries < 3 ? ConnectRefusal(text: "connection refused") : nil
        }
        let report = shell.run()
        #expect(report.step("connect app")?.attempts == 3)
        #expect(report.state == .passed)
        #expect(!report.couldNotConnect)
        #expect(report.step("a")?.dispatched == .seconds(3))
    }

    @Test func aStoppedLaneTriesNothingAgain() {
        let steps: [Step] = [
            .update("a").timeout(.seconds(1)), .update("b").onFail(.retry(most: 5)).timeout(.seconds(2)),
        ]
        let shell = VirtualShell(Plan(steps) { $0.lanes["thing:*"] = LaneSettings(minGap: .zero, slots: 2) })
        shell.respond = { _ in .init(answerDelay: nil) }
        let report = shell.run()
        #expect(report.step("b")?.attempts == 1)
        #expect(report.step("b")?.state == .failed)
        #expect(report.duration == .seconds(2))
    }

    @Test func aStepThatWaitsForItsNextAttemptFailsWhenTheRunStops() {
        let steps: [Step] = [
            .update("a").onFail(.retry(most: 5, backoff: .seconds(60))).timeout(.seconds(1)),
            .update("b", thing: "B").onFail(.stopRun).timeout(.seconds(2)),
        ]
        let shell = VirtualShell(Plan(steps))
        shell.respond = { _ in .init(answerDelay: nil) }
        let report = shell.run()
        #expect(report.step("a")?.state == .failed)
        #expect(
            report.step("a")?.failure?.got
                == "nothing in time (time-out); the acknowledgement came at 0 s; it is not tried again: step b (line 3) failed")
    }

    // MARK: Versions

    /// A shadow with a version of its own, that somebody else changes now and then.
    private static func versioned(_ steps: [Step], conflicts: Int = 0) -> (shell: VirtualShell, reads: () -> Int) {
        let shell = VirtualShell(Plan(steps))
        var version: Int64 = 7
        var left = conflicts
        var reads = 0
        shell.read = { _ in
            reads += 1
            return ShadowReading(state: [:], version: version)
        }
        shell.readDelay = ms(5)
        shell.respond = { publish in
            if left > 0 {
                left -= 1
                version += 1
            }
            let asked = (try? JSONValue(parsing: publish.payload))?["version"]?.int64
            if let asked, asked != version { return .init(answer: .rejected(code: 409, message: "Version conflict")) }
            version += 1
            return .init(answer: .accepted(version: version))
        }
        return (shell, { reads })
    }

    @Test func anAutomaticVersionIsReadOnceAndThenTheOneLastSeen() {
        let (shell, reads) = Self.versioned([.update("a").automaticVersion(), .update("b").automaticVersion()])
        let report = shell.run()
        #expect(report.state == .passed)
        #expect(reads() == 1)
        #expect(
            shell.publishes.map { String(decoding: $0.publish.payload, as: UTF8.self) } == [
                #"{"state":{"reported":{}},"version":7}"#, #"{"state":{"reported":{}},"version":8}"#,
            ])
        #expect(report.step("a")?.dispatched == ms(5))
        #expect(report.step("a")?.waits == [Wait(cause: .after, duration: ms(5))])
    }

    @Test func whatOthersDoToTheShadowIsSeenToo() {
        let (shell, reads) = Self.versioned([.update("a").automaticVersion(), .update("b", at: .seconds(5)).automaticVersion()])
        shell.schedule(
            .observed(ObservedMessage(topic: "$aws/things/T/shadow/update/documents", payload: Array(#"{"current":{"version":9}}"#.utf8))),
            after: .seconds(2))
        shell.run()
        #expect(reads() == 2, "version 9 is not the shadow's, so it is read after the conflict")
        #expect(shell.publishes.map(\.publish.attempt) == [1, 1, 2])
    }

    @Test(arguments: [(3, StepRecord.State.settled, 4), (4, .failed, 4)])
    func aConflictIsReadAndSentAgainAtMostThreeTimes(_ conflicts: Int, _ state: StepRecord.State, _ attempts: Int) {
        let (shell, reads) = Self.versioned([.update("a").automaticVersion()], conflicts: conflicts)
        let report = shell.run()
        #expect(report.step("a")?.state == state)
        #expect(report.step("a")?.attempts == attempts)
        #expect(reads() == attempts)
        if state == .failed { #expect(report.step("a")?.failure?.got == "rejected 409 \"Version conflict\" (attempt 4)") }
    }

    @Test func aShadowThatIsNotThereIsMadeWithoutAVersion() {
        let shell = VirtualShell(Plan([.update("a").automaticVersion()]))
        shell.run()
        #expect(shell.publishes.map { String(decoding: $0.publish.payload, as: UTF8.self) } == [#"{"state":{"reported":{}}}"#])
    }

    @Test func aReadThatNobodyAnswersTimesOut() {
        let shell = VirtualShell(Plan([.update("a").automaticVersion()]))
        shell.read = { _ in nil }
        let failure = shell.run().step("a")?.failure
        #expect(failure?.got == "its shadow was not read in time, so its version is not known (time-out)")
        #expect(shell.publishes.isEmpty)
    }

    @Test func anExpectedConflictIsNotReadAgain() {
        let (shell, _) = Self.versioned([.update("a").automaticVersion().expectReject(409)], conflicts: 1)
        #expect(shell.run().step("a")?.attempts == 1)
        #expect(shell.report.state == .passed)
    }
}
