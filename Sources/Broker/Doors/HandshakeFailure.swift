import NIOSSL
import Sessions

/// Why a connection failed on its way in, in words for the log.
///
/// The TLS library's own words carry its source's line numbers; what they mean to a person is said here.
enum HandshakeFailure {
    /// - Returns: how the connection ended; a failed handshake is the client's error, a broken connection is lost.
    static func end(for error: any Error) -> ConnectionEnd {
        guard case NIOSSLError.handshakeFailed(let cause)? = error as? NIOSSLError else {
            return ConnectionEnd(cause: .connectionLost, reason: nil, text: "the connection failed: \(self.firstLine(of: error))")
        }
        return ConnectionEnd(cause: .clientError, reason: nil, text: "the TLS handshake failed: \(Self.words(for: "\(cause)"))")
    }

    private static func words(for cause: String) -> String {
        let known: [(sign: String, words: String)] = [
            ("WRONG_VERSION_NUMBER", "the client did not speak TLS; this door wants mqtts, https or wss"),
            ("HTTP_REQUEST", "the client spoke plain HTTP; use https or wss on this door"),
            ("UNKNOWN_CA", "the client does not trust the certificate; give it the CA file that was printed at start"),
            ("CERTIFICATE_UNKNOWN", "the client does not trust the certificate; give it the CA file that was printed at start"),
            ("BAD_CERTIFICATE", "the client does not accept the certificate; is the name it uses in it? (--host-alias)"),
            ("UNSUPPORTED_PROTOCOL", "the client offered a TLS version below 1.2"),
            ("NO_SHARED_CIPHER", "client and door share no cipher"),
            ("eofDuringHandshake", "the client went away during it"),
        ]
        if let match = known.first(where: { cause.contains($0.sign) }) { return match.words }
        guard let start = cause.firstRange(of: "OPENSSL_internal:") else { return "the client did not follow the protocol" }
        return "TLS reports \(cause[start.upperBound...].prefix { $0 != " " && $0 != "]" })"
    }

    private static func firstLine(of error: any Error) -> Substring {
        "\(error)".prefix { $0 != "\n" }
    }
}
