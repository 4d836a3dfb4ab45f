import Broker
import MQTTWire
import Testing

@Suite("Bad input ends just that connection")
struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let answer: [String]
        var testDescription: String { self.name }
    }

    /// After CONNECT of MQTT 5 on a plain door.
    static let afterConnect: [Case] = [
        Case(
            name: "a second CONNECT", bytes: [0x10, 0x0D, 0, 4] + Array("MQTT".utf8) + [5, 2, 0, 0, 0, 0, 0], answer: ["DISCONNECT 0x82"]),
        Case(name: "a packet of the server's", bytes: [0x20, 0x02, 0, 0], answer: ["DISCONNECT 0x82"]),
        Case(name: "packet type 0", bytes: [0x00, 0x00], answer: ["DISCONNECT 0x81"]),
        Case(name: "reserved flags", bytes: [0x81, 0x00], answer: ["DISCONNECT 0x81"]),
        Case(name: "QoS 3", bytes: [0x36, 0x05, 0, 1, 0x74, 0, 1], answer: ["DISCONNECT 0x81"]),
        Case(name: "five bytes of remaining length", bytes: [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], answer: ["DISCONNECT 0x81"]),
        Case(name: "PUBLISH shorter than its topic", bytes: [0x30, 0x03, 0, 9, 0x74], answer: ["DISCONNECT 0x81"]),
        Case(name: "a wildcard in PUBLISH", bytes: [0x30, 0x05, 0, 2, 0x61, 0x23, 0], answer: ["DISCONNECT 0x90"]),
        Case(name: "an empty topic without an alias", bytes: [0x30, 0x03, 0, 0, 0], answer: ["DISCONNECT 0x82"]),
        Case(name: "a topic that is not UTF-8", bytes: [0x30, 0x05, 0, 2, 0xC3, 0x28, 0], answer: ["DISCONNECT 0x81"]),
        Case(name: "a topic with U+0000", bytes: [0x30, 0x05, 0, 2, 0x61, 0x00, 0], answer: ["DISCONNECT 0x81"]),
        Case(name: "a SUBSCRIBE without filters", bytes: [0x82, 0x03, 0, 1, 0], answer: ["DISCONNECT 0x82"]),
        Case(name: "packet id 0", bytes: [0x32, 0x06, 0, 1, 0x74, 0, 0, 0], answer: ["DISCONNECT 0x82"]),
        Case(
            name: "a subscription identifier in PUBLISH", bytes: [0x30, 0x06, 0, 1, 0x74, 2, 0x0B, 1], answer: ["DISCONNECT 0x82"]),
        Case(name: "an unknown topic alias", bytes: [0x30, 0x06, 0, 0, 3, 0x23, 0, 5], answer: ["DISCONNECT 0x94"]),
    ]

    @Test(arguments: Self.afterConnect)
    func aViolationIsNamedAndNobodyElseNotices(bad: Case) {
        let harness = CoreHarness()
        let watcher = harness.connected("watcher")
        watcher.subscribe("t")
        let client = harness.connected("client")
        client.raw(bad.bytes)
        #expect(client.all() == bad.answer)
        #expect(client.isClosed)
        harness.connected("other").publish("t", "still here")
        #expect(watcher.all() == ["PUBLISH t \"still here\" q0"])
    }

    /// Before CONNECT, on any door.
    static let beforeConnect: [Case] = [
        Case(name: "PINGREQ", bytes: [0xC0, 0x00], answer: []),
        Case(name: "PUBLISH", bytes: [0x30, 0x03, 0, 1, 0x74], answer: []),
        Case(name: "an HTTP request", bytes: Array("GET / HTTP/1.1\r\n".utf8), answer: []),
        Case(name: "a TLS hello", bytes: [0x16, 0x03, 0x01, 0x02, 0x00], answer: []),
        Case(name: "CONNECT of a giant length", bytes: [0x10, 0xFF, 0xFF, 0xFF, 0x7F], answer: []),
        Case(
            name: "CONNECT of another protocol", bytes: [0x10, 0x0C, 0, 4] + Array("MQTX".utf8) + [4, 2, 0, 0, 0, 0],
            answer: ["CONNACK 132 false"]),
    ]

    @Test(arguments: Self.beforeConnect)
    func whatIsNoConnectEndsTheConnectionAtOnce(bad: Case) {
        let harness = CoreHarness()
        let client = harness.open()
        client.raw(bad.bytes)
        #expect(client.isClosed)
    }

    @Test func aConnectOfAnUnknownLevelIsAnswered() {
        let harness = CoreHarness()
        let client = harness.open()
        client.connect(Connect(protocolVersion: .v311, clientID: "a"))
        #expect(client.all() == ["CONNACK 0 false"])
        let other = harness.open()
        other.raw([0x10, 0x0C, 0, 4] + Array("MQTT".utf8) + [9, 2, 0, 0, 0, 0])
        #expect(other.isClosed)
    }

    @Test func packetsMayComeAByteAtATimeOrTogether() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("t", qos: .atMostOnce)
        let client = harness.connected("c")
        let packet: [UInt8] = [0x30, 0x05, 0, 1, 0x74, 0, 0x78]
        for end in 1..<packet.count { #expect(client.raw(Array(packet[..<end])) == 0) }
        #expect(client.raw(packet + packet + packet.prefix(3)) == 14)
        #expect(watcher.all() == ["PUBLISH t \"x\" q0", "PUBLISH t \"x\" q0"])
    }

    @Test func anOversizedPacketIsRefusedByItsHeader() {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.raw([0x30, 0x80, 0x80, 0x80, 0x01])
        #expect(client.all() == ["DISCONNECT 0x95"])
        #expect(client.isClosed)
    }
}

