import Broker
import MQTTWire
import Testing

@Suite("Time-outs, keep alive and wills, on virtual time")
struct TimeTests {
    @Test func aConnectionWithoutConnectEndsAfterTenSeconds() {
        let harness = CoreHarness()
        let client = harness.open()
        harness.advance(by: .milliseconds(9_999))
        #expect(!client.isClosed)
        harness.advance(by: .milliseconds(1))
        #expect(client.isClosed)
    }

    @Test func silenceEndsAConnectionAfterOneAndAHalfKeepAlives() {
        let harness = CoreHarness()
        let client = harness.connected("c", keepAlive: 10)
        harness.advance(by: .seconds(10))
        client.send(.pingreq(Pingreq()))
        harness.advance(by: .milliseconds(14_999))
        #expect(client.all() == ["PINGRESP"])
        harness.advance(by: .milliseconds(1))
        #expect(client.all() == ["DISCONNECT 0x8d"])
        #expect(client.isClosed)
    }

    @Test func onAWSAKeepAliveOfZeroMeansTwentyMinutes() {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws, keepAlive: 0)
        harness.advance(by: .seconds(1799))
        #expect(!client.isClosed)
        harness.advance(by: .seconds(1))
        #expect(client.isClosed)
    }

    @Test func aWillFollowsAnUncleanEndOnly() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("HQ/+")
        let will = Will(topic: "HQ/die", payload: Array("lost contact".utf8), qos: .atLeastOnce)
        let polite = harness.connected("polite", will: will)
        polite.send(.disconnect(Disconnect()))
        #expect(watcher.all() == [])
        harness.connected("mars", will: will).vanish()
        #expect(watcher.all() == ["PUBLISH HQ/die \"lost contact\" q1"])
    }

    @Test func aDelayedWillWaitsAndAComebackCancelsIt() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("will")
        let will = Will(topic: "will", payload: [], delayIntervalSeconds: 10)
        harness.connected("a", expiry: 60, will: will).vanish()
        harness.advance(by: .seconds(9))
        let back = harness.connected("a", clean: false, expiry: 60, will: will)
        harness.advance(by: .seconds(60))
        #expect(watcher.all() == [])
        back.vanish()
        harness.advance(by: .milliseconds(9_999))
        #expect(watcher.all() == [])
        harness.advance(by: .milliseconds(1))
        #expect(watcher.all() == ["PUBLISH will \"\" q0"])
    }

    @Test func aWillIsDueWhenItsSessionEndsFirst() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("will")
        harness.connected("a", expiry: 3, will: Will(topic: "will", payload: [], delayIntervalSeconds: 10)).vanish()
        harness.advance(by: .seconds(3))
        #expect(watcher.all() == ["PUBLISH will \"\" q0"])
    }

    @Test func aRetainedWillIsKept() {
        let harness = CoreHarness()
        harness.connected("a", will: Will(topic: "state", payload: Array("off".utf8), retain: true)).vanish()
        let late = harness.connected("late")
        late.subscribe("state", qos: .atMostOnce)
        #expect(late.all() == ["PUBLISH state \"off\" q0 retain"])
    }

    @Test func shutdownTellsVersion5ClientsWhy() {
        let harness = CoreHarness()
        let five = harness.connected("five")
        let three = harness.connected("three", version: .v311)
        harness.core.shutDown()
        harness.core.endTick()
        #expect(five.all() == ["DISCONNECT 0x8b"])
        #expect(three.all() == [])
        #expect(five.isClosed && three.isClosed)
    }
}

@Suite("Retained messages (MQTT 5 §3.3.1.3)")
struct RetainedTests {
    @Test func theLastOneIsSentToNewSubscribers() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        publisher.publish("a/b", "1", retain: true)
        publisher.publish("a/b", "2", qos: .atLeastOnce, retain: true)
        let client = harness.connected("c")
        client.subscribe("a/+")
        #expect(client.all() == ["PUBLISH a/b \"2\" q1 retain"])
    }

    @Test func anEmptyPayloadRemovesItAndIsStillDelivered() {
        let harness = CoreHarness()
        let publisher = harness.connected("p")
        publisher.publish("t", "1", retain: true)
        let live = harness.connected("live")
        live.subscribe("t", qos: .atMostOnce)
        publisher.publish("t", "", retain: true)
        #expect(live.all() == ["PUBLISH t \"1\" q0 retain", "PUBLISH t \"\" q0"])
        let late = harness.connected("late")
        late.subscribe("t")
        #expect(late.all() == [])
    }

    @Test func onAWSOnlyExactFiltersGetThem() {
        let harness = CoreHarness()
        harness.connected("p").publish("a/b", "1", retain: true)
        let client = harness.connected("c", .aws)
        client.subscribe("a/+")
        #expect(client.all() == [])
        client.subscribe("a/b", qos: .atMostOnce)
        #expect(client.all() == ["PUBLISH a/b \"1\" q0 retain"])
    }

    @Test func retainHandlingDecidesWhenTheyAreSent() {
        let harness = CoreHarness()
        harness.connected("p").publish("t", "1", retain: true)
        let client = harness.connected("c")
        client.subscribe([Subscription(filter: "t", retainHandling: .doNotSend)])
        #expect(client.all() == [])
        client.subscribe([Subscription(filter: "t", retainHandling: .sendIfNew)])
        #expect(client.all() == [])
        client.subscribe([Subscription(filter: "t", retainHandling: .sendAtSubscribe)])
        #expect(client.all() == ["PUBLISH t \"1\" q0 retain"])
    }

    @Test func anExpiredOneIsNotSent() {
        let harness = CoreHarness()
        harness.connected("p").publish("t", "1", retain: true, properties: PublishProperties(messageExpirySeconds: 5))
        harness.advance(by: .seconds(5))
        let client = harness.connected("c")
        client.subscribe("t")
        #expect(client.all() == [])
    }
}
