import MQTTClient
import MQTTWire

extension Complaint {
    /// What the MQTT client could not do, with the status that tells scripts which kind of failure it was.
    init(_ error: MQTTClientError) {
        switch error {
        case .invalidURL, .invalidConfiguration, .invalidTopic:
            self.init(error.text, .badArguments)
        case .tlsFailed(_, let cause):
            self.init(error.text + Self.trustFlags(cause), .notConnected)
        case .connectFailed, .upgradeRefused, .connectionRefused, .webSocketViolation, .notConnected:
            self.init(error.text, .notConnected)
        case .timedOut:
            self.init(error.text, .timedOut)
        case .connectionLost, .closedByServer, .protocolViolation, .closedByUs, .notSupportedByServer, .packetTooLarge, .tooManyWaiting:
            self.init(error.text, .failed)
        }
    }

    /// The flags of every command that connects, for a TLS failure that they would have avoided.
    static func trustFlags(_ cause: String) -> String {
        cause.hasPrefix(ConnectionFault.untrusted) ? " (--cafile FILE, --insecure)" : ""
    }

    /// What went wrong before the server let the client in: all but faults of the arguments and time-outs is "not connected".
    init(connecting error: MQTTClientError) {
        let complaint = Complaint(error)
        self = complaint.status == .failed ? Complaint(complaint.text, .notConnected) : complaint
    }

    /// A reason the server gave for refusing `what`.
    init(_ what: String, refused reason: Reason, _ text: String?) {
        self.init("\(what) was refused: \(reason.name)\(text.map { ": \($0)" } ?? "")", .failed)
    }
}
