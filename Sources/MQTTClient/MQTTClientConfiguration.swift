package import MQTTWire
package import SigV4

/// Everything a connection needs to know. Every default is what an ordinary client wants.
package struct MQTTClientConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How the URL of a WebSocket is signed when the connection opens.
    package struct Signing: Sendable {
        package var credentials: Credentials
        package var region: String
        /// Whose habits to follow; nil leaves them to `options`.
        package var style: ClientStyle?
        package var options: PresignOptions

        package init(
            credentials: Credentials = .local, region: String = "us-east-1", style: ClientStyle? = nil, options: PresignOptions = .init()
        ) {
            self.credentials = credentials
            self.region = region
            self.style = style
            self.options = options
        }
    }

    /// Whom to trust, and who we are.
    package struct TLS: Sendable, Equatable {
        package enum Trust: Sendable, Equatable {
            /// The system's certificate authorities.
            case system
            /// The certificates of a PEM file, and no others.
            case file(String)
            /// Anybody: the connection is encrypted but not to a known peer.
            case anyone
        }

        package var trust: Trust
        /// PEM files of a client certificate and its key.
        package var certificatePath: String?
        package var keyPath: String?

        package init(trust: Trust = .system, certificatePath: String? = nil, keyPath: String? = nil) {
            self.trust = trust
            self.certificatePath = certificatePath
            self.keyPath = keyPath
        }
    }

    package var endpoint: ClientEndpoint
    package var version: ProtocolVersion = .v311
    /// Empty: the server chooses one (5.0, or 3.1.1 with a clean start).
    package var clientID = ""
    package var cleanStart = true
    package var sessionExpirySeconds: UInt32?
    package var keepAliveSeconds: UInt16 = 60
    package var userName: String?
    package var password: [UInt8]?
    package var will: Will?
    package var userProperties: [UserProperty] = []
    /// QoS 1 and 2 messages that the server may have unacknowledged towards us.
    package var receiveMaximum: UInt16?
    /// The largest packet we accept.
    package var maximumPacketBytes: UInt32?
    /// Topic aliases the server may use.
    package var topicAliasMaximum: UInt16?
    package var signing: Signing?
    package var tls = TLS()
    /// `mqtt`, or `mqttv3.1` as several AWS clients say.
    package var subprotocol = "mqtt"
    /// The `Host` header; nil: host and port as in the URL, the port left out when it is the default one.
    package var hostHeader: String?
    /// Further headers of the upgrade request.
    package var headers: [(name: String, value: String)] = []
    /// From the first SYN to CONNACK.
    package var connectTimeout: Duration = .seconds(10)
    /// How long an acknowledgement is awaited; nil: as long as the connection lives.
    package var requestTimeout: Duration? = .seconds(30)
    /// Messages received and not yet taken from ``MQTTClient/messages``; what comes beyond is dropped and counted.
    package var messageBufferLimit = 10_000
    /// Publishes that wait because the server's receive maximum is reached.
    package var waitingPublishLimit = 10_000
    /// Called on the connection's event loop for every message, before it enters ``MQTTClient/messages``. Must not block.
    package var onMessage: (@Sendable (ReceivedMessage) -> Void)?
    /// Called once, on the connection's event loop, when the connection has ended.
    package var onEnd: (@Sendable (ConnectionEnd) -> Void)?

    package init(endpoint: ClientEndpoint) {
        self.endpoint = endpoint
        self.userName = endpoint.userName
        self.password = endpoint.password.map { Array($0.utf8) }
    }

    /// Without credentials.
    package var description: String { "MQTTClientConfiguration(\(self.endpoint), client id \"\(self.clientID)\")" }
    package var debugDescription: String { self.description }
    package var customMirror: Mirror { Mirror(self, children: ["endpoint": self.endpoint.description, "clientID": self.clientID]) }

    /// The CONNECT packet these settings make.
    var connect: Connect {
        let isV5 = self.version == .v5
        return Connect(
            protocolVersion: self.version, clientID: self.clientID, cleanStart: self.cleanStart, keepAliveSeconds: self.keepAliveSeconds,
            userName: self.userName, password: self.password, will: self.will,
            sessionExpirySeconds: isV5 ? self.sessionExpirySeconds : nil, receiveMaximum: isV5 ? self.receiveMaximum : nil,
            maximumPacketBytes: isV5 ? self.maximumPacketBytes : nil, topicAliasMaximum: isV5 ? self.topicAliasMaximum : nil,
            userProperties: isV5 ? self.userProperties : [])
    }
}
