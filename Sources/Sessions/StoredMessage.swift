package import MQTTWire
package import Timeline

/// A message that outlives the tick it arrived in: retained, queued, or sent and not yet acknowledged.
///
/// One object serves every session that holds it; it never changes.
package final class StoredMessage: Sendable {
    package let topic: [UInt8]
    package let payload: [UInt8]
    /// MQTT 5 properties as they are forwarded, encoded, without their length.
    package let properties: [UInt8]
    /// The QoS it was published with; a delivery uses the lower of this and the subscription's.
    package let qos: QoS
    package let cause: UInt64
    /// When it expires; `nil` for never.
    package let expiresAt: Instant?

    package init(topic: [UInt8], payload: [UInt8], properties: [UInt8], qos: QoS, cause: UInt64, expiresAt: Instant?) {
        self.topic = topic
        self.payload = payload
        self.properties = properties
        self.qos = qos
        self.cause = cause
        self.expiresAt = expiresAt
    }

    package var bytes: Int { self.topic.count + self.payload.count + self.properties.count }

    package func hasExpired(now: Instant) -> Bool {
        guard let expiresAt else { return false }
        return expiresAt <= now
    }

    /// What is left of the message expiry, whole seconds, rounded down. MQTT 5 §3.3.2.3.3.
    package func remainingExpirySeconds(now: Instant) -> UInt32? {
        guard let expiresAt else { return nil }
        let left = max(0, expiresAt.nanoseconds - now.nanoseconds) / 1_000_000_000
        return UInt32(min(left, Int64(UInt32.max)))
    }
}
