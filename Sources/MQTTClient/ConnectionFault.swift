import NIOCore
import NIOPosix
import NIOSSL

/// Errors of the network libraries in words that say what to do.
package enum ConnectionFault {
    package static func error(_ error: any Error, endpoint: ClientEndpoint) -> MQTTClientError {
        switch error {
        case let error as MQTTClientError: error
        case let error as NIOConnectionError: .connectFailed(endpoint: endpoint.description, cause: Self.cause(error))
        case let error as ChannelError: Self.channel(error, endpoint)
        case let error as IOError: .connectionLost(Self.text(error))
        case let error as NIOSSLError: Self.tls(error, endpoint)
        case let error as NIOSSLExtraError:
            .tlsFailed(
                endpoint: endpoint.description,
                cause: error == .failedToValidateHostname ? "the server's certificate does not name \(endpoint.host)" : "\(error)")
        case is BoringSSLError: .tlsFailed(endpoint: endpoint.description, cause: Self.tlsCause("\(error)"))
        default: .connectionLost("\(error)")
        }
    }

    private static func channel(_ error: ChannelError, _ endpoint: ClientEndpoint) -> MQTTClientError {
        if case .connectTimeout(let amount) = error {
            return .timedOut("a connection to \(endpoint)", after: .nanoseconds(amount.nanoseconds))
        }
        return .connectionLost("\(error)")
    }

    private static func tls(_ error: NIOSSLError, _ endpoint: ClientEndpoint) -> MQTTClientError {
        switch error {
        case .uncleanShutdown: .connectionLost("the server closed it without TLS's goodbye")
        case .handshakeFailed(let cause): .tlsFailed(endpoint: endpoint.description, cause: Self.tlsCause("\(cause)"))
        default: .tlsFailed(endpoint: endpoint.description, cause: Self.tlsCause("\(error)"))
        }
    }

    /// How the cause begins when verification failed.
    package static let untrusted = "the server's certificate is not trusted"

    private static func tlsCause(_ text: String) -> String {
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "\(Self.untrusted); give the file of the CA that signed it, or switch verification off"
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("EOF during handshake") {
            return "the server does not speak TLS on this port, or gave up on it"
        }
        return text
    }

    private static func cause(_ error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first {
            guard let system = failure.error as? IOError else {
                if case .connectTimeout(let amount) = failure.error as? ChannelError {
                    return "no answer within \(amount.nanoseconds / 1_000_000) ms"
                }
                return "\(failure.error)"
            }
            return Self.text(system)
        }
        if error.dnsAError != nil || error.dnsAAAAError != nil { return "the name \(error.host) is not known" }
        return "no address of \(error.host) could be reached"
    }

    private static func text(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused; is a broker listening there?"
        case ECONNRESET, EPIPE: "the server reset it"
        case ETIMEDOUT: "the network gave up"
        case EHOSTUNREACH, ENETUNREACH: "there is no route to it"
        default: error.description
        }
    }
}
