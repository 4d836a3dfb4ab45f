import Broker
import MQTTWire
import Sessions
import Shadows
import Testing
import Topics

@Suite("What is promised waits for the journal (DESIGN §6)")
struct CommitTests {
    private func harness() -> (CoreHarness, ManualJournal) {
        let journal = ManualJournal()
        return (CoreHarness(journal: journal), journal)
    }

    private func commit(_ journal: ManualJournal, _ harness: CoreHarness) {
        guard let group = journal.groups.last else { return }
        harness.core.groupCommitted(group)
        harness.settle()
    }

    @Test func acceptedAndPubackWaitButTheRequestIsRoutedAtOnce() {
        let (harness, journal) = self.harness()
        let client = harness.connected("c", .aws)
        client.subscribe("$aws/things/T/shadow/#", qos: .atMostOnce)
        client.publish("$aws/things/T/shadow/update", #"{"state":{}}"#, qos: .atLeastOnce)
        #expect(client.all() == [#"PUBLISH $aws/things/T/shadow/update "{"state":{}}" q0"#])
        #expect(journal.entries == ["shadow v1"])
        self.commit(journal, harness)
        #expect(
            client.all().map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == [
                "PUBLISH $aws/things/T/shadow/update/accepted", "PUBLISH $aws/things/T/shadow/update/documents", "PUBACK 1",
            ])
    }

