import Pacing
import Testing
import Timeline

/// Publishers that are lost and come back, or are taken over. Scheduler §7, §19.
@Suite struct ReconnectTests {
    private static func shell(reconnects: Bool = true, _ steps: [Step]) -> VirtualShell {
        let shell = VirtualShell(Plan([.connect("app", reconnects: reconnects)] + steps))
        shell.onAction = { [unowned shell] action, _ in
            if case .publish(let publish) = action, publish.id == "a", publish.attempt == 1 { shell.lose("app", after: ms(10)) }
        }
        return shell
    }

    @Test func whatWasNotAcknowledgedIsSentAgainWithDUPAndNothingOvertakesIt() {
        let shell = Self.shell([.pub("a", as: "app"), .pub("b", as: "app"), .pub("c", as: "app", topic: "other")])
        shell.respond = { .init(ackDelay: $0.attempt == 1 && $0.id == "a" ? .seconds(1) : ms(1)) }
        let report = shell.run()
        #expect(shell.publishes.map { "\($0.publish.id)\($0.publish.attempt)" } == ["a1", "a2", "b1", "c1"])
        #expect(shell.publishes.map(\.publish.isDuplicate) == [false, true, false, false])
        #expect(shell.publishes[0].publish.payload == shell.publishes[1].publish.payload)
        #expect(report.step("a")?.attempts == 2)
        #expect(report.step("a")?.failedAttempts.map(\.got) == ["the publisher was lost: connection reset"])
        #expect(report.step("b")?.dispatched == ms(1011))
        #expect(report.state == .passed)
    }

    @Test func aPacketThatWasNotSentYetIsNoDuplicate() {
        let shell = Self.shell([.pub("a", as: "app")])
        shell.respond = { .init(sendDelay: $0.attempt == 1 ? .seconds(1) : .zero) }
        shell.run()
        #expect(shell.publishes.map(\.publish.isDuplicate) == [false, false])
    }

    @Test func anAnswerToThePacketCountsWhicheverSendingItIsFor() {
        let shell = Self.shell([.update("a", as: "app").gates([.acked, .accepted])])
        shell.respond = { .init(ackDelay: $0.attempt == 1 ? nil : ms(1), answerDelay: $0.attempt == 1 ? ms(500) : nil) }
        let report = shell.run()
        #expect(report.step("a")?.answer == .accepted(version: 1))
        #expect(report.step("a")?.ended == ms(1011))
        let alone = Self.shell([.update("a", as: "app").gates(.accepted)])
        alone.respond = { _ in .init(ackDelay: nil, answerDelay: ms(500)) }
        #expect(alone.run().step("a")?.ended == ms(500))
        #expect(alone.publishes.count == 1)
    }

    @Test func triesToConnectAgainGrowFurtherApart() {
        let shell = Self.shell([.pub("a", as: "app"), .note("n", at: .seconds(120))])
        shell.respond = { _ in .init(ackDelay: nil) }
        shell.reopening = { .clientRefused(client: $0, ConnectRefusal(text: "connection refused")) }
        let report = shell.run()
        let tries = shell.actions.compactMap { entry in if case .reopen = entry.action { entry.at - shell.startedAt } else { nil } }
        #expect(tries == [1010, 3010, 7010, 15_010, 31_010, 61_010, 91_010].map { ms($0) })
        #expect(report.step("a")?.ended == ms(5010))
        #expect(report.step("a")?.failure?.got.contains("connection reset") == true)
    }

    @Test func aBrokerThatSaysNoIsNotAskedAgain() {
        let shell = Self.shell([.pub("a", as: "app"), .note("n", at: .seconds(60))])
        shell.respond = { _ in .init(ackDelay: nil) }
        shell.reopening = { .clientRefused(client: $0, ConnectRefusal(code: 0x87, text: "not authorised")) }
        let report = shell.run()
        #expect(shell.actions.filter { if case .reopen = $0.action { true } else { false } }.count == 1)
        let got = "its publisher app was not connected for 5 s: connection reset; connecting again: CONNACK 0x87: not authorised"
        #expect(report.step("a")?.failure?.got == got)
    }

    @Test func withoutReconnectTheStepFailsOrIsTriedAgain() {
        let failing = Self.shell(reconnects: false, [.pub("a", as: "app")])
        failing.respond = { _ in .init(ackDelay: nil) }
        #expect(failing.run().step("a")?.failure?.got == "the publisher was lost: connection reset")
        let retried = Self.shell(reconnects: false, [.pub("a", as: "app").onFail(.retry(most: 1)).timeout(.seconds(2))])
        retried.respond = { _ in .init(ackDelay: nil) }
        #expect(retried.run().step("a")?.failure?.got == "its publisher app was not connected for 2 s: connection reset")
        #expect(retried.report.step("a")?.ended == ms(3010))
    }

    @Test func whatIsLostAtQoSZeroIsLost() {
        let shell = Self.shell([.pub("a", as: "app", qos: 0)])
        shell.respond = { _ in .init(sendDelay: .seconds(1)) }
        #expect(shell.run().step("a")?.state == .failed)
    }

    @Test func aPublisherThatIsTakenOverFailsItsStepsAndDoesNotComeBack() {
        let shell = VirtualShell(
            Plan([
                .connect("app", reconnects: true), .pub("a", as: "app").onFail(.retry(most: 3)), .update("u"), .note("n", at: .seconds(60)),
            ]))
        shell.respond = { _ in .init(ackDelay: nil) }
        shell.schedule(.clientTakenOver(client: "app"), after: ms(20))
        let report = shell.run()
        #expect(report.step("a")?.ended == ms(20))
        #expect(report.step("a")?.failure?.got == "publisher taken over: somebody else connected with its client id app")
        #expect(report.step("u")?.state == .settled)
        #expect(!shell.actions.contains { if case .reopen = $0.action { true } else { false } })
    }
}
