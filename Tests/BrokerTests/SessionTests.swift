import Broker
import MQTTWire
import Sessions
import Testing

@Suite("Sessions in the core, on virtual time")
struct SessionTests {
    @Test func aPublishReachesEverySubscriberOnce() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        let exact = harness.connected("a")
        let overlapping = harness.connected("b", version: .v311)
        exact.subscribe("x/y", qos: .atMostOnce)
        overlapping.subscribe("x/+", "x/#", "x/y", qos: .atLeastOnce)
        publisher.publish("x/y", "1", qos: .atLeastOnce)
        #expect(publisher.all() == ["PUBACK 1"])
        #expect(exact.all() == ["PUBLISH x/y \"1\" q0"])
        #expect(overlapping.all() == ["PUBLISH x/y \"1\" q1"])
    }

    @Test func subscribingChangesRoutesThatWereCached() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        let subscriber = harness.connected("s")
        publisher.publish("t", "0")
        subscriber.subscribe("t")
        publisher.publish("t", "1")
        subscriber.send(.unsubscribe(Unsubscribe(id: TestClient.id(5), filters: ["t", "never"])))
        publisher.publish("t", "2")
        #expect(subscriber.all() == ["PUBLISH t \"1\" q0", "UNSUBACK [0, 17]"])
        subscriber.subscribe("#")
        publisher.publish("t", "3")
        subscriber.send(.disconnect(Disconnect()))
        publisher.publish("t", "4")
        #expect(subscriber.all() == ["PUBLISH t \"3\" q0"])
    }

    @Test func qos2IsRoutedOnceHoweverOftenItIsSent() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        let subscriber = harness.connected("s")
        subscriber.subscribe("t", qos: .exactlyOnce)
        publisher.publish("t", "1", qos: .exactlyOnce, id: 9)
        publisher.publish("t", "1", qos: .exactlyOnce, id: 9, isDuplicate: true)
        publisher.send(.pubrel(Pubrel(id: TestClient.id(9))))
        publisher.send(.pubrel(Pubrel(id: TestClient.id(9))))
        #expect(publisher.all() == ["PUBREC 9", "PUBREC 9", "PUBCOMP 9 0", "PUBCOMP 9 146"])
        #expect(subscriber.all() == ["PUBLISH t \"1\" q2"])
        subscriber.send(.pubrec(Pubrec(id: TestClient.id(1))))
        subscriber.send(.pubcomp(Pubcomp(id: TestClient.id(1))))
        #expect(subscriber.all() == ["PUBREL 1"])
    }

    @Test func aKeptSessionGetsWhatItMissedInOrder() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        harness.connected("s", expiry: 100).also { $0.subscribe("t") }.vanish()
        publisher.publish("t", "lost", qos: .atMostOnce)
        for number in 1...3 { publisher.publish("t", "\(number)", qos: .atLeastOnce, id: UInt16(number)) }
        let back = harness.connected("s", clean: false, expiry: 100)
        #expect(back.sessionPresent)
        #expect(back.all() == ["PUBLISH t \"1\" q1", "PUBLISH t \"2\" q1", "PUBLISH t \"3\" q1"])
    }

    @Test func whatWasNotAcknowledgedIsSentAgainWithDup() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        let first = harness.connected("s", version: .v311, clean: false)
        first.subscribe("t")
        for number in 1...3 { publisher.publish("t", "\(number)", qos: .atLeastOnce) }
        first.acknowledge(2)
        first.vanish()
        publisher.publish("t", "4", qos: .atLeastOnce)
        let back = harness.connected("s", version: .v311, clean: false)
        #expect(back.all() == ["PUBLISH t \"1\" q1 dup", "PUBLISH t \"3\" q1 dup", "PUBLISH t \"4\" q1"])
    }

    @Test func aCleanStartForgetsTheSession() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        harness.connected("s", expiry: 100).also { $0.subscribe("t") }.vanish()
        publisher.publish("t", "1", qos: .atLeastOnce)
        let fresh = harness.connected("s", clean: true, expiry: 100)
        #expect(!fresh.sessionPresent)
        publisher.publish("t", "2", qos: .atLeastOnce)
        #expect(fresh.all() == [])
    }

    @Test func aSessionEndsWhenItsExpiryHasPassed() {
        let harness = CoreHarness()
        harness.connected("s", expiry: 60).vanish()
        harness.advance(by: .seconds(59))
        let inTime = harness.connected("s", clean: false, expiry: 60)
        #expect(inTime.sessionPresent)
        inTime.vanish()
        harness.advance(by: .seconds(61))
        #expect(!harness.connected("s", clean: false, expiry: 60).sessionPresent)
    }

    @Test func aSecondClientWithTheIDTakesOver() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("will")
        let old = harness.connected("s", will: Will(topic: "will", payload: Array("gone".utf8)))
        let new = harness.connected("s")
        #expect(old.all() == ["DISCONNECT 0x8e"])
        #expect(old.isClosed)
        #expect(!new.isClosed)
        #expect(watcher.all() == ["PUBLISH will \"gone\" q0"])
    }

    @Test func aSessionIsNotResumedOnADoorOfAnotherProfile() {
        let harness = CoreHarness()
        harness.connected("s", .plain, expiry: 100).vanish()
        #expect(!harness.connected("s", .aws, clean: false, expiry: 100).sessionPresent)
    }

    @Test func onAWSVersion3And5DoNotShareASession() {
        let harness = CoreHarness()
        harness.connected("s", .aws, version: .v311, clean: false).vanish()
        #expect(!harness.connected("s", .aws, version: .v5, clean: false, expiry: 100).sessionPresent)
        harness.connected("q", .plain, version: .v311, clean: false).vanish()
        #expect(harness.connected("q", .plain, version: .v5, clean: false, expiry: 100).sessionPresent)
    }

    @Test func receiveMaximumOfTheClientIsKept() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        let subscriber = harness.connected("s", receiveMaximum: 2)
        subscriber.subscribe("t")
        for number in 1...4 { publisher.publish("t", "\(number)", qos: .atLeastOnce) }
        #expect(subscriber.all() == ["PUBLISH t \"1\" q1", "PUBLISH t \"2\" q1"])
        subscriber.acknowledge(1)
        #expect(subscriber.all() == ["PUBLISH t \"3\" q1"])
        subscriber.acknowledge(2)
        subscriber.acknowledge(3)
        #expect(subscriber.all() == ["PUBLISH t \"4\" q1"])
    }

    @Test func aClientThatDoesNotReadLosesQoS0AndKeepsQoS1InABoundedQueue() {
        let harness = CoreHarness()
        var profile = ServiceProfile.plain
        profile.limits.maximumUnsentBytes = 1000
        profile.limits.maximumQueuedMessages = 5
        let publisher = harness.connected("p")
        let slow = harness.connected("slow", profile)
        let quick = harness.connected("quick")
        slow.subscribe("t")
        quick.subscribe("t")
        slow.isWritable = false
        let text = String(repeating: "x", count: 100)
        for _ in 0..<50 { publisher.publish("t", text) }
        for _ in 0..<50 { publisher.publish("t", text, qos: .atLeastOnce) }
        #expect(quick.all().count == 100)
        #expect(harness.core.counters.droppedSlowReader > 30)
        #expect(harness.core.counters.droppedQueueFull == 45)
        slow.isWritable = true
        harness.settle()
        #expect(slow.all().count < 20)
        #expect(!slow.isClosed)
    }

    @Test func wildcardsDoNotMatchDollarTopics() {
        let harness = CoreHarness()
        let all = harness.connected("all")
        all.subscribe("#", "+/things/#")
        harness.connected("p").publish("$aws/things/T/shadow/get")
        #expect(all.all() == [])
    }

    @Test func noLocalAndRetainAsPublishedAreKept() {
        let harness = CoreHarness()
        let client = harness.connected("c")
        client.subscribe([Subscription(filter: "t", qos: .atMostOnce, noLocal: true)])
        let other = harness.connected("o")
        other.subscribe([Subscription(filter: "t", qos: .atMostOnce, retainAsPublished: true)])
        client.publish("t", "1", retain: true)
        #expect(client.all() == [])
        #expect(other.all() == ["PUBLISH t \"1\" q0 retain"])
    }

    @Test func aSharedSubscriptionGivesEachMessageToOneMember() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        let members = ["a", "b"].map { id in harness.connected(id).also { $0.subscribe("$share/g/t") } }
        let alone = harness.connected("c").also { $0.subscribe("t") }
        for number in 1...4 { publisher.publish("t", "\(number)") }
        let counts = members.map { $0.all().count }
        #expect(counts == [2, 2])
        #expect(alone.all().count == 4)
    }

    @Test func propertiesAreForwardedInOrderAndTheExpiryCountsDown() throws {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        harness.connected("s", expiry: 100).also { $0.subscribe("t") }.vanish()
        let users = [UserProperty(name: "b", value: "1"), UserProperty(name: "a", value: "2"), UserProperty(name: "b", value: "3")]
        let properties = PublishProperties(
            payloadFormatIsUTF8: true, messageExpirySeconds: 30, topicAlias: 1, responseTopic: "r", correlationData: [1, 2],
            userProperties: users,
            contentType: "text/plain")
        publisher.publish("t", "1", qos: .atLeastOnce, properties: properties)
        harness.advance(by: .seconds(10))
        let back = harness.connected("s", clean: false, expiry: 100)
        guard case .publish(let publish)? = back.next() else {
            Issue.record("no PUBLISH")
            return
        }
        var expected = properties
        expected.topicAlias = nil
        expected.messageExpirySeconds = 20
        #expect(publish.properties == expected)
        publisher.publish("", "2", qos: .atLeastOnce, properties: PublishProperties(topicAlias: 1))
        #expect(back.all() == ["PUBLISH t \"2\" q1"])
    }

    @Test func anExpiredMessageIsNotDelivered() {
        let harness = CoreHarness()
        harness.connected("s", expiry: 100).also { $0.subscribe("t") }.vanish()
        harness.connected("p").publish("t", "1", qos: .atLeastOnce, properties: PublishProperties(messageExpirySeconds: 5))
        harness.advance(by: .seconds(5))
        #expect(harness.connected("s", clean: false, expiry: 100).all() == [])
    }
}

extension TestClient {
    func also(_ body: (TestClient) -> Void) -> TestClient {
        body(self)
        return self
    }
}