    @Test func aReadThatWouldShowTheResultWaitsToo() {
        let (harness, journal) = self.harness()
        let client = harness.connected("c", .aws)
        client.subscribe("$aws/things/T/shadow/get/accepted", qos: .atMostOnce)
        client.publish("$aws/things/T/shadow/update", #"{"state":{"reported":{"a":1}}}"#)
        client.publish("$aws/things/T/shadow/get")
        #expect(client.all() == [])
        self.commit(journal, harness)
        #expect(client.all().count == 1)
    }

    @Test func acknowledgementsKeepTheirOrder() {
        let (harness, journal) = self.harness()
        let client = harness.connected("c")
        client.publish("keep", "1", qos: .atLeastOnce, retain: true, id: 1)
        client.publish("pass", "2", qos: .atLeastOnce, id: 2)
        #expect(client.all() == [])
        self.commit(journal, harness)
        #expect(client.all() == ["PUBACK 1", "PUBACK 2"])
    }

    @Test func theNextGroupBeginsWhenTheLastOneEnds() {
        let (harness, journal) = self.harness()
        let client = harness.connected("c")
        client.publish("a", "1", qos: .atLeastOnce, retain: true, id: 1)
        client.publish("b", "1", qos: .atLeastOnce, retain: true, id: 2)
        client.publish("c", "1", qos: .atLeastOnce, retain: true, id: 3)
        #expect(journal.groups == [1])
        self.commit(journal, harness)
        #expect(journal.groups == [1, 2])
        #expect(client.all() == ["PUBACK 1"])
        self.commit(journal, harness)
        #expect(client.all() == ["PUBACK 2", "PUBACK 3"])
    }

    @Test func keptSessionsAreJournalledAndTheirSubackWaits() {
        let (harness, journal) = self.harness()
        let client = harness.connected("c", expiry: 100)
        client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "t", qos: .atLeastOnce)])))
        #expect(client.all() == [])
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        #expect(client.all() == ["SUBACK [1]"])
        client.vanish()
        harness.connected("p").publish("t", "1", qos: .atLeastOnce)
        #expect(journal.entries == ["session c", "1 + t", "1 left", "1 queued 1 as 0"])
    }

    @Test func withoutAJournalNothingWaits() {
        let harness = CoreHarness()
        let client = harness.connected("c")
        client.publish("keep", "1", qos: .atLeastOnce, retain: true)
        #expect(client.all() == ["PUBACK 1"])
    }

    @Test func aMessageToAKeptSessionIsJournalledWhileItIsUnderWay() {
        let (harness, journal) = self.harness()
        let client = harness.connected("c", expiry: 100)
        client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "t", qos: .atLeastOnce)])))
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        _ = client.all()
        let publisher = harness.connected("p")
        publisher.publish("t", "1", qos: .atLeastOnce)
        #expect(client.all() == ["PUBLISH t \"1\" q1"], "what is routed does not wait")
        #expect(publisher.all() == [], "what is promised does")
        client.acknowledge(1)
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        #expect(publisher.all() == ["PUBACK 1"])
        #expect(journal.entries.suffix(2) == ["1 queued 1 as 1", "1 released 1"])
    }

    @Test func aMessageOfQoS2LeavesWhenItsPacketIDIsSafe() {
        let (harness, journal) = self.harness()
        let client = harness.connected("c", expiry: 100)
        client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "t", qos: .exactlyOnce)])))
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        _ = client.all()
        harness.connected("p").publish("t", "1", qos: .exactlyOnce)
        #expect(client.all() == [])
        self.commit(journal, harness)
        #expect(client.all() == ["PUBLISH t \"1\" q2"])
        client.send(.pubrec(Pubrec(id: TestClient.id(1))))
        #expect(client.all() == [], "after PUBREL the client takes the id for free")
        self.commit(journal, harness)
        #expect(client.all() == ["PUBREL 1"])
        client.send(.pubcomp(Pubcomp(id: TestClient.id(1))))
        #expect(journal.entries.suffix(3) == ["1 queued 1 as 1", "1 handed over 1", "1 released 1"])
    }

    @Test func theIDOfAQoS2MessageFromAKeptSessionIsJournalled() {
        let (harness, journal) = self.harness()
        let client = harness.connected("c", expiry: 100)
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        client.publish("t", "1", qos: .exactlyOnce, id: 7)
        #expect(client.all() == [])
        self.commit(journal, harness)
        #expect(client.all() == ["PUBREC 7"])
        client.send(.pubrel(Pubrel(id: TestClient.id(7))))
        #expect(client.all() == [])
        self.commit(journal, harness)
        #expect(client.all() == ["PUBCOMP 7 0"])
        #expect(journal.entries.suffix(2) == ["1 arrived 7", "1 completed 7"])
    }

    @Test func anUpdateIsAcknowledgedWhenItsDeltaForAKeptSessionIsSafeToo() {
        let (harness, journal) = self.harness()
        let device = harness.connected("device", expiry: 100)
        device.send(
            .subscribe(
                Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "$aws/things/T/shadow/update/delta", qos: .atLeastOnce)])))
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        device.vanish()
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        let app = harness.connected("app")
        app.subscribe("$aws/things/T/shadow/update/accepted", qos: .atMostOnce)
        app.publish("$aws/things/T/shadow/update", #"{"state":{"desired":{"a":1}}}"#, qos: .atLeastOnce)
        self.commit(journal, harness)
        #expect(journal.entries.last == "1 queued 1 as 0")
        #expect(app.all() == [], "the delta is not safe yet")
        self.commit(journal, harness)
        #expect(app.all().map { $0.prefix(12) } == ["PUBLISH $aws", "PUBACK 1"])
    }

    @Test func answersThatReachKeptSessionsKeepTheirOrder() {
        let (harness, journal) = self.harness()
        let watcher = harness.connected("w", expiry: 100)
        watcher.send(
            .subscribe(
                Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "$aws/things/+/shadow/update/accepted", qos: .atLeastOnce)]))
        )
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        _ = watcher.all()
        let app = harness.connected("app")
        for number in 1...3 {
            app.publish("$aws/things/T\(number)/shadow/update", #"{"state":{}}"#, qos: .atLeastOnce, id: UInt16(number))
        }
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        #expect(watcher.all().map { String($0.prefix(23)) } == (1...3).map { "PUBLISH $aws/things/T\($0)/" })
        #expect(app.all() == ["PUBACK 1", "PUBACK 2", "PUBACK 3"])
    }

    /// What was promised on an earlier connection is not safe on the next one because nothing new is journalled there.
    @Test func whatIsRepeatedOnANewConnectionWaitsAsLong() {
        let (harness, journal) = self.harness()
        func resumed() -> TestClient { harness.connected("c", clean: false, expiry: 100) }
        var client = harness.connected("c", expiry: 100)
        client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "t", qos: .exactlyOnce)])))
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        _ = client.all()

        client.publish("t", "1", qos: .exactlyOnce, id: 7)
        client = resumed()
        client.publish("t", "1", qos: .exactlyOnce, id: 7, isDuplicate: true)
        #expect(client.all() == [], "no PUBREC, and no PUBLISH under an id that is not safe")
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        #expect(client.all() == ["PUBLISH t \"1\" q2 dup", "PUBREC 7"])

        client.send(.pubrel(Pubrel(id: TestClient.id(7))))
        client = resumed()
        client.send(.pubrel(Pubrel(id: TestClient.id(7))))
        #expect(client.all() == [], "no PUBCOMP")
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        #expect(client.all() == ["PUBLISH t \"1\" q2 dup", "PUBCOMP 7 146"])

        client.send(.pubrec(Pubrec(id: TestClient.id(1))))
        client = resumed()
        #expect(client.all() == [], "no PUBREL")
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        #expect(client.all() == ["PUBREL 1"])

        client.send(.unsubscribe(Unsubscribe(id: TestClient.id(2), filters: ["t"])))
        client = resumed()
        client.send(.unsubscribe(Unsubscribe(id: TestClient.id(3), filters: ["t"])))
        #expect(client.all() == [], "no PUBREL and no UNSUBACK")
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        #expect(client.all() == ["PUBREL 1", "UNSUBACK [17]"])
    }

    /// [MQTT5-4.6.0-1]
    @Test func aClientThatComesBackGetsQoS1And2InTheirOrder() {
        let (harness, journal) = self.harness()
        let client = harness.connected("c", expiry: 100)
        client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "t", qos: .exactlyOnce)])))
        let publisher = harness.connected("p")
        for number in 1...4 {
            publisher.publish("t", "\(number)", qos: number.isMultiple(of: 2) ? .exactlyOnce : .atLeastOnce, id: UInt16(number))
        }
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        client.vanish()
        let again = harness.connected("c", clean: false, expiry: 100)
        publisher.publish("t", "5", qos: .atLeastOnce, id: 5)
        #expect(again.all() == [])
        while harness.core.hasUncommittedWork { self.commit(journal, harness) }
        #expect(
            again.all() == (1...4).map { "PUBLISH t \"\($0)\" q\($0.isMultiple(of: 2) ? 2 : 1) dup" } + ["PUBLISH t \"5\" q1"])
    }

    @Test func whoeverAddsToAJournalThatCannotKeepUpIsSentAway() {
        let (harness, journal) = self.harness()
        let reader = harness.connected("r")
        let writer = harness.connected("w")
        journal.openBytes = 1 << 40
        writer.publish("t", "1")
        #expect(!writer.isClosed, "what is not journalled is no burden")
        writer.publish("t", "1", retain: true)
        #expect(writer.isClosed)
        #expect(writer.all() == ["DISCONNECT 0x97"])
        #expect(!reader.isClosed)
    }
}

