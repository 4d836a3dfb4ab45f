import Broker
import MQTTWire
import Testing

@Suite("Reserved topics (AWS IoT Developer Guide, \"Reserved topics\")")
struct ReservedTopicTests {
    static let requests = [
        "$aws/rules/store/a/b", "$aws/rules/store/1/2/3/4/5/6/7/8", "$aws/things/T/jobs/get", "$aws/things/T/jobs/start-next",
        "$aws/things/T/jobs/42/update", "$aws/certificates/create/json", "$aws/certificates/create-from-csr/cbor",
        "$aws/provisioning-templates/fleet/provision/json", "$aws/things/T/defender/metrics/json", "$aws/things/T/streams/S/get/cbor",
    ]

    @Test(arguments: Self.requests)
    func requestsToServicesThatAreNotBuiltAreTakenAndUnanswered(topic: String) {
        let client = CoreHarness().connected("c", .aws)
        client.publish(topic, "{}", qos: .atLeastOnce)
        #expect(client.all() == ["PUBACK 1"])
    }

    @Test(arguments: [
        "$aws/rules", "$aws/rules/store", "$aws/things/T/jobs/notify", "$aws/things/T/jobs/get/accepted", "$aws/events/x", "$aws/things/T",
        "$SYS/broker",
    ])
    func whatClientsDoNotPublishToClosesTheConnection(topic: String) {
        let client = CoreHarness().connected("c", .aws)
        client.publish(topic, "{}", qos: .atLeastOnce)
        #expect(client.all() == ["DISCONNECT 0x90"])
    }

    @Test func retainIsNotAllowedThere() {
        let client = CoreHarness().connected("c", .aws)
        client.publish("$aws/rules/store/a", "{}", retain: true)
        #expect(client.all() == ["DISCONNECT 0x90"])
    }

    @Test func basicIngestCannotBeSubscribedTo() {
        let harness = CoreHarness()
        let subscribe = Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "$aws/rules/store/#")])
        let five = harness.connected("five", .aws)
        five.send(.subscribe(subscribe))
        #expect(five.all() == ["SUBACK [143]"])
        let three = harness.connected("three", .aws, version: .v311)
        three.send(.subscribe(subscribe))
        #expect(three.isClosed)
    }

    /// Nobody but the service publishes its answers, on no door: not by a will either.
    @Test(
        arguments: [
            ("$aws/things/T/shadow/update/accepted", false, ServiceProfile.plain), ("$aws/things/T/shadow/update", true, .plain),
            ("$SYS/x", false, .aws),
        ])
    func aWillThatItsClientMayNotPublishRefusesTheConnect(topic: String, retain: Bool, profile: ServiceProfile) {
        let harness = CoreHarness()
        let will = Will(topic: topic, payload: Array("{}".utf8), retain: retain)
        let five = harness.open(profile)
        five.connect(Connect(protocolVersion: .v5, clientID: "five", will: will))
        #expect(five.all() == ["CONNACK 144 false"])
        let three = harness.open(profile)
        three.connect(Connect(protocolVersion: .v311, clientID: "three", will: will))
        guard case .connack(let connack)? = three.next() else {
            Issue.record("no CONNACK")
            return
        }
        #expect(connack.returnCode == .notAuthorized)
        #expect(five.isClosed && three.isClosed)
    }

    @Test func theExpiryOfAWillIsMovedIntoItsRange() {
        let harness = CoreHarness()
        let watcher = harness.connected("w", .aws).also { $0.subscribe("will", qos: .atMostOnce) }
        let will = Will(topic: "will", payload: [], messageExpirySeconds: 1_000_000)
        harness.connected("c", .aws, will: will).vanish()
        guard case .publish(let publish)? = watcher.next() else {
            Issue.record("no will")
            return
        }
        #expect(publish.properties.messageExpirySeconds == 604_800)
    }
}
