import Broker
import MQTTWire
import Sessions
import Shadows
import Testing
import Topics

@Suite("The shadow service over MQTT")
struct ShadowServiceTests {
    private static let prefix = "$aws/things/T/shadow/name/test1"

    @Test func anUpdateIsAnsweredAcceptedThenDeltaThenDocuments() {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.subscribe("\(Self.prefix)/update/+", qos: .atMostOnce)
        client.publish("\(Self.prefix)/update", #"{"state":{"desired":{"a":1}},"clientToken":"x"}"#, qos: .atLeastOnce)
        let time = #"{"timestamp":1700000000}"#
        #expect(
            client.all() == [
                #"PUBLISH \#(Self.prefix)/update/accepted "{"state":{"desired":{"a":1}},"metadata":{"desired":{"a":\#(time)}},"version":1,"timestamp":1700000000,"clientToken":"x"}" q0"#,
                #"PUBLISH \#(Self.prefix)/update/delta "{"version":1,"timestamp":1700000000,"state":{"a":1},"metadata":{"a":\#(time)},"clientToken":"x"}" q0"#,
                #"PUBLISH \#(Self.prefix)/update/documents "{"previous":null,"current":{"state":{"desired":{"a":1}},"metadata":{"desired":{"a":\#(time)}},"version":1},"timestamp":1700000000,"clientToken":"x"}" q0"#,
                "PUBACK 1",
            ])
    }

    @Test func theRequestItselfIsRoutedLikeAnyMessage() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("\(Self.prefix)/update", qos: .atMostOnce)
        harness.connected("c").publish("\(Self.prefix)/update", "not json")
        #expect(watcher.all() == ["PUBLISH \(Self.prefix)/update \"not json\" q0"])
    }

    @Test(arguments: [
        ("not json", #"{"code":400,"message":"Invalid JSON"}"#),
        (#"{"clientToken":"t"}"#, #"{"code":400,"message":"Missing required node: state","clientToken":"t"}"#),
        (#"{"state":[1]}"#, #"{"code":400,"message":"State node must be an object"}"#),
    ])
    func aBadUpdateIsRejectedAndTheConnectionStays(payload: String, answer: String) {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.subscribe("\(Self.prefix)/update/rejected", qos: .atMostOnce)
        client.publish("\(Self.prefix)/update", payload)
        #expect(client.all() == ["PUBLISH \(Self.prefix)/update/rejected \"\(answer)\" q0"])
        #expect(!client.isClosed)
    }

    @Test func classicAndNamedShadowsAreApart() {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.publish("$aws/things/T/shadow/update", #"{"state":{"reported":{"on":true}}}"#)
        client.subscribe("\(Self.prefix)/get/+", qos: .atMostOnce)
        client.publish("\(Self.prefix)/get")
        #expect(
            client.all() == [#"PUBLISH \#(Self.prefix)/get/rejected "{"code":404,"message":"No shadow exists with name: 'test1'"}" q0"#])
    }

    @Test func aWillDoesNotChangeAShadow() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("$aws/things/T/shadow/#", qos: .atMostOnce)
        let will = Will(topic: "$aws/things/T/shadow/update", payload: Array(#"{"state":{}}"#.utf8))
        harness.connected("c", will: will).vanish()
        #expect(watcher.all() == [#"PUBLISH $aws/things/T/shadow/update "{"state":{}}" q0"#])
    }
}

/// A journal that commits when the test says so.
final class ManualJournal: Journal {
    private(set) var entries: [String] = []
    private(set) var groups: [UInt64] = []

    func append(_ entry: JournalEntry) {
        switch entry {
        case .shadow: self.entries.append("shadow")
        case .retained(let topic, let message): self.entries.append("retained \(topic.string) \(message == nil ? "removed" : "set")")
        case .sessionOpened(let id, _, _): self.entries.append("session \(id)")
        case .sessionEnded(let id): self.entries.append("session \(id) ended")
        case .subscribed(let id, let filter, _): self.entries.append("\(id) + \(filter.string)")
        case .unsubscribed(let id, let filter): self.entries.append("\(id) - \(filter.string)")
        case .queued(let id, _, _): self.entries.append("queued for \(id)")
        case .thing(let thing): self.entries.append("thing \(thing.name.text) \(thing.version)")
        case .thingRemoved(let name): self.entries.append("thing \(name.text) removed")
        }
    }

    func commit(group: UInt64) {
        self.groups.append(group)
    }
}

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
        #expect(journal.entries == ["shadow"])
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
        #expect(journal.entries == ["session c", "c + t", "queued for c"])
    }

    @Test func withoutAJournalNothingWaits() {
        let harness = CoreHarness()
        let client = harness.connected("c")
        client.publish("keep", "1", qos: .atLeastOnce, retain: true)
        #expect(client.all() == ["PUBACK 1"])
    }
}
