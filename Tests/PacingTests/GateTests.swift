import Pacing
import Testing
import Timeline

/// Each gate settles, fails, times out, and records an answer that comes late. Scheduler §6, acceptance test 4.
@Suite struct GateTests {
    static func run(_ gate: String, _ response: VirtualShell.Response, extra: String = "") throws -> RunReport {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"connect":{"client":"app"}}
            {"id":"u","as":"app","update":{"thing":"T","reported":{}},"gate":\(gate)\(extra)}
            {"id":"later","at":"9s","note":"keeps the run alive"}
            """)
        shell.respond = { _ in response }
        return shell.run()
    }

    static let slow = Duration.seconds(60)

    @Test(arguments: [
        ("\"sent\"", 4), ("\"acked\"", 24), ("\"accepted\"", 104), ("[\"sent\",\"accepted\"]", 104), ("[\"acked\",\"accepted\"]", 104),
    ])
    func aGateSettlesWhenItIsMet(_ gate: String, _ milliseconds: Int64) throws {
        let report = try Self.run(
            gate, .init(sendDelay: .milliseconds(4), ackDelay: .milliseconds(20), answerDelay: .milliseconds(100)))
        #expect(report.step("u")?.state == .settled)
        #expect(report.step("u")?.ended == .milliseconds(milliseconds))
        #expect(report.exitCode == 0)
    }

    @Test func sentFailsWhenThePublisherIsLostBefore() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"connect":{"client":"app"}}
            {"id":"u","as":"app","pub":{"topic":"a","payload":1,"qos":0}}
            """)
        shell.respond = { _ in .init(sendDelay: Self.slow) }
        shell.onAction = { [unowned shell] action, _ in
            if case .publish = action { shell.schedule(.clientLost(client: "app", reason: "connection reset"), after: .milliseconds(3)) }
        }
        let failure = shell.run().step("u")?.failure
        #expect(failure?.got == "the publisher was lost: connection reset")
        #expect(failure?.awaited == "sent within 5 s of its dispatch at 0 s")
    }

    @Test func sentTimesOut() throws {
        let report = try Self.run("\"sent\"", .init(sendDelay: Self.slow))
        #expect(report.step("u")?.ended == .seconds(5))
        #expect(report.step("u")?.failure?.got == "nothing in time (time-out); it was not even sent")
    }

    @Test func ackedFailsOnANegativeReasonCode() throws {
        let report = try Self.run("\"acked\"", .init(ackReason: 0x87))
        #expect(report.step("u")?.failure?.got == "it was refused with reason code 0x87")
        #expect(report.exitCode == 1)
    }

    @Test func ackedTimesOutAndKeepsTheLateAnswer() throws {
        let report = try Self.run("\"acked\"", .init(ackDelay: nil, answerDelay: .seconds(7)), extra: ",\"timeout\":\"2s\"")
        #expect(report.step("u")?.ended == .seconds(2))
        #expect(report.step("u")?.state == .failed)
        #expect(report.step("u")?.lateAnswer == .accepted(version: 1))
        #expect(report.step("u")?.lateAnswerAt == .seconds(7))
    }

    @Test func aSettledStepStillGetsItsAnswer() throws {
        let report = try Self.run("\"acked\"", .init(answerDelay: .seconds(1), answer: .accepted(version: 12)))
        #expect(report.step("u")?.ended == .zero)
        #expect(report.step("u")?.answer == .accepted(version: 12))
        #expect(report.step("u")?.lateAnswer == nil)
    }

    @Test func acceptedFailsWithTheRejectionsCodeAndText() throws {
        let report = try Self.run(
            "\"accepted\"", .init(answerDelay: .milliseconds(3), answer: .rejected(code: 409, message: "Version conflict")))
        #expect(report.step("u")?.ended == .milliseconds(3))
        #expect(report.step("u")?.failure?.got == "rejected 409 \"Version conflict\"")
    }

    @Test func acceptedTimesOutAndRecordsTheLateAnswer() throws {
        let report = try Self.run("\"accepted\"", .init(answerDelay: .seconds(6), answer: .accepted(version: 2)))
        #expect(report.step("u")?.ended == .seconds(5))
        #expect(report.step("u")?.failure?.got == "nothing in time (time-out); the acknowledgement came at 0 s")
        #expect(report.step("u")?.lateAnswer == .accepted(version: 2))
        #expect(report.step("u")?.lateAnswerAt == .seconds(6))
        #expect(report.table().contains("failed, late answer: accepted v2"))
    }

    @Test(arguments: [
        ("409", StepAnswer.rejected(code: 409, message: "Version conflict"), true),
        ("\"Version conflict\"", .rejected(code: 409, message: "Version conflict"), true),
        ("413", .rejected(code: 409, message: "Version conflict"), false), ("409", .accepted(version: 3), false),
    ])
    func anExpectedRejectionSettlesAndAcceptedFails(_ expected: String, _ answer: StepAnswer, _ settles: Bool) throws {
        let report = try Self.run("\"accepted\"", .init(answer: answer), extra: ",\"expectReject\":\(expected)")
        #expect(report.step("u")?.state == (settles ? .settled : .failed))
        #expect(report.step("u")?.answer == answer)
    }

    @Test func atTheInstantOfTheTimeOutAnAnswerStillCounts() throws {
        #expect(try Self.run("\"accepted\"", .init(answerDelay: .seconds(5))).step("u")?.state == .settled)
        let oneTooLate = try Self.run("\"accepted\"", .init(answerDelay: .seconds(5) + .nanoseconds(1)))
        #expect(oneTooLate.step("u")?.state == .failed)
    }

    @Test(arguments: [
        ("{\"pub\":{\"topic\":\"a\",\"payload\":1},\"as\":\"app\"}", "acked", 20),
        ("{\"pub\":{\"topic\":\"a\",\"payload\":1,\"qos\":0},\"as\":\"app\"}", "sent", 0),
        ("{\"pub\":{\"topic\":\"a\",\"payload\":1}}", "acked", 0),
        ("{\"update\":{\"thing\":\"T\",\"reported\":{}},\"as\":\"app\"}", "accepted", 100),
        ("{\"pub\":{\"topic\":\"$aws/things/T/shadow/get\",\"payload\":{}},\"as\":\"app\"}", "accepted", 100),
    ])
    func everyPublishHasItsDefaultGate(_ step: String, _ gate: String, _ milliseconds: Int64) throws {
        let shell = try VirtualShell("{\"scenario\":1}\n{\"connect\":{\"client\":\"app\"}}\n\(step)")
        shell.respond = { _ in .init(ackDelay: .milliseconds(20), answerDelay: .milliseconds(100)) }
        #expect(shell.run().steps.last?.ended == .milliseconds(milliseconds), "default gate \(gate)")
    }
}
