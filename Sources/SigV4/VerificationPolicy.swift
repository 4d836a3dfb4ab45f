/// How strictly a signature is judged. Source: `sigv4-websocket.md` §5, §9.
package enum VerificationPolicy: String, Sendable, CaseIterable {
    /// What the service does: on `/mqtt` the token is never signed, `X-Amz-Expires` is ignored, 5 minutes either way.
    case aws
    /// Signature version 4 as written: the token signed or not, `X-Amz-Expires` honoured when present.
    case spec
    /// Accepts the union of both, hosts with and without port, and notes what the service would have said.
    case lenient
    /// Checks nothing.
    case off
}

/// Whether the port in the signed host must be the one of the `Host` header. DESIGN §2.
package enum HostPort: String, Sendable, CaseIterable {
    /// The host may be signed with or without a port: the service has no local port, so the habit says nothing about it.
    case either
    /// The host must be signed as the `Host` header gives it.
    case exact
}
