/// The return code of a CONNACK before MQTT 5 (3.1.1 §3.2.2.3; 3.1 §3.2).
package struct ConnectReturnCode: RawRepresentable, Hashable, Sendable {
    /// The byte on the wire. 6 and above are reserved, but servers have been seen to send them.
    package let rawValue: UInt8

    /// Any byte is a value.
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static var accepted: ConnectReturnCode { ConnectReturnCode(rawValue: 0) }
    package static var unacceptableProtocolVersion: ConnectReturnCode { ConnectReturnCode(rawValue: 1) }
    package static var identifierRejected: ConnectReturnCode { ConnectReturnCode(rawValue: 2) }
    package static var serverUnavailable: ConnectReturnCode { ConnectReturnCode(rawValue: 3) }
    package static var badUserNameOrPassword: ConnectReturnCode { ConnectReturnCode(rawValue: 4) }
    package static var notAuthorized: ConnectReturnCode { ConnectReturnCode(rawValue: 5) }

    /// The return code nearest to an MQTT 5 reason.
    ///
    /// A refusal for which 3.1.1 has no word becomes "server unavailable", since no other code invites a later retry.
    package init(_ reason: Reason) {
        switch reason {
        case .success: self = .accepted
        case .unsupportedProtocolVersion: self = .unacceptableProtocolVersion
        case .clientIdentifierNotValid: self = .identifierRejected
        case .badUserNameOrPassword: self = .badUserNameOrPassword
        case .notAuthorized, .banned, .badAuthenticationMethod, .topicNameInvalid: self = .notAuthorized
        default: self = .serverUnavailable
        }
    }

    /// The MQTT 5 reason with this meaning; a reserved code is an unspecified error.
    package var reason: Reason {
        switch self {
        case .accepted: .success
        case .unacceptableProtocolVersion: .unsupportedProtocolVersion
        case .identifierRejected: .clientIdentifierNotValid
        case .serverUnavailable: .serverUnavailable
        case .badUserNameOrPassword: .badUserNameOrPassword
        case .notAuthorized: .notAuthorized
        default: .unspecifiedError
        }
    }

    /// The meaning in words, for logs.
    package var name: String {
        switch self {
        case .accepted: "accepted"
        case .unacceptableProtocolVersion: "unacceptable protocol version"
        case .identifierRejected: "identifier rejected"
        case .serverUnavailable: "server unavailable"
        case .badUserNameOrPassword: "bad user name or password"
        case .notAuthorized: "not authorized"
        default: "return code \(self.rawValue)"
        }
    }
}
