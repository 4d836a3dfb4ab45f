import MQTTWire
import Sessions
import Testing

@testable import Broker

@Suite("How much goes to a client, and when")
struct FlowTests {
    /// [MQTT5-3.3.4-9]
    @Test func aResendKeepsToTheReceiveMaximumOfTheNewConnection() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        harness.connected("s", expiry: 100).also { $0.subscribe("t") }.also { _ in
            for number in 1...4 { publisher.publish("t", "\(number)", qos: .atLeastOnce) }
        }.vanish()
        publisher.publish("t", "5", qos: .atLeastOnce)
        let back = harness.connected("s", clean: false, expiry: 100, receiveMaximum: 2)
        #expect(back.all() == ["PUBLISH t \"1\" q1 dup", "PUBLISH t \"2\" q1 dup"])
        publisher.publish("t", "6", qos: .atLeastOnce)
        #expect(back.all() == [])
        for id in 1...4 as ClosedRange<UInt16> { back.acknowledge(id) }
        #expect(back.all() == ["PUBLISH t \"3\" q1 dup", "PUBLISH t \"4\" q1 dup", "PUBLISH t \"5\" q1", "PUBLISH t \"6\" q1"])
    }

    /// MQTT 5 §3.1.2.11.4: what fits exactly is sent, one byte more is not.
    @Test(arguments: [(24, 1), (23, 0)])
    func thePacketMayBeAsLargeAsTheClientTakes(limit: UInt32, count: Int) {
        let harness = CoreHarness()
        let client = harness.open()
        client.connect(Connect(protocolVersion: .v5, clientID: "c", maximumPacketBytes: limit))
        #expect(client.all() == ["CONNACK 0 false"])
        client.subscribe("t", qos: .atMostOnce)
        harness.connected("p").publish("t", String(repeating: "x", count: 18))
        #expect(client.all().count == count)
    }

    @Test(arguments: [ProtocolVersion.v311, .v5])
    func aClientThatAsksAndDoesNotReadIsClosed(version: ProtocolVersion) {
        let harness = CoreHarness()
        var profile = ServiceProfile.plain
        profile.limits.maximumUnsentBytes = 1000
        profile.limits.maximumPacketBytes = 1000
        let client = harness.connected("c", profile, version: version)
        client.isWritable = false
        for _ in 0..<2000 where !client.isClosed { client.send(.pingreq(Pingreq())) }
        #expect(client.isClosed)
        #expect(harness.core.connections.isEmpty)
    }

    @Test func manyRetainedMessagesWaitForAClientThatReadsSlowly() {
        let harness = CoreHarness()
        var profile = ServiceProfile.plain
        profile.limits.maximumUnsentBytes = 1000
        let publisher = harness.connected("p")
        let text = String(repeating: "x", count: 100)
        for number in 0..<50 { publisher.publish("t/\(number)", text, retain: true) }
        let slow = harness.connected("slow", profile)
        slow.isWritable = false
        slow.send(.subscribe(Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "#")])))
        #expect(slow.connection?.out.count ?? .max < 1200)
        slow.isWritable = true
        harness.settle()
        #expect(slow.all().count == 51)
    }

    @Test func groupsThatShareATopicEachTakeTurns() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        let members = ["a", "b", "c", "d"].map { harness.connected($0) }
        for (index, member) in members.enumerated() { member.subscribe("$share/\(index < 2 ? "g" : "h")/t") }
        for number in 1...8 { publisher.publish("t", "\(number)") }
        #expect(members.map { $0.all().count } == [4, 4, 4, 4])
    }

    @Test func aSessionThatEndedKeepsNoMessages() throws {
        let harness = CoreHarness()
        harness.connected("s", expiry: 10).also { $0.subscribe("t") }.vanish()
        harness.connected("p").publish("t", "1", qos: .atLeastOnce)
        let session = try #require(harness.core.sessions[ClientID("s")])
        #expect(session.state.outbound.hasBacklog)
        harness.advance(by: .seconds(10))
        #expect(harness.core.sessions[ClientID("s")] == nil)
        #expect(!session.state.outbound.hasBacklog)
    }

    @Test func anExpiryChangedByDisconnectIsJournalled() {
        let journal = ManualJournal()
        let harness = CoreHarness(journal: journal)
        let client = harness.connected("c", expiry: 100)
        client.send(.disconnect(Disconnect(sessionExpirySeconds: 5)))
        #expect(journal.entries == ["session c", "1 left"])
        harness.advance(by: .seconds(5))
        #expect(journal.entries.last == "1 ended")
    }

    /// [MQTT5-3.14.2-3]
    @Test func theReasonOfADisconnectDoesNotMakeItTooLarge() {
        let harness = CoreHarness()
        let client = harness.open()
        client.connect(Connect(protocolVersion: .v5, clientID: "c", maximumPacketBytes: 20))
        _ = client.next()
        client.raw([0x30, 0x05, 0, 2, 0x61, 0x23, 0])
        guard case .disconnect(let disconnect)? = client.next() else {
            Issue.record("no DISCONNECT")
            return
        }
        #expect(disconnect.reason == .topicNameInvalid)
        #expect(disconnect.reasonString == nil)
    }
}
