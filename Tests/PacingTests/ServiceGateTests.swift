import JSON
import Shadows
import Testing
import Timeline
import Topics

@testable import Pacing

/// The gates beyond `sent`, `acked` and `accepted`: each settles, fails, times out and records an answer that comes late.
/// Scheduler §6, acceptance test 4.
@Suite struct ServiceGateTests {
    private static func run(
        _ gates: Gates, quiet: QuietGate? = nil, awaits match: Match? = nil, _ response: VirtualShell.Response,
        configure: (VirtualShell) -> Void = { _ in }
    ) -> RunReport {
        let shell = VirtualShell(
            Plan([
                .connect("app"), .update("u", as: "app").gates(gates, quiet: quiet, awaits: match),
                .note("keeps the run alive", at: .seconds(20)),
            ]))
        shell.respond = { _ in response }
        configure(shell)
        return shell.run()
    }

    private static let ofTheService: [Gates] = [.documents, .delta, .created]

    // MARK: What the service publishes

    private static let settling: [(gates: Gates, milliseconds: Int64)] = [
        (.documents, 30), (.delta, 20), (.created, 30), ([.acked, .accepted, .delta, .documents, .created], 30),
    ]

    @Test(arguments: Self.settling)
    func theGatesOfTheServiceSettle(_ gates: Gates, _ milliseconds: Int64) {
        let report = Self.run(gates, .init(answerDelay: ms(10), documentsDelay: ms(30), deltaDelay: ms(20)))
        #expect(report.step("u")?.state == .settled)
        #expect(report.step("u")?.ended == ms(milliseconds))
    }

    @Test(arguments: Self.ofTheService) func theyFailWhenTheRequestIsRejected(_ gates: Gates) {
        let report = Self.run(gates, .init(answerDelay: ms(10), answer: .rejected(code: 400, message: "Bad")))
        #expect(report.step("u")?.ended == ms(10))
        #expect(report.step("u")?.failure?.got == "rejected 400 \"Bad\"")
    }

    @Test(arguments: Self.ofTheService) func theyTimeOutWhenTheMessageDoesNotCome(_ gates: Gates) {
        let report = Self.run(gates, .init(answerDelay: ms(10), answer: .accepted(version: 4)))
        #expect(report.step("u")?.ended == .seconds(5))
        #expect(report.step("u")?.failure?.got == "nothing in time (time-out); it was accepted with version 4")
        #expect(report.step("u")?.failure?.awaited == "\(gates.text) within 5 s of its dispatch at 0 s")
    }

    @Test(arguments: Self.ofTheService) func theyRecordWhatComesTooLate(_ gates: Gates) {
        let report = Self.run(gates, .init(answerDelay: .seconds(7), documentsDelay: .seconds(9), deltaDelay: .seconds(9)))
        #expect(report.step("u")?.state == .failed)
        #expect(report.step("u")?.lateAnswer == .accepted(version: 1))
        #expect(report.step("u")?.lateAnswerAt == .seconds(7))
        let late = gates == .created ? [] : [LateGate(gates: gates, at: .seconds(9))]
        #expect(report.step("u")?.lateGates == late)
    }

    @Test func createdFailsWhenTheShadowWasThere() {
        let report = Self.run(.created, .init(documentsDelay: ms(5), previous: 6))
        #expect(report.step("u")?.ended == ms(5))
        #expect(report.step("u")?.failure?.got == "accepted, but the shadow existed before, with version 6")
    }

    @Test func deltaIsThatOfTheVersionTheRequestMade() {
        let other = Self.run(.delta, .init(answer: .accepted(version: 8), deltaDelay: ms(5), deltaVersion: 7))
        #expect(other.step("u")?.state == .failed)
        let before = Self.run(.delta, .init(answerDelay: ms(9), answer: .accepted(version: 8), deltaDelay: ms(5), deltaVersion: 8))
        #expect(before.step("u")?.ended == ms(9))
    }

    @Test func severalGatesSayWhichDidNotCome() {
        let report = Self.run([.accepted, .documents, .delta], .init(answerDelay: ms(10), documentsDelay: ms(10)))
        #expect(report.step("u")?.failure?.awaited == "accepted and documents and delta within 5 s of its dispatch at 0 s")
        #expect(report.step("u")?.failure?.got == "nothing in time (time-out); it was accepted with version 1; delta did not come")
    }

    @Test func atARemoteTargetTheTokenTellsWhoseDocumentsTheyAre() {
        var options = PlanEngine.Options()
        options.isRemote = true
        let shell = VirtualShell(
            Plan([.connect("app"), .update("u", as: "app").gates([.documents, .created])]), options: options)
        shell.respond = { _ in .init(answerDelay: nil) }
        shell.onAction = { [unowned shell] action, _ in
            guard case .publish(let publish) = action else { return }
            for (delay, token) in [(ms(1), "another"), (ms(2), publish.clientToken ?? "")] {
                let payload = "{\"previous\":null,\"current\":{\"version\":1},\"clientToken\":\"\(token)\"}"
                shell.schedule(.observed(ObservedMessage(topic: publish.topic + "/documents", payload: Array(payload.utf8))), after: delay)
            }
        }
        #expect(shell.run().step("u")?.ended == ms(2))
    }

