package import MQTTWire
import Sessions
package import Timeline
package import Topics

/// A retained message as ListRetainedMessages shows it.
package struct RetainedSummary: Equatable, Sendable {
    package let topic: String
    package let payloadBytes: Int
    package let qos: QoS
    package let changedAt: WallTime
}

extension BrokerCore {
    /// What a topic keeps; `nil` when it keeps nothing, or nothing that has not expired.
    package func retainedMessage(at topic: TopicName) -> RetainedMessage? {
        let kept = topic.bytes.withUnsafeBytes { self.retained.value(at: $0) }
        return kept.flatMap { $0.message.hasExpired(now: self.shell.now()) ? nil : $0 }
    }

    /// The retained messages in the order of their topics.
    ///
    /// Cost: a look at every retained message for each page.
    /// - Parameter after: the topic the page goes on after; `nil` from the beginning.
    package func retainedMessages(after: [UInt8]?, count: Int) -> Page<RetainedSummary> {
        let now = self.shell.now()
        var collector = PageCollector<RetainedSummary>(after: after, count: count)
        self.retained.forEach { topic, kept in
            guard !kept.message.hasExpired(now: now) else { return }
            collector.offer(
                topic.bytes,
                RetainedSummary(
                    topic: topic.string, payloadBytes: kept.message.payload.count, qos: kept.message.qos, changedAt: kept.changedAt))
        }
        return collector.page
    }
}
