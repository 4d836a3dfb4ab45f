import Broker
import MQTTWire
import Sessions
import Shadows
import Testing
import Timeline
import Topics

/// What comes in without MQTT, as HTTP requests do: the same service, the same messages. `device-shadow.md` §7, §12.
@Suite struct OutsideRequestTests {
    private static func id(_ thing: String) throws -> ShadowID { ShadowID(thing: try #require(ThingName(thing))) }

    @Test func anUpdateIsPublishedAsForAMessage() throws {
        let harness = CoreHarness()
        let watcher = harness.connected("w", .aws)
        watcher.subscribe("$aws/things/T/shadow/#", qos: .atMostOnce)
        let outcome = harness.core.shadow(
            .update, try Self.id("T"), payload: Array(#"{"state":{"desired":{"a":1}}}"#.utf8), from: .accessKey("test"))
        harness.settle()
        #expect(outcome.version == 1)
        #expect(
            watcher.all().map { $0.split(separator: " ")[1] } == [
                "$aws/things/T/shadow/update/accepted", "$aws/things/T/shadow/update/delta", "$aws/things/T/shadow/update/documents",
            ])
    }

    @Test func whatIsRefusedIsNotPublished() throws {
        let harness = CoreHarness()
        let watcher = harness.connected("w", .aws)
        watcher.subscribe("$aws/things/T/shadow/#", qos: .atMostOnce)
        let outcome = harness.core.shadow(.update, try Self.id("T"), payload: Array("{}".utf8), from: .unnamed)
        harness.settle()
        #expect(outcome.rejection == .missingState)
        #expect(watcher.all() == [])
        #expect(harness.core.counters.shadowRejections == 1)
    }

    @Test func itsAnswerWaitsForTheJournalAndSoDoesAReadThatWouldShowIt() throws {
        let journal = ManualJournal()
        let harness = CoreHarness(journal: journal)
        var answered: [String] = []
        _ = harness.core.shadow(.update, try Self.id("T"), payload: Array(#"{"state":{}}"#.utf8), from: .unnamed)
        harness.core.whenSafe { answered.append("update") }
        let read = harness.core.shadow(.get, try Self.id("T"), payload: [], from: .unnamed)
        harness.core.whenSafe { answered.append("get \(read.version ?? 0)") }
        harness.settle()
        #expect(answered == [])
        harness.core.groupCommitted(try #require(journal.groups.last))
        #expect(answered == ["update", "get 1"])
    }

    @Test func aThingIsJournalledWhenItChangesAndOnlyThen() throws {
        let journal = ManualJournal()
        let harness = CoreHarness(journal: journal)
        let name = try #require(ThingName("T"))
        let settings = ThingSettings(attributes: ["a": "1"])
        _ = try harness.core.createThing(name, settings)
        _ = try harness.core.createThing(name, settings)
        try harness.core.updateThing(name, ThingUpdate(thingType: "lamp"))
        #expect(throws: ThingError.versionConflict(expected: 1, actual: 2)) {
            try harness.core.deleteThing(name, expectedVersion: 1)
        }
        try harness.core.deleteThing(name, expectedVersion: 2)
        try harness.core.deleteThing(name, expectedVersion: nil)
        #expect(journal.entries == ["thing T 1", "thing T 2", "thing T removed"])
        #expect(harness.core.hasUncommittedWork)
    }

    @Test func aClientThatLeftIsRememberedForHalfAnHour() {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.vanish()
        let id = ClientID("c")
        harness.advance(by: .seconds(29 * 60))
        guard case .departed(let departure)? = harness.core.connectionInfo(of: id)?.state else {
            Issue.record("nothing is known of it")
            return
        }
        #expect(departure.cause == .connectionLost)
        harness.advance(by: .seconds(61))
        #expect(harness.core.connectionInfo(of: id) == nil)
    }

    @Test func aDirectMessageThatIsNotAcknowledgedInTimeIsUnconfirmed() throws {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        let message = DirectMessage(topic: try TopicName("t"), payload: [1], properties: PublishProperties())
        var deliveries: [DirectDelivery] = []
        harness.core.send(message, to: ClientID("c"), confirmedWithin: .seconds(5)) { deliveries.append($0) }
        harness.settle()
        #expect(client.all().count == 1)
        harness.advance(by: .seconds(4))
        #expect(deliveries == [])
        harness.advance(by: .seconds(1))
        #expect(deliveries == [.unconfirmed])
        client.acknowledge(1)
        #expect(deliveries == [.unconfirmed])
    }

    @Test func whoWaitsForAConfirmationHearsOfTheEndOfTheConnection() throws {
        let harness = CoreHarness()
        let message = DirectMessage(topic: try TopicName("t"), payload: [1], properties: PublishProperties())
        var deliveries: [DirectDelivery] = []
        for (name, end) in [
            ("a", { (client: TestClient) in client.vanish() }), ("b", { _ in harness.core.shutDown() }),
        ] {
            let client = harness.connected(name, .aws)
            harness.core.send(message, to: ClientID(name), confirmedWithin: .seconds(5)) { deliveries.append($0) }
            harness.settle()
            end(client)
        }
        #expect(deliveries == [.interrupted(ConnectionEnd.lost.text), .interrupted(ConnectionEnd.shutdown.text)])
        harness.advance(by: .seconds(6))
        #expect(deliveries.count == 2)
    }

    @Test func aWillThatWaitsIsDroppedWhenItIsToBePrevented() throws {
        let journal = ManualJournal()
        let harness = CoreHarness(journal: journal)
        let watcher = harness.connected("w")
        watcher.subscribe("will", qos: .atMostOnce)
        let will = Will(topic: "will", payload: [1], delayIntervalSeconds: 10)
        harness.connected("c", expiry: 60, will: will).vanish()
        #expect(harness.core.deleteConnection(of: ClientID("c"), dropsSession: false, discardsWill: true))
        #expect(journal.entries.last?.hasSuffix("will settled") == true)
        let count = journal.entries.count
        harness.advance(by: .seconds(20))
        #expect(watcher.all() == [])
        #expect(harness.core.deleteConnection(of: ClientID("c"), dropsSession: false, discardsWill: true))
        #expect(journal.entries.count == count)
    }

    @Test func aSessionThatIsGoneIsNotShown() throws {
        let harness = CoreHarness()
        _ = harness.connected("c", expiry: 60)
        #expect(harness.core.deleteConnection(of: ClientID("c"), dropsSession: true, discardsWill: false))
        let info = try #require(harness.core.connectionInfo(of: ClientID("c")))
        #expect(info.isClean)
        #expect(info.sessionExpirySeconds == 0)
    }

    @Test func aClientThatIsAwaySinceAnEarlierProcessIsShownWithItsDeparture() throws {
        let before = CoreHarness()
        before.connected("c", expiry: 600).vanish()
        let leftAt = before.time.wall
        let after = CoreHarness(wall: leftAt + .seconds(100))
        try after.core.restore(before.core.image)
        #expect(after.core.connectionInfo(of: ClientID("c"))?.state == .away(since: leftAt))
    }
}
