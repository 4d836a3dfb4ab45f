package import Timeline

/// What the control plane is told at start.
package struct ControlPlaneSettings: Sendable {
    /// The version shown on the front page and in `/_sundial/status`.
    package var version: String
    /// When Sundial started, for the uptime.
    package var startedAt: WallTime
    /// Names and addresses beside the loopback ones that `/_sundial/` answers to, in `Host` and in `Origin`.
    package var hostNames: [String]
    /// What `/_sundial/` asks for on connections that come from beyond loopback; `nil` refuses all of those.
    package var bearerToken: String?

    package init(version: String, startedAt: WallTime, hostNames: [String] = [], bearerToken: String? = nil) {
        self.version = version
        self.startedAt = startedAt
        self.hostNames = hostNames.map { $0.lowercased() }
        self.bearerToken = bearerToken
    }
}
