import COpenSSL

/// The generator's TLS settings: TLS 1.2 or 1.3, no verification, since the peer is a server this program started.
final class TLSContext {
    private let context: OpaquePointer

    init() throws(BenchFailure) {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw BenchFailure("SSL_CTX_new failed") }
        self.context = context
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
    }

    deinit {
        SSL_CTX_free(self.context)
    }

    /// A client session on `descriptor`, handshake not started.
    func session(on descriptor: Int32) throws(BenchFailure) -> OpaquePointer {
        guard let session = SSL_new(self.context), SSL_set_fd(session, descriptor) == 1 else { throw BenchFailure("SSL_new failed") }
        // Partial writes, and a buffer that may move between attempts: what `OutboundBytes` does.
        // SSL_set_mode is a macro over this call.
        _ = SSL_ctrl(session, SSL_CTRL_MODE, Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER), nil)
        SSL_set_connect_state(session)
        return session
    }
}
