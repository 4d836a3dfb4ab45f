package import MQTTWire

/// What happens to a will when its connection ends (MQTT 5 §3.1.2.5).
package enum WillPlan: Equatable, Sendable {
    case none
    case publish
    /// Published after this many seconds, unless the client comes back or the session ends first. [MQTT5-3.1.3-9]
    case publishAfter(seconds: UInt32)

    /// - Parameter sessionExpirySeconds: how long the session outlives the connection, as it stands at the end.
    package init(will: Will?, end: ConnectionEnd, sessionExpirySeconds: UInt32) {
        guard let will, !end.discardsWill else {
            self = .none
            return
        }
        let delay = min(will.delayIntervalSeconds ?? 0, sessionExpirySeconds)
        self = delay == 0 ? .publish : .publishAfter(seconds: delay)
    }
}