@Suite("An AWS door (AWS IoT Developer Guide, \"MQTT\"; quotas)")
struct AWSDoorTests {
    @Test func connackHasTheValuesOfTheRealService() {
        let harness = CoreHarness()
        let client = harness.open(.aws)
        client.connect(Connect(protocolVersion: .v5, clientID: "a", keepAliveSeconds: 65_535, sessionExpirySeconds: 600_000))
        let expected = Connack(
            sessionExpirySeconds: 3600, receiveMaximum: 100, maximumQoS: .atLeastOnce, retainAvailable: true, maximumPacketBytes: 149_504,
            topicAliasMaximum: 8, wildcardSubscriptionAvailable: true, subscriptionIdentifierAvailable: false,
            sharedSubscriptionAvailable: true,
            serverKeepAliveSeconds: 1200)
        #expect(client.next() == .connack(expected))
    }

    @Test(arguments: [
        ("a publish of QoS 2", "DISCONNECT 0x9b"), ("a subscription with QoS 2", "DISCONNECT 0x9b"), ("nine filters", "DISCONNECT 0x97"),
        ("a subscription identifier", "DISCONNECT 0xa1"), ("alias 9", "DISCONNECT 0x94"), ("eight slashes", "DISCONNECT 0x90"),
        ("257 bytes of topic", "DISCONNECT 0x90"), ("an unknown $ topic", "DISCONNECT 0x90"), ("an answer topic", "DISCONNECT 0x90"),
        ("a retained shadow update", "DISCONNECT 0x90"), ("a payload over 128 KB", "DISCONNECT 0x95"),
    ])
    func whatAWSRefusesEndsTheConnectionWithItsReason(what: String, answer: String) {
        let client = CoreHarness().connected("c", .aws)
        switch what {
        case "a publish of QoS 2": client.publish("t", qos: .exactlyOnce)
        case "a subscription with QoS 2":
            client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "t", qos: .exactlyOnce)])))
        case "nine filters":
            client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: (0..<9).map { Subscription(filter: "f\($0)") })))
        case "a subscription identifier":
            client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: [Subscription(filter: "t")], subscriptionIdentifier: 4)))
        case "alias 9": client.publish("t", properties: PublishProperties(topicAlias: 9))
        case "eight slashes": client.publish("1/2/3/4/5/6/7/8/9")
        case "257 bytes of topic": client.publish(String(repeating: "x", count: 257))
        case "an unknown $ topic": client.publish("$SYS/x")
        case "an answer topic": client.publish("$aws/things/T/shadow/update/accepted", "{}")
        case "a retained shadow update": client.publish("$aws/things/T/shadow/update", "{}", retain: true)
        default: client.publish("t", String(repeating: "x", count: 131_073))
        }
        #expect(client.all() == [answer])
        #expect(client.isClosed)
    }

    @Test func whatIsOnTheEdgeIsAllowed() {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.publish("1/2/3/4/5/6/7/8", qos: .atLeastOnce, id: 1)
        client.publish(String(repeating: "x", count: 256), qos: .atLeastOnce, id: 2)
        client.publish("t", String(repeating: "x", count: 131_072), qos: .atLeastOnce, id: 3)
        client.publish("t", qos: .atLeastOnce, id: 4, properties: PublishProperties(topicAlias: 8))
        #expect(client.all() == ["PUBACK 1", "PUBACK 2", "PUBACK 3", "PUBACK 4"])
    }

    @Test func hashDoesNotMatchTheParent() {
        let harness = CoreHarness()
        let aws = harness.connected("a", .aws).also { $0.subscribe("sensor/#") }
        let plain = harness.connected("p").also { $0.subscribe("sensor/#") }
        let publisher = harness.connected("x")
        publisher.publish("sensor")
        publisher.publish("sensor/a")
        #expect(aws.all() == ["PUBLISH sensor/a \"\" q0"])
        #expect(plain.all() == ["PUBLISH sensor \"\" q0", "PUBLISH sensor/a \"\" q0"])
    }

    @Test func aMessageAnAWSDoorCannotCarryIsDroppedThere() {
        let harness = CoreHarness()
        let aws = harness.connected("a", .aws).also { $0.subscribe("t") }
        let plain = harness.connected("p").also { $0.subscribe("t") }
        harness.connected("x").publish("t", String(repeating: "x", count: 200_000))
        #expect(aws.all() == [])
        #expect(plain.all().count == 1)
        #expect(harness.core.counters.droppedTooLarge == 1)
    }

    @Test func messageExpiryIsMovedIntoItsRange() {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.subscribe("t", qos: .atMostOnce)
        for asked in [0, 1_000_000] as [UInt32] { client.publish("t", properties: PublishProperties(messageExpirySeconds: asked)) }
        var seen: [UInt32?] = []
        while case .publish(let publish)? = client.next() { seen.append(publish.properties.messageExpirySeconds) }
        #expect(seen == [1, 604_800])
    }
}
