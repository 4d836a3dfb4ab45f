package import MQTTWire

/// Why a connection ended, in the words of AWS IoT's lifecycle events (Developer Guide, "Lifecycle events").
package enum DisconnectCause: String, Sendable {
    case clientInitiated = "CLIENT_INITIATED_DISCONNECT"
    case clientError = "CLIENT_ERROR"
    case connectionLost = "CONNECTION_LOST"
    case duplicateClientID = "DUPLICATE_CLIENTID"
    case keepAliveTimeout = "MQTT_KEEP_ALIVE_TIMEOUT"
    case authError = "AUTH_ERROR"
    case serverInitiated = "SERVER_INITIATED_DISCONNECT"
    case apiInitiated = "API_INITIATED_DISCONNECT"
    case throttled = "THROTTLED"
}

/// The end of a connection as the session sees it.
package struct ConnectionEnd: Equatable, Sendable {
    package let cause: DisconnectCause
    /// What an MQTT 5 client is told in DISCONNECT; `nil` when nothing is said (it is gone, or it said goodbye itself).
    package let reason: Reason?
    /// For people: what happened and, where it helps, what to do.
    package let text: String
    /// The will stays unsent: the client ended cleanly.
    package let discardsWill: Bool

    package init(cause: DisconnectCause, reason: Reason?, text: String, discardsWill: Bool = false) {
        self.cause = cause
        self.reason = reason
        self.text = text
        self.discardsWill = discardsWill
    }

    package static func violation(_ reason: Reason, _ text: String) -> ConnectionEnd {
        ConnectionEnd(cause: .clientError, reason: reason, text: text)
    }

    package static func violation(_ error: WireError) -> ConnectionEnd {
        ConnectionEnd(cause: .clientError, reason: error.reason, text: error.text)
    }

    package static let lost = ConnectionEnd(cause: .connectionLost, reason: nil, text: "the connection was lost without DISCONNECT")

    package static let closeFrame = ConnectionEnd(
        cause: .clientInitiated, reason: nil, text: "the client sent a WebSocket close frame", discardsWill: true)

    package static let takenOver = ConnectionEnd(
        cause: .duplicateClientID, reason: .sessionTakenOver, text: "another connection came with the same client id")

    package static let silent = ConnectionEnd(
        cause: .keepAliveTimeout, reason: .keepAliveTimeout, text: "nothing was heard for one and a half times the keep alive")

    /// It went beyond a quota whose answer is the end.
    package static func throttled(_ text: String) -> ConnectionEnd {
        ConnectionEnd(cause: .throttled, reason: .quotaExceeded, text: text)
    }

    package static func unread(bytes: Int) -> ConnectionEnd {
        .violation(.quotaExceeded, "the client goes on sending but does not read: \(bytes) bytes wait for it")
    }

    /// DeleteConnection of the data plane.
    package static func deleted(discardsWill: Bool) -> ConnectionEnd {
        ConnectionEnd(
            cause: .apiInitiated, reason: .administrativeAction, text: "a DeleteConnection request ended the connection",
            discardsWill: discardsWill)
    }

    package static let shutdown = ConnectionEnd(
        cause: .serverInitiated, reason: .serverShuttingDown, text: "the broker is shutting down")

    package static let replaced = ConnectionEnd(
        cause: .serverInitiated, reason: .administrativeAction, text: "the broker's state was reset or restored", discardsWill: true)

    package static let neverConnected = ConnectionEnd(
        cause: .clientError, reason: nil, text: "no CONNECT came in time; the first packet of a connection must be CONNECT")
}
