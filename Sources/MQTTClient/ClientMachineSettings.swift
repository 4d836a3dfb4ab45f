import MQTTWire

/// What of a configuration the machine needs.
struct ClientMachineSettings {
    var connect: Connect
    var connectTimeout: Duration = .seconds(10)
    var requestTimeout: Duration?
    var waitingPublishLimit = 10_000

    var version: ProtocolVersion { self.connect.protocolVersion }

    init(connect: Connect) {
        self.connect = connect
    }

    init(_ configuration: MQTTClientConfiguration) {
        self.connect = configuration.connect
        self.connectTimeout = configuration.connectTimeout
        self.requestTimeout = configuration.requestTimeout
        self.waitingPublishLimit = configuration.waitingPublishLimit
    }
}
