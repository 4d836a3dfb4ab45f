import Pacing
import Testing
import Timeline

/// The scenario files that ship. Scheduler §20.
@Suite struct FixtureScenarioTests {
    @Test func thePacedPairIsOneSecondApartAndInOrder() throws {
        let plan = try Fixtures.scenario("paced-pair.scenario")
        let shell = VirtualShell(plan)
        shell.connectDelay = { _ in .milliseconds(40) }
        shell.respond = { _ in .init(ackDelay: .milliseconds(2), answerDelay: .milliseconds(3), deliveryDelay: .milliseconds(1)) }
        let report = shell.run()
        #expect(report.state == .passed)
        #expect(report.exitCode == 0)
        #expect(
            shell.publishes.map(\.publish.topic) == [
                "$aws/things/T_0000000001/shadow/name/test1/update", "$aws/things/T_0000000001/shadow/name/test2/update",
            ])
        #expect(shell.publishes.allSatisfy { $0.publish.payload == Array(#"{"state":{"reported":{}}}"#.utf8) })
        #expect(report.step("a")?.dispatched == .seconds(1))
        #expect(report.step("b")?.dispatched == .seconds(2))
        #expect(report.ordering.holds)
        #expect(report.ordering.line == "order: 2 steps, 1 subscriber, 0 inversions   (least gap used 1000 ms)")
    }

    @Test func anAnswerOvertakenOnTheWayIsAnInversionAndFailsTheOrder() throws {
        let shell = VirtualShell(try Fixtures.scenario("paced-pair.scenario"))
        shell.respond = { .init(deliveryDelay: $0.id == "a" ? .milliseconds(1500) : .zero) }
        let report = shell.run()
        #expect(report.state == .failed)
        #expect(report.exitCode == 1)
        #expect(report.ordering.line == "order: 2 steps, 1 subscriber, 1 inversion   (least gap used 1000 ms)")
        #expect(report.ordering.pairs.first?.earlier == "a")
        #expect(report.failures.first?.got.contains("it had come too early") == true)
        #expect(report.table().contains("inversion: app got the answer to b 500 ms before that to a"))
    }

    @Test func withoutAGapEachUpdateGoesAsSoonAsTheFormerIsAccepted() throws {
        let shell = VirtualShell(try Fixtures.scenario("no-guessing.scenario"))
        shell.respond = { _ in .init(answerDelay: .milliseconds(7)) }
        let report = shell.run()
        #expect(report.steps.map(\.dispatched) == [.zero, .milliseconds(7), .milliseconds(14)])
        #expect(
            report.step("update3")?.waits == [
                Wait(cause: .lane, duration: .milliseconds(7)), Wait(cause: .slot, duration: .milliseconds(7)),
            ])
    }

    @Test func theLastWillComesOnlyAfterTheKeepAlive() throws {
        let plan = try Fixtures.scenario("last-will.scenario")
        let shell = VirtualShell(plan)
        shell.onAction = { [unowned shell] action, _ in
            guard case .drop = action else { return }
            for client in [nil, "hq"] {
                shell.schedule(.observed(ObservedMessage(topic: "HQ/die", payload: Array("bye".utf8), client: client)), after: .seconds(15))
            }
        }
        let report = shell.run()
        #expect(report.state == .passed)
        #expect(report.duration == .seconds(15))
        #expect(plan.settings.profile == .plain)
    }

    @Test func anAutomaticVersionIsTheOneLastSeen() throws {
        let shell = VirtualShell(try Fixtures.scenario("optimistic-version.scenario"))
        let answers: [String: StepAnswer] = [
            "update2": .accepted(version: 2), "update3": .rejected(code: 409, message: "Version conflict"),
            "update4": .accepted(version: 3),
        ]
        shell.respond = { .init(answer: answers[$0.id] ?? .accepted(version: 1)) }
        let report = shell.run()
        #expect(report.state == .passed)
        #expect(shell.publishes.last?.publish.payload == Array(#"{"state":{"desired":{"led":"on"}},"version":2}"#.utf8))
        #expect(report.step("update3")?.answer == .rejected(code: 409, message: "Version conflict"))
    }

    @Test func everyShippedScenarioHasNoFault() throws {
        #expect(try Fixtures.names.count >= 4)
        for name in try Fixtures.names { _ = try Fixtures.scenario(name) }
    }
}
