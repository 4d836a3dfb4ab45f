package import Shadows
package import SigV4
package import Timeline

/// How a broker is set up: its doors and who may enter.
package struct BrokerConfiguration: Sendable {
    /// One door.
    package struct Listener: Sendable {
        package enum Speaks: Sendable {
            /// MQTT from the first byte.
            case mqtt
            /// HTTP/1.1, with MQTT over WebSocket at `/mqtt`.
            case http
        }

        /// `mqtt`, `mqtts`, `http` or `https`: its key in the ports file and in logs.
        package let name: String
        package let speaks: Speaks
        package let usesTLS: Bool
        /// The addresses it binds, the first of which must succeed.
        package var hosts: [String]
        /// 0 picks a free one, the same for every address.
        package var port: Int
        package var profile: ServiceProfile

        package init(name: String, speaks: Speaks, usesTLS: Bool, hosts: [String], port: Int, profile: ServiceProfile) {
            self.name = name
            self.speaks = speaks
            self.usesTLS = usesTLS
            self.hosts = hosts
            self.port = port
            self.profile = profile
        }
    }

    /// PEM files of the doors that use TLS.
    package struct TLSFiles: Sendable {
        package let certificatePath: String
        package let keyPath: String

        package init(certificatePath: String, keyPath: String) {
            self.certificatePath = certificatePath
            self.keyPath = keyPath
        }
    }

    /// How time passes, and for whom.
    package struct Clock: Sendable {
        package var kind = ClockKind.real
        /// The date at which a scaled or virtual time begins; `nil` for the present. No earlier than 1970.
        package var start: WallTime?
        /// The keep alive of network clients is measured by the service's time, not by real time.
        package var virtualKeepAlive = false
        /// The age of signatures is measured by the service's time, not by real time.
        package var virtualSignature = false
        /// When a virtual clock may move on.
        package var idle = IdleWatch.Limits()

        package init() {}
    }

    package var listeners: [Listener]
    package var tls: TLSFiles?
    package var credentials: CredentialSet
    package var verification: VerificationPolicy
    package var hostPort: HostPort
    /// The region every signature must be scoped to; `nil` takes any.
    package var region: String?
    package var shadowRules: ShadowRules
    /// How much of the shadows' past is kept.
    package var historyLimits = ShadowHistory.Limits()
    /// Shadows to begin with, planted after what was kept is back and before a door opens.
    package var seeds: [ShadowSeed] = []
    package var clock = Clock()

    package init(
        listeners: [Listener], tls: TLSFiles? = nil, credentials: CredentialSet, verification: VerificationPolicy = .aws,
        hostPort: HostPort = .either, region: String? = nil, shadowRules: ShadowRules = .aws
    ) {
        self.listeners = listeners
        self.tls = tls
        self.credentials = credentials
        self.verification = verification
        self.hostPort = hostPort
        self.region = region
        self.shadowRules = shadowRules
    }
}
