import ArgumentParser
import MQTTClient
import MQTTWire
import SigV4

/// How `pub` and `sub` connect; the letters are mosquitto's.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Broker's address: mqtt://, mqtts://, ws:// or wss:// HOST[:PORT][/PATH]. In place of -h and -p.", valueName: "url"))
    var url: String?

    @Option(name: [.short, .long], help: ArgumentHelp("Host to connect to. Default: localhost.", valueName: "name"))
    var host: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Port. Default: 1883; 8883 with --cafile or --insecure; 8443 with --sign.", valueName: "port"))
    var port: UInt16?

    @Option(name: [.customShort("i"), .long], help: ArgumentHelp("Client id. Default: a fresh one.", valueName: "id"))
    var id: String?

    @Option(name: [.customShort("k"), .customLong("keepalive")], help: ArgumentHelp("Keep alive, in seconds.", valueName: "seconds"))
    var keepAlive: UInt16 = 60

    @Option(name: [.customShort("u"), .long], help: ArgumentHelp("User name.", valueName: "name"))
    var username: String?

    @Option(name: [.customShort("P"), .customLong("pw")], help: ArgumentHelp("Password.", valueName: "password"))
    var password: String?

    @Option(name: [.customShort("V"), .long], help: ArgumentHelp("mqttv31, mqttv311 or mqttv5.", valueName: "version"))
    var protocolVersion = ProtocolName.mqttv311

    @Option(
        help: ArgumentHelp(
            "Trust the certificates of this PEM file only. Default: the system's, and for this machine Sundial's own CA.", valueName: "file"
        ))
    var cafile: String?

    @Flag(help: "Trust any certificate.")
    var insecure = false

    @Flag(help: "Sign the WebSocket URL with --key, --secret and --region. Default address: wss://localhost:8443/mqtt.")
    var sign = false

    @OptionGroup(title: "Signature, with --sign") var signing: SigningOptions
    @OptionGroup(title: "Last will") var will: WillOptions

    func validate() throws {
        if self.url != nil, self.host != nil || self.port != nil {
            throw ValidationError("--url stands in place of -h and -p; give one or the other.")
        }
        if self.cafile != nil, self.insecure {
            throw ValidationError("--insecure trusts anybody and --cafile only some; give one of them.")
        }
        if self.password != nil, self.username == nil, self.protocolVersion != .mqttv5 {
            throw ValidationError("-P needs -u before MQTT 5 [MQTT-3.1.2-22].")
        }
        if let url {
            do {
                let endpoint = try ClientEndpoint(parsing: url)
                if self.sign, !endpoint.transport.isWebSocket {
                    throw ValidationError("--sign is for WebSocket: give a ws:// or wss:// URL.")
                }
            } catch let error as MQTTClientError {
                throw ValidationError("--url: \(error.text).")
            }
        }
    }

    /// - Parameter command: `pub` or `sub`, for the client id.
    func configuration(for command: String) throws -> MQTTClientConfiguration {
        var configuration = MQTTClientConfiguration(endpoint: try self.endpoint())
        configuration.clientID = self.id ?? "sundial-\(command)-\(BearerToken.fresh().prefix(8))"
        configuration.keepAliveSeconds = self.keepAlive
        configuration.version = self.protocolVersion.version
        if let username { configuration.userName = username }
        if let password { configuration.password = Array(password.utf8) }
        configuration.will = try self.will.resolved()
        if self.sign {
            var options = PresignOptions()
            options.service = self.signing.service
            configuration.signing = .init(credentials: try self.signing.resolved(), region: self.signing.region, options: options)
        }
        configuration.tls.trust = self.trust(configuration.endpoint)
        return configuration
    }

    /// Opens the connection.
    static func connect(_ configuration: MQTTClientConfiguration) async throws(Complaint) -> MQTTClient {
        do {
            return try await MQTTClient.connect(configuration)
        } catch {
            throw Complaint(connecting: error)
        }
    }

    private func endpoint() throws -> ClientEndpoint {
        if let url { return try ClientEndpoint(parsing: url) }
        let host = self.host ?? "localhost"
        if self.sign { return ClientEndpoint(transport: .wss, host: host, port: Int(self.port ?? 8443)) }
        let transport: ClientEndpoint.Transport = self.cafile != nil || self.insecure ? .tls : .tcp
        return ClientEndpoint(transport: transport, host: host, port: self.port.map { Int($0) })
    }

    /// On this machine Sundial's own CA is trusted without being named, if there is one.
    private func trust(_ endpoint: ClientEndpoint) -> MQTTClientConfiguration.TLS.Trust {
        if self.insecure { return .anyone }
        if let cafile { return .file(cafile) }
        let isLocal = ["localhost", "127.0.0.1", "::1"].contains(endpoint.host.lowercased())
        guard isLocal, endpoint.transport.isEncrypted, let path = CertificateOptions.localAuthorityPath() else { return .system }
        return .file(path)
    }
}

/// Protocol versions as mosquitto names them.
enum ProtocolName: String, ExpressibleByArgument, CaseIterable {
    case mqttv31, mqttv311, mqttv5

    /// Also takes `31`, `311` and `5`.
    init?(argument: String) {
        self.init(rawValue: argument.hasPrefix("mqttv") ? argument : "mqttv\(argument)")
    }

    var version: ProtocolVersion {
        switch self {
        case .mqttv31: .v31
        case .mqttv311: .v311
        case .mqttv5: .v5
        }
    }
}

/// 0, 1 or 2 on the command line.
struct QoSArgument: ExpressibleByArgument {
    let qos: QoS

    init(_ qos: QoS) {
        self.qos = qos
    }

    init?(argument: String) {
        guard let qos = UInt8(argument).flatMap(QoS.init(rawValue:)) else { return nil }
        self.init(qos)
    }

    static var allValueStrings: [String] { ["0", "1", "2"] }
    var defaultValueDescription: String { "\(self.qos.rawValue)" }
}

/// The message the broker publishes when this client vanishes.
struct WillOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Topic of the last will.", valueName: "topic"))
    var willTopic: String?

    @Option(
        name: [.customLong("will-payload"), .customLong("will-message")], help: ArgumentHelp("Its text. Default: empty.", valueName: "text")
    )
    var willPayload: String?

    @Option(help: ArgumentHelp("Its QoS.", valueName: "0|1|2"))
    var willQos = QoSArgument(.atMostOnce)

    @Flag(help: "Retain it.")
    var willRetain = false

    func validate() throws {
        if self.willTopic == nil, self.willPayload != nil || self.willRetain || self.willQos.qos != .atMostOnce {
            throw ValidationError("A last will needs --will-topic.")
        }
    }

    func resolved() throws -> Will? {
        self.willTopic.map {
            Will(topic: $0, payload: Array((self.willPayload ?? "").utf8), qos: self.willQos.qos, retain: self.willRetain)
        }
    }
}
