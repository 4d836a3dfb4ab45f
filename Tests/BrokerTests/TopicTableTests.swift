import MQTTWire
import Testing

@testable import Broker

@Suite("Topics that were met before")
struct TopicTableTests {
    private func full(_ harness: CoreHarness) {
        harness.core.topics = TopicTable(maximumCount: 4)
    }

    /// Two rounds of other topics: the first sweep finds everything used, the second what was not used since.
    private func sweep(by client: TestClient) {
        for number in 0..<12 { client.publish("other/\(number)") }
    }

    @Test func aSubscriptionReachesAPublisherWhoseTopicWasSweptOut() {
        let harness = CoreHarness()
        self.full(harness)
        let publisher = harness.connected("p")
        publisher.publish("t", "0")
        self.sweep(by: harness.connected("x"))
        let subscriber = harness.connected("s").also { $0.subscribe("t") }
        publisher.publish("t", "1")
        subscriber.send(.unsubscribe(Unsubscribe(id: TestClient.id(5), filters: ["t"])))
        publisher.publish("t", "2")
        #expect(subscriber.all() == ["PUBLISH t \"1\" q0", "UNSUBACK [0]"])
    }

    @Test func soItDoesWhenTheTopicHasAnAlias() {
        let harness = CoreHarness()
        self.full(harness)
        let publisher = harness.connected("p")
        publisher.publish("t", "0", properties: PublishProperties(topicAlias: 3))
        publisher.publish("u")
        self.sweep(by: harness.connected("x"))
        let subscriber = harness.connected("s").also { $0.subscribe("t") }
        for text in ["1", "2"] { publisher.publish("", text, properties: PublishProperties(topicAlias: 3)) }
        #expect(subscriber.all() == ["PUBLISH t \"1\" q0", "PUBLISH t \"2\" q0"])
    }

    @Test func theTableIsBoundedInNumberAndInBytes() {
        let name = [UInt8](repeating: 120, count: 100)
        for (limits, most) in [(TopicTable(maximumCount: 8), 8), (TopicTable(maximumBytes: 1000), 10)] {
            var table = limits
            for hash in 0..<100 as Range<UInt64> {
                table.insert(name.withUnsafeBytes { Topic(copying: $0, hash: hash) })
                #expect(table.count <= most)
            }
        }
    }
}
