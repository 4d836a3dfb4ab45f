package import MQTTClient
import MQTTWire
import Pacing

/// A broker to run a plan against over the network, and how to get in.
package struct NetworkTarget: Sendable {
    package var endpoint: ClientEndpoint
    /// How WebSocket URLs are signed; `nil` uses the URL as it is.
    package var signing: MQTTClientConfiguration.Signing?
    package var tls: MQTTClientConfiguration.TLS
    /// From the first SYN to CONNACK.
    package var connectTimeout = Duration.seconds(10)

    package init(endpoint: ClientEndpoint, signing: MQTTClientConfiguration.Signing? = nil, tls: MQTTClientConfiguration.TLS = .init()) {
        self.endpoint = endpoint
        self.signing = signing
        self.tls = tls
    }

    func configuration(clientID: String) -> MQTTClientConfiguration {
        var configuration = MQTTClientConfiguration(endpoint: self.endpoint)
        configuration.clientID = clientID
        configuration.tls = self.tls
        configuration.signing = self.endpoint.transport.isWebSocket ? self.signing : nil
        configuration.connectTimeout = self.connectTimeout
        // The engine has time-outs of its own, and messages are taken as they come.
        configuration.requestTimeout = nil
        configuration.messageBufferLimit = 1
        return configuration
    }

    /// - Throws: when the will's payload cannot be known yet.
    func configuration(of spec: ConnectSpec, seed: UInt64) throws(LateWill) -> MQTTClientConfiguration {
        let connect = try spec.packet(seed: seed)
        var configuration = self.configuration(clientID: spec.id)
        configuration.version = connect.protocolVersion
        configuration.cleanStart = connect.cleanStart
        configuration.sessionExpirySeconds = connect.sessionExpirySeconds
        configuration.keepAliveSeconds = connect.keepAliveSeconds
        configuration.will = connect.will
        if let userName = connect.userName {
            configuration.userName = userName
            configuration.password = connect.password
        }
        return configuration
    }
}

/// The run could not begin, because the runner's own client could not watch the target.
package struct TapFailure: Error {
    /// What happened, to what, what to do.
    package let text: String
}