    // MARK: Delivered

    @Test func deliveredIsWhatTheShellSays() {
        let settled = Self.run(.delivered, .init(deliveredDelay: ms(40)))
        #expect(settled.step("u")?.ended == ms(40))
        let failed = Self.run(.delivered, .init()) {
            $0.schedule(.gateMissed(StepNumber(1), .delivered, reason: "the session of hq has ended"), after: ms(50))
        }
        #expect(failed.step("u")?.ended == ms(50))
        #expect(failed.step("u")?.failure?.got == "delivered can no longer be: the session of hq has ended")
        let timedOut = Self.run(.delivered, .init()) {
            $0.schedule(.gateAwaits(StepNumber(1), .delivered, what: "hq, with 3 messages queued"), after: ms(50))
        }
        #expect(timedOut.step("u")?.failure?.got.hasSuffix("; delivered still waits for hq, with 3 messages queued") == true)
        let late = Self.run(.delivered, .init(answerDelay: .seconds(6), deliveredDelay: .seconds(8)))
        #expect(late.step("u")?.lateAnswer == .accepted(version: 1))
        #expect(late.step("u")?.lateGates == [LateGate(gates: .delivered, at: .seconds(8))])
    }

    // MARK: Quiet

    private static func observe(_ shell: VirtualShell, _ topic: String, at milliseconds: Int64, client: String? = nil) {
        shell.schedule(.observed(ObservedMessage(topic: topic, payload: [], client: client)), after: ms(milliseconds))
    }

    @Test(arguments: [
        (QuietGate.Scope.run, "x", nil, Int64(1300)), (.thing, "x", nil, 1010), (.thing, "$aws/things/T/shadow/get", nil, 1300),
        (.thing, "$aws/things/TT/shadow/get", nil, 1010), (.client, "x", nil, 1010), (.client, "x", "app", 1300),
    ])
    func quietWaitsForSilenceInItsScope(_ scope: QuietGate.Scope, _ topic: String, _ client: String?, _ ended: Int64) {
        // The answer at 10 ms is the thing's, the client's and the run's.
        let report = Self.run(.quiet, quiet: QuietGate(.seconds(1), scope: scope), .init(answerDelay: ms(10))) {
            Self.observe($0, topic, at: 300, client: client)
        }
        #expect(report.step("u")?.ended == ms(ended))
    }

    @Test func quietTimesOutInNoise() {
        let report = Self.run(.quiet, quiet: QuietGate(.seconds(1)), .init()) { shell in
            for place in 1...80 { Self.observe(shell, "noise", at: Int64(place) * 100) }
        }
        #expect(report.step("u")?.ended == .seconds(5))
        #expect(report.step("u")?.failure?.awaited == "quiet for 1 s in the run within 5 s of its dispatch at 0 s")
        #expect(report.step("u")?.failure?.got == "nothing in time (time-out); it was accepted with version 1; the last packet was at 5 s")
    }

    @Test func silenceThatEndsWithTheTimeOutIsSilence() {
        let report = Self.run(.quiet, quiet: QuietGate(.seconds(5)), .init(answerDelay: nil))
        #expect(report.step("u")?.state == .settled)
        let rejected = Self.run([.quiet, .accepted], quiet: QuietGate(.seconds(1)), .init(answer: .rejected(code: 400, message: "Bad")))
        #expect(rejected.step("u")?.failure?.got == "rejected 400 \"Bad\"")
        let late = Self.run(.quiet, quiet: QuietGate(.seconds(6)), .init(answerDelay: .seconds(8)))
        #expect(late.step("u")?.lateAnswer == .accepted(version: 1))
    }

    // MARK: Match

    private static let wanted = Match(topic: try? TopicFilter("x/+"), client: "app")

    @Test func matchWaitsForAMessageAfterTheDispatch() {
        let report = Self.run(.match, awaits: Self.wanted, .init()) {
            Self.observe($0, "x/1", at: 100)
            Self.observe($0, "y/1", at: 200, client: "app")
            Self.observe($0, "x/1", at: 300, client: "app")
        }
        #expect(report.step("u")?.ended == ms(300))
    }

    @Test func matchTimesOutAndSaysWhatItWaitedFor() {
        let report = Self.run([.accepted, .match], awaits: Self.wanted, .init()) { Self.observe($0, "x/1", at: 100) }
        #expect(
            report.step("u")?.failure?.awaited
                == "accepted and a message matching topic x/+, as seen by app within 5 s of its dispatch at 0 s")
        #expect(
            report.step("u")?.failure?.got
                == "nothing in time (time-out); it was accepted with version 1; a message matching topic x/+, as seen by app did not come")
        let late = Self.run(.match, awaits: Self.wanted, .init(answerDelay: .seconds(6)))
        #expect(late.step("u")?.lateAnswer == .accepted(version: 1))
        let rejected = Self.run([.accepted, .match], awaits: Self.wanted, .init(answer: .rejected(code: 413, message: "Big")))
        #expect(rejected.step("u")?.failure?.got == "rejected 413 \"Big\"")
    }
}
