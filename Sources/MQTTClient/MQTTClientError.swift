package import MQTTWire

/// Why a connection or a request failed, in terms a person can act on. No case carries a secret.
package enum MQTTClientError: Error, Equatable, Sendable, CustomStringConvertible {
    case invalidURL(String)
    /// A setting that cannot work, and why.
    case invalidConfiguration(String)
    /// No connection to the host: refused, unreachable or unknown.
    case connectFailed(endpoint: String, cause: String)
    case tlsFailed(endpoint: String, cause: String)
    /// The server answered the WebSocket upgrade with something else than 101.
    case upgradeRefused(UpgradeRefusal)
    /// The server's answer to the upgrade, or its frames, are not WebSocket.
    case webSocketViolation(String)
    /// CONNACK with another code than success. `code` as on the wire: 3.x return code or 5.0 reason.
    case connectionRefused(code: UInt8, name: String, reasonString: String?)
    case timedOut(String, after: Duration)
    /// The connection ended without a word.
    case connectionLost(String)
    /// The server sent DISCONNECT.
    case closedByServer(Reason, reasonString: String?)
    /// The server sent what it must not.
    case protocolViolation(String)
    /// This client disconnected or dropped the connection.
    case closedByUs
    case notConnected
    /// The server said at CONNECT that it takes no such message.
    case notSupportedByServer(String)
    case invalidTopic(String)
    case packetTooLarge(bytes: Int, limit: Int)
    case tooManyWaiting(limit: Int)

    /// What happened, to what, what to do.
    package var text: String {
        switch self {
        case .invalidURL(let fault): "the URL cannot be used: \(fault)"
        case .invalidConfiguration(let fault): fault
        case .connectFailed(let endpoint, let cause): "connecting to \(endpoint) failed: \(cause)"
        case .tlsFailed(let endpoint, let cause): "the TLS handshake with \(endpoint) failed: \(cause)"
        case .upgradeRefused(let refusal): refusal.text
        case .webSocketViolation(let fault): "the server does not speak WebSocket as it should: \(fault)"
        case .connectionRefused(let code, let name, let reason):
            "the server refused the connection: \(name) (code \(code))\(reason.map { ": \($0)" } ?? "")"
        case .timedOut(let what, let after): "\(what) did not come within \(after)"
        case .connectionLost(let cause): "the connection was lost: \(cause)"
        case .closedByServer(let reason, let text): "the server closed the connection: \(reason.name)\(text.map { ": \($0)" } ?? "")"
        case .protocolViolation(let fault): "the server broke the protocol: \(fault)"
        case .closedByUs: "the connection was closed from this side"
        case .notConnected: "there is no connection"
        case .notSupportedByServer(let what): "the server does not support \(what)"
        case .invalidTopic(let fault): fault
        case .packetTooLarge(let bytes, let limit): "the packet has \(bytes) bytes and the server takes \(limit)"
        case .tooManyWaiting(let limit): "\(limit) messages already wait for the server's acknowledgements"
        }
    }

    package var description: String { self.text }
}

/// An HTTP answer in place of the WebSocket upgrade.
package struct UpgradeRefusal: Equatable, Sendable {
    package var status: Int
    package var phrase: String
    /// The value of `x-sundial-explanation`: what differs and what to do.
    package var explanation: String?
    /// The answer's body, at most some kilobytes of it.
    package var body: String

    package init(status: Int, phrase: String, explanation: String? = nil, body: String = "") {
        self.status = status
        self.phrase = phrase
        self.explanation = explanation
        self.body = body
    }

    package var text: String {
        let head = "the server refused the WebSocket upgrade with HTTP \(self.status)\(self.phrase.isEmpty ? "" : " \(self.phrase)")"
        if let explanation = self.explanation { return "\(head): \(explanation)" }
        let words = self.body.split(whereSeparator: \.isNewline).joined(separator: " ")
        return words.isEmpty ? head : "\(head): \(words)"
    }
}
