import ArgumentParser
import Broker
import Certificates

/// The flags of `serve` that say where it listens.
struct DoorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Port of the mqtt door: MQTT over TCP, a full broker. 0 picks a free one, here and below.", valueName: "port"))
    var mqttPort = 1883

    @Option(help: ArgumentHelp("Port of the mqtts door: MQTT over TLS, as AWS IoT.", valueName: "port"))
    var mqttsPort = 8883

    @Option(help: ArgumentHelp("Port of the http door: signed WebSocket at /mqtt, as AWS IoT.", valueName: "port"))
    var httpPort = 8080

    @Option(help: ArgumentHelp("Port of the https door: the same over TLS.", valueName: "port"))
    var httpsPort = 8443

    @Flag(name: .customLong("no-mqtt"), help: "Leave the mqtt door closed.") var noMQTT = false
    @Flag(name: .customLong("no-mqtts"), help: "Leave the mqtts door closed.") var noMQTTS = false
    @Flag(name: .customLong("no-http"), help: "Leave the http door closed.") var noHTTP = false
    @Flag(name: .customLong("no-https"), help: "Leave the https door closed.") var noHTTPS = false

    @Option(
        help: ArgumentHelp(
            "Address to listen on instead of 127.0.0.1 and ::1; may be given more than once. 0.0.0.0 lets other machines in.",
            valueName: "address"))
    var bind: [String] = []

    @Option(help: ArgumentHelp("Write the ports as JSON to this file once every door is open.", valueName: "file"))
    var portsFile: String?

    func validate() throws {
        for (name, port) in [("mqtt", self.mqttPort), ("mqtts", self.mqttsPort), ("http", self.httpPort), ("https", self.httpsPort)] {
            guard (0...65535).contains(port) else {
                throw ValidationError("--\(name)-port \(port) is no port; give 0 (a free one) to 65535.")
            }
        }
        if self.noMQTT, self.noMQTTS, self.noHTTP, self.noHTTPS {
            throw ValidationError("Every door is closed; leave out one of --no-mqtt, --no-mqtts, --no-http and --no-https.")
        }
        for address in self.bind { try Self.check(address) }
        try self.checkPortsDiffer()
        if self.portsFile?.isEmpty == true { throw ValidationError("--ports-file is empty; give the name of a file.") }
    }

    /// Two doors cannot share a port: said here, before the second one finds it in use by "another process".
    private func checkPortsDiffer() throws {
        var names: [Int: String] = [:]
        for listener in self.listeners() where listener.port != 0 {
            if let other = names.updateValue(listener.name, forKey: listener.port) {
                throw ValidationError(
                    "--\(other)-port and --\(listener.name)-port are both \(listener.port); give one of them another port.")
            }
        }
    }

    var usesTLS: Bool { !self.noMQTTS || !self.noHTTPS }

    /// Whether other machines can connect.
    var isBeyondLoopback: Bool {
        self.hosts.contains { !($0 == "::1" || $0.hasPrefix("127.")) }
    }

    /// Each address once, without the brackets that people keep from URLs.
    private var hosts: [String] {
        guard !self.bind.isEmpty else { return ["127.0.0.1", "::1"] }
        var seen: Set<String> = []
        return self.bind.map { $0.hasPrefix("[") && $0.hasSuffix("]") ? String($0.dropFirst().dropLast()) : $0 }
            .filter { seen.insert($0).inserted }
    }

    func listeners() -> [BrokerConfiguration.Listener] {
        let hosts = self.hosts
        var listeners: [BrokerConfiguration.Listener] = []
        if !self.noMQTT {
            listeners.append(.init(name: "mqtt", speaks: .mqtt, usesTLS: false, hosts: hosts, port: self.mqttPort, profile: .plain))
        }
        if !self.noMQTTS {
            listeners.append(.init(name: "mqtts", speaks: .mqtt, usesTLS: true, hosts: hosts, port: self.mqttsPort, profile: .aws))
        }
        if !self.noHTTP {
            listeners.append(.init(name: "http", speaks: .http, usesTLS: false, hosts: hosts, port: self.httpPort, profile: .aws))
        }
        if !self.noHTTPS {
            listeners.append(.init(name: "https", speaks: .http, usesTLS: true, hosts: hosts, port: self.httpsPort, profile: .aws))
        }
        return listeners
    }

    private static func check(_ address: String) throws {
        if case .address? = try? AlternativeName(parsing: address) { return }
        throw ValidationError("--bind \(address) is no IP address; give one of this machine's, or 0.0.0.0 for all.")
    }
}