@Suite("A journal that cannot write (DESIGN §6)")
struct JournalFailureTests {
    private static let update = "$aws/things/T/shadow/update"
    private static func reported(_ value: Int) -> String { #"{"state":{"reported":{"a":\#(value)}},"clientToken":"t\#(value)"}"# }
    private static let refused = #"PUBLISH \#(Self.update)/rejected "{"code":500,"message":"Internal service failure","clientToken":"#

    private func scene() -> (CoreHarness, ManualJournal, TestClient) {
        let journal = ManualJournal()
        let harness = CoreHarness(journal: journal)
        let client = harness.connected("c", .aws)
        client.subscribe("\(Self.update)/+", "$aws/things/T/shadow/get/+", qos: .atMostOnce)
        return (harness, journal, client)
    }

    private func commit(_ journal: ManualJournal, _ harness: CoreHarness) {
        while harness.core.hasUncommittedWork, let group = journal.groups.last {
            harness.core.groupCommitted(group)
            harness.settle()
        }
    }

    private func fail(_ journal: ManualJournal, _ harness: CoreHarness) {
        harness.core.groupFailed(journal.groups.last ?? 0, "disk full")
        harness.settle()
    }

    @Test func updatesAreTakenBackAndRefusedAndLaterOnesAreRefusedAtOnce() {
        let (harness, journal, client) = self.scene()
        client.publish(Self.update, Self.reported(1))
        self.commit(journal, harness)
        _ = client.all()
        client.publish(Self.update, Self.reported(2))
        client.publish(Self.update, Self.reported(3))
        self.fail(journal, harness)
        #expect(journal.discards == 1)
        client.publish(Self.update, Self.reported(4))
        #expect(client.all() == [2, 3, 4].map { Self.refused + #""t\#($0)"}" q0"# })
        client.publish("$aws/things/T/shadow/get")
        #expect(client.all().first?.contains(#""reported":{"a":1}"#) == true, "a read shows what the journal has, at once")
        self.commit(journal, harness)
        client.publish(Self.update, Self.reported(5))
        self.commit(journal, harness)
        #expect(client.all().first?.contains(#""version":2"#) == true, "what was refused took no version")
    }

    @Test func aShadowThatWasMadeInVainIsGone() {
        let (harness, journal, client) = self.scene()
        client.publish(Self.update, Self.reported(1))
        self.fail(journal, harness)
        _ = client.all()
        client.publish("$aws/things/T/shadow/get")
        #expect(
            client.all() == [#"PUBLISH $aws/things/T/shadow/get/rejected "{"code":404,"message":"No shadow exists with name: 'T'"}" q0"#])
    }

    @Test func acknowledgementsWaitUntilItCan() {
        let (harness, journal, client) = self.scene()
        client.publish("keep", "1", qos: .atLeastOnce, retain: true, id: 1)
        self.fail(journal, harness)
        client.publish("keep", "2", qos: .atLeastOnce, retain: true, id: 2)
        #expect(client.all() == [])
        self.commit(journal, harness)
        #expect(client.all() == ["PUBACK 1", "PUBACK 2"])
    }

    @Test func whoeverAsksWhetherAllIsSafeIsToldThatItIsNot() {
        let (harness, journal, client) = self.scene()
        client.publish("keep", "1", retain: true)
        var heard: [String] = []
        harness.core.whenSafe({ heard.append("safe") }, orFailed: { heard.append("failed") })
        #expect(heard.isEmpty)
        self.fail(journal, harness)
        harness.core.whenSafe({ heard.append("safe") }, orFailed: { heard.append("failed again") })
        #expect(heard == ["failed", "failed again"])
        self.commit(journal, harness)
        harness.core.whenSafe({ heard.append("safe") }, orFailed: { heard.append("failed") })
        #expect(heard.last == "safe")
    }

    @Test func aSecondFailureTakesBackAsMuchAsTheFirst() {
        let (harness, journal, client) = self.scene()
        client.publish(Self.update, Self.reported(1))
        self.commit(journal, harness)
        for value in 2...20 { client.publish(Self.update, Self.reported(value)) }
        self.fail(journal, harness)
        self.commit(journal, harness)
        client.publish(Self.update, Self.reported(777))
        self.fail(journal, harness)
        _ = client.all()
        client.publish("$aws/things/T/shadow/get")
        #expect(client.all().first?.contains(#""reported":{"a":1}"#) == true)
        self.commit(journal, harness)
        #expect(harness.core.image.shadows.map(\.version) == [1])
    }
}
