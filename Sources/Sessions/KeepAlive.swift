package import Timeline

/// Watches for silence on one connection. [MQTT5-3.1.2-22] [MQTT3-3.1.2-24]
///
/// Hearing a packet costs one store; the timer looks back when it fires.
package struct KeepAlive: Sendable {
    package enum Action: Equatable, Sendable {
        /// Keep alive is off: no timer is needed.
        case none
        /// Nothing is wrong yet: fire again at this instant.
        case check(at: Instant)
        /// One and a half silent periods have passed.
        case close
    }

    private var lastHeard: Instant
    private let limit: Duration?

    /// - Parameter seconds: the keep alive in force; 0 switches it off.
    package init(seconds: UInt16, now: Instant) {
        self.lastHeard = now
        self.limit = seconds == 0 ? nil : .milliseconds(1500 * Int64(seconds))
    }

    /// When the first check is due; `nil` when keep alive is off.
    package var firstCheck: Instant? {
        self.limit.map { self.lastHeard + $0 }
    }

    @inline(__always)
    package mutating func heard(now: Instant) {
        self.lastHeard = now
    }

    package func timerFired(now: Instant) -> Action {
        guard let limit else { return .none }
        let due = self.lastHeard + limit
        return now < due ? .check(at: due) : .close
    }
}
