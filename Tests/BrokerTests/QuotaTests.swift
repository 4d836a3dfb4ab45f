import Broker
import MQTTWire
import NIOCore
import Sessions
import Testing
import Timeline

/// Rates and counts of connections. `mqtt.md` §5, §6, §12.
@Suite("Quotas of connections")
struct QuotaTests {
    /// AWS's rules with one quota in force.
    static func aws(_ name: QuotaName, _ quota: Quota, _ change: (inout QuotaSwitches) -> Void = { _ in }) -> ServiceProfile {
        var profile = ServiceProfile.aws
        profile.quotas = ServiceQuotas(all: .off)
        profile.quotas[name] = quota
        change(&profile.quotas.switches)
        return profile
    }

    private func acknowledgements(_ client: TestClient) -> [Reason] {
        var reasons: [Reason] = []
        while let packet = client.next() {
            if case .puback(let ack) = packet { reasons.append(ack.reason) }
        }
        return reasons
    }

    // MARK: Messages

    @Test func messagesBeyondTheRateAreDiscardedUntilAnotherIsAllowed() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("t", qos: .atMostOnce)
        let client = harness.connected("c", Self.aws(.publishRate, Quota(.enforce, limit: 4)))
        for number in 1...6 { client.publish("t", "\(number)") }
        #expect(watcher.all() == (1...4).map { "PUBLISH t \"\($0)\" q0" })
        harness.advance(by: .nanoseconds(249_999_999))
        client.publish("t", "7")
        #expect(watcher.all() == [])
        harness.advance(by: .nanoseconds(1))
        client.publish("t", "8")
        #expect(watcher.all() == ["PUBLISH t \"8\" q0"])
        #expect(harness.core.counters.overQuota[.publishRate] == 3)
        #expect(!client.isClosed)
    }

    @Test(arguments: [(ProtocolVersion.v5, true, 2), (.v5, false, 0), (.v311, true, 0)])
    func aDiscardedMessageOfQoS1IsRefusedToVersion5AndMetWithSilenceBefore(version: ProtocolVersion, answers: Bool, refusals: Int) {
        let harness = CoreHarness()
        let profile = Self.aws(.publishRate, Quota(.enforce, limit: 1)) { $0.answersDiscardedPublish = answers }
        let client = harness.connected("c", profile, version: version)
        for id in 1...3 { client.publish("t", "x", qos: .atLeastOnce, id: UInt16(id)) }
        #expect(self.acknowledgements(client) == [.success] + Array(repeating: .quotaExceeded, count: refusals))
    }

    @Test func aDiscardedMessageStillTeachesItsTopicAlias() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("t", qos: .atMostOnce)
        let client = harness.connected("c", Self.aws(.publishRate, Quota(.enforce, limit: 1)))
        client.publish("other")
        client.publish("t", "1", properties: PublishProperties(topicAlias: 1))
        harness.advance(by: .seconds(1))
        client.publish("", "2", properties: PublishProperties(topicAlias: 1))
        #expect(watcher.all() == ["PUBLISH t \"2\" q0"])
    }

    @Test func messagesToAClientCountToo() {
        let harness = CoreHarness()
        let reader = harness.connected("r", Self.aws(.publishRate, Quota(.enforce, limit: 2)))
        reader.subscribe("t")
        let writer = harness.connected("p")
        for number in 1...4 { writer.publish("t", "\(number)", qos: .atLeastOnce, id: UInt16(number)) }
        #expect(writer.all().count == 4, "its own messages were taken")
        #expect(reader.all() == ["PUBLISH t \"1\" q1", "PUBLISH t \"2\" q1"])
        reader.publish("elsewhere", qos: .atLeastOnce)
        #expect(reader.all() == ["PUBACK 1"], "the other direction has its own allowance")
    }

    @Test func retainedMessagesCountAsMessagesToAClient() {
        let harness = CoreHarness()
        let writer = harness.connected("p")
        for topic in ["a", "b", "c"] { writer.publish(topic, "x", retain: true) }
        let reader = harness.connected("r", Self.aws(.publishRate, Quota(.enforce, limit: 2)))
        reader.subscribe("a", "b", "c", qos: .atMostOnce)
        #expect(reader.all() == ["PUBLISH a \"x\" q0 retain", "PUBLISH b \"x\" q0 retain"])
    }

    @Test func directionsCanBeCountedTogether() {
        let harness = CoreHarness()
        let profile = Self.aws(.publishRate, Quota(.enforce, limit: 2)) { $0.countsDirectionsTogether = true }
        let client = harness.connected("c", profile)
        client.subscribe("t", qos: .atMostOnce)
        for number in 1...3 { client.publish("t", "\(number)") }
        #expect(client.all() == ["PUBLISH t \"1\" q0"])
    }

    @Test func messagesForAnAbsentClientCountWhenTheyAreKeptAndNotAgain() {
        let harness = CoreHarness()
        let profile = Self.aws(.publishRate, Quota(.enforce, limit: 2))
        let client = harness.connected("c", profile, expiry: 100)
        client.subscribe("t")
        client.vanish()
        let writer = harness.connected("p")
        for number in 1...3 { writer.publish("t", "\(number)", qos: .atLeastOnce, id: UInt16(number)) }
        let back = harness.connected("c", profile, clean: false, expiry: 100)
        writer.publish("t", "4", qos: .atLeastOnce, id: 4)
        #expect(back.all() == ["PUBLISH t \"1\" q1", "PUBLISH t \"2\" q1", "PUBLISH t \"4\" q1"])
    }

    @Test func aWarningLetsEverythingPassAndIsSaidOnce() {
        let lines = LogLines()
        let harness = CoreHarness(logger: lines.logger)
        let watcher = harness.connected("w")
        watcher.subscribe("t", qos: .atMostOnce)
        let client = harness.connected("c", .aws)
        func warnings() -> [String] { lines.all.filter { $0.contains("quota exceeded") } }
        for _ in 1...100 { client.publish("t") }
        #expect(warnings() == [])
        for _ in 1...50 { client.publish("t") }
        #expect(watcher.all().count == 150)
        #expect(
            warnings() == [
                "notice quota exceeded: more than 100 messages a second to or from one client; AWS IoT discards what is more; let through here (quota publish-rate) client=c"
            ])
        #expect(harness.core.counters.overQuota[.publishRate] == 50)
        harness.advance(by: .seconds(60))
        for _ in 1...101 { client.publish("t") }
        #expect(warnings().count == 2, "after a minute of rest it is news again")
    }

    @Test func enforcementBeginsWhereTheServiceWasSeenToBegin() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("t", qos: .atMostOnce)
        var profile = ServiceProfile.aws
        profile.quotas = ServiceQuotas(all: .enforce)
        let client = harness.connected("c", profile)
        for _ in 1...600 { client.publish("t") }
        #expect(watcher.all().count == 500)
    }

    @Test func thePlainDoorMeasuresNothing() {
        let harness = CoreHarness()
        let client = harness.connected("c")
        for _ in 1...1000 { client.publish("t") }
        for number in 1...60 { client.subscribe("t/\(number)") }
        _ = harness.connected("c")
        #expect(QuotaName.allCases.allSatisfy { harness.core.counters.overQuota[$0] == 0 })
    }

    // MARK: Bytes

    private func message(_ number: Int) -> String { "\(number)" + String(repeating: ".", count: 595) }

    @Test(arguments: [false, true])
    func bytesBeyondTheThroughputWait(inOnePiece: Bool) {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("t", qos: .atMostOnce)
        let client = harness.connected("c", Self.aws(.throughput, Quota(.enforce, limit: 1000)))
        // Packets of 603 bytes: the second begins a debt of 206 and the third waits until it is paid.
        if inOnePiece {
            var bytes = ByteBuffer()
            for number in 1...3 {
                OutgoingPublish(topic: "t", payload: self.message(number)).write(to: &bytes, version: .v5)
            }
            client.raw(Array(bytes.readableBytesView))
        } else {
            for number in 1...3 { client.publish("t", self.message(number)) }
        }
        #expect(watcher.all().count == 2)
        #expect(client.isPaused)
        harness.advance(by: .milliseconds(205))
        #expect(watcher.all() == [])
        harness.advance(by: .milliseconds(1))
        #expect(watcher.all().count == 1)
        #expect(client.isPaused, "now the third is owed")
        harness.advance(by: .seconds(2))
        #expect(!client.isPaused)
        client.publish("t", self.message(4))
        #expect(watcher.all().count == 1)
    }

    @Test func aConnectionThatEndsWhileItsBytesWaitIsForgotten() {
        let harness = CoreHarness()
        let client = harness.connected("c", Self.aws(.throughput, Quota(.enforce, limit: 1000)))
        for number in 1...3 { client.publish("t", self.message(number)) }
        client.vanish()
        #expect(harness.core.nextDeadline == nil)
        harness.advance(by: .seconds(10))
        #expect(harness.core.counters.publishesReceived == 2)
    }

    @Test func throughputOnlyWarnsByDefault() {
        let harness = CoreHarness()
        let client = harness.connected("c", Self.aws(.throughput, Quota(.warn, limit: 1000)))
        for number in 1...3 { client.publish("t", self.message(number)) }
        #expect(harness.core.counters.publishesReceived == 3)
        #expect(harness.core.counters.overQuota[.throughput] == 2)
        #expect(!client.isPaused)
    }

    // MARK: CONNECT

    @Test(arguments: [true, false])
    func aSecondConnectWithinASecondIsRefusedAndTheFirstConnectionStays(answers: Bool) {
        let harness = CoreHarness()
        let profile = Self.aws(.connectRate, Quota(.enforce, limit: 1)) { $0.answersThrottledConnect = answers }
        let first = harness.connected("c", profile)
        harness.advance(by: .milliseconds(999))
        let five = harness.open(profile)
        five.connect(Connect(protocolVersion: .v5, clientID: "c"))
        #expect(five.all() == (answers ? ["CONNACK \(Reason.quotaExceeded.rawValue) false"] : []))
        let three = harness.open(profile)
        three.connect(Connect(protocolVersion: .v311, clientID: "c"))
        #expect(three.all() == [])
        #expect(five.isClosed && three.isClosed && !first.isClosed)
        #expect(harness.core.counters.overQuota[.connectRate] == 2)
        harness.connected("other", profile).vanish()
        harness.advance(by: .milliseconds(1))
        _ = harness.connected("c", profile)
        #expect(first.isClosed)
    }

    @Test func clientIDsMadeHereAreNotCounted() {
        let harness = CoreHarness()
        let profile = Self.aws(.connectRate, Quota(.enforce, limit: 1))
        for _ in 1...3 { _ = harness.connected("", profile) }
        #expect(harness.core.counters.connectionsAccepted == 3)
    }

    // MARK: Subscriptions

    private func subscribe(_ client: TestClient, _ filters: String...) -> [String] {
        client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: filters.map { Subscription(filter: $0) })))
        return client.all()
    }

    @Test(arguments: [
        (ProtocolVersion.v5, QuotaSwitches.FullSubscriptions.quotaExceeded, 0x97), (.v311, .quotaExceeded, 0x80),
        (.v5, .unspecified, 0x80),
    ])
    func subscriptionsBeyondTheCountAreRefusedEach(version: ProtocolVersion, answer: QuotaSwitches.FullSubscriptions, code: Int) {
        let harness = CoreHarness()
        let profile = Self.aws(.subscriptions, Quota(.enforce, limit: 2)) { $0.fullSubscriptions = answer }
        let client = harness.connected("c", profile, version: version)
        #expect(self.subscribe(client, "a", "b", "c") == ["SUBACK [0, 0, \(code)]"])
        #expect(self.subscribe(client, "a", "c") == ["SUBACK [0, \(code)]"], "one that there is can be made anew")
        client.send(.unsubscribe(Unsubscribe(id: TestClient.id(2), filters: ["a"])))
        _ = client.all()
        #expect(self.subscribe(client, "c") == ["SUBACK [0]"])
        #expect(!client.isClosed)
    }

    @Test func aSubscriptionBeyondTheCountCanEndTheConnection() {
        let harness = CoreHarness()
        let profile = Self.aws(.subscriptions, Quota(.enforce, limit: 1)) { $0.fullSubscriptions = .close }
        let client = harness.connected("c", profile)
        client.send(.subscribe(Subscribe(id: TestClient.id(1), filters: ["a", "b"].map { Subscription(filter: $0) })))
        guard case .disconnect(let disconnect)? = client.next() else {
            Issue.record("no DISCONNECT")
            return
        }
        #expect(disconnect.reason == .quotaExceeded)
        #expect(
            disconnect.reasonString == "more than 1 subscriptions on one connection; AWS IoT refuses what is more (quota subscriptions)")
        #expect(client.isClosed)
    }

    @Test func aWarningAboutSubscriptionsIsSaidWhenTheCountIsPassed() {
        let lines = LogLines()
        let harness = CoreHarness(logger: lines.logger)
        let client = harness.connected("c", .aws)
        for number in 1...53 { client.subscribe("t/\(number)") }
        #expect(lines.all.count { $0.contains("more than 50 subscriptions") } == 1)
        #expect(harness.core.counters.overQuota[.subscriptions] == 3)
    }
}
