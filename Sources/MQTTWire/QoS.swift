/// Quality of service of a message or subscription (MQTT 5 §4.3; 3.1.1 §4.3).
@usableFromInline
package enum QoS: UInt8, Sendable, Comparable, CaseIterable {
    /// QoS 0.
    case atMostOnce = 0
    /// QoS 1.
    case atLeastOnce = 1
    /// QoS 2.
    case exactlyOnce = 2

    /// A weaker promise is smaller, so `min` of two is what a delivery gets.
    @inlinable
    package static func < (left: QoS, right: QoS) -> Bool {
        left.rawValue < right.rawValue
    }
}
