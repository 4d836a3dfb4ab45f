import Glibc
import JSON

/// How a server is started for a run.
struct ServerSetup: Sendable {
    /// The core it stays on.
    var core: Int?
    /// Sundial checks signatures.
    var verifies = false
    /// Sundial keeps its state in a new file rather than in memory.
    var isDurable = false
}

/// A server program that can be started any number of times.
enum ServerUnderTest {
    case mosquitto(path: String, folder: String, certificatePath: String, keyPath: String)
    /// `python` of a virtual environment that has `moto[server]`.
    case moto(python: String, folder: String)
    case sundial(path: String, folder: String)

    var name: String {
        switch self {
        case .mosquitto: "mosquitto"
        case .moto: "moto_server"
        case .sundial: "sundial"
        }
    }

    /// It updates only the shadows of things that were created.
    var wantsThings: Bool {
        switch self {
        case .moto: true
        case .mosquitto, .sundial: false
        }
    }

    /// Starts it and waits until it answers.
    func start(_ setup: ServerSetup) throws(BenchFailure) -> RunningServer {
        switch self {
        case .mosquitto(let path, let folder, let certificate, let key):
            try Self.startMosquitto(path, folder, certificate: certificate, key: key, core: setup.core)
        case .moto(let python, let folder):
            try Self.startMoto(python, folder, core: setup.core)
        case .sundial(let path, let folder):
            try Self.startSundial(path, folder, setup)
        }
    }

    /// The one place that knows Sundial's command line.
    private static func startSundial(_ path: String, _ folder: String, _ setup: ServerSetup) throws(BenchFailure) -> RunningServer {
        let portsFile = "\(folder)/ports.json"
        unlink(portsFile)
        let arguments = [
            path, "serve", "--mqtt-port", "0", "--mqtts-port", "0", "--http-port", "0", "--https-port", "0", "--ports-file", portsFile,
            "--data-folder", "\(folder)/certificates", "--verify", setup.verifies ? "aws" : "off",
        ]
        let begin = monotonicNanoseconds()
        // The time makes the name of a file that no run has used.
        let state = setup.isDurable ? ["--state", "\(folder)/state-\(begin).sqlite", "--durability", "process"] : ["--state", "memory"]
        let child = try ChildProcess(arguments + state, core: setup.core, logPath: "\(folder)/sundial.log")
        let ports = try RunningServer.awaiting(child, "ports file") { Self.ports(in: portsFile) }
        guard let mqtt = ports[.tcp] else { throw BenchFailure("the ports file names no mqtt door") }
        try RunningServer.awaitConnack(child, port: mqtt)
        return RunningServer(child: child, ports: ports, startNanoseconds: monotonicNanoseconds() - begin)
    }

    private static func ports(in path: String) -> [Endpoint.Transport: UInt16]? {
        guard let text = try? readFile(path), let file = try? JSONValue(parsing: text) else { return nil }
        var ports: [Endpoint.Transport: UInt16] = [:]
        for (name, transport) in [("mqtt", Endpoint.Transport.tcp), ("mqtts", .tls), ("http", .ws), ("https", .wss)] {
            if let port = file[name]?["port"]?.int64 { ports[transport] = UInt16(clamping: port) }
        }
        return ports
    }

    /// moto's server as its own command starts it, but without a log line for every request.
    private static func startMoto(_ python: String, _ folder: String, core: Int?) throws(BenchFailure) -> RunningServer {
        let port = try Self.freePort()
        let program = """
            import logging, sys
            logging.getLogger("werkzeug").setLevel(logging.ERROR)
            from moto.server import main
            main(sys.argv[1:])
            """
        let begin = monotonicNanoseconds()
        let child = try ChildProcess(
            [python, "-c", program, "-H", "127.0.0.1", "-p", "\(port)"], core: core, logPath: "\(folder)/moto.log")
        try RunningServer.awaiting(child, "connection") {
            (try? Link.open(to: Endpoint(transport: .tcp, host: "127.0.0.1", port: port), tls: nil)) == nil ? nil : ()
        }
        return RunningServer(child: child, ports: [.ws: port], startNanoseconds: monotonicNanoseconds() - begin)
    }

    private static func startMosquitto(
        _ path: String, _ folder: String, certificate: String, key: String, core: Int?
    ) throws(BenchFailure) -> RunningServer {
        var ports: [Endpoint.Transport: UInt16] = [:]
        // Settings that are fair to it: no limit on what may be in flight, no logging, no persistence (`performance.md`, Measuring).
        var configuration = """
            user root
            max_inflight_messages 0
            max_queued_messages 0
            set_tcp_nodelay true
            log_type none
            log_dest none
            persistence false

            """
        for transport in Endpoint.Transport.allCases {
            let port = try Self.freePort()
            ports[transport] = port
            configuration += "listener \(port) 127.0.0.1\nallow_anonymous true\n"
            if transport.isWebSocket { configuration += "protocol websockets\n" }
            if transport.isEncrypted { configuration += "certfile \(certificate)\nkeyfile \(key)\n" }
        }
        let configurationPath = "\(folder)/mosquitto.conf"
        try writeFile(configurationPath, configuration)
        let begin = monotonicNanoseconds()
        let child = try ChildProcess([path, "-c", configurationPath], core: core, logPath: "\(folder)/mosquitto.log")
        try RunningServer.awaitConnack(child, port: ports[.tcp] ?? 0)
        return RunningServer(child: child, ports: ports, startNanoseconds: monotonicNanoseconds() - begin)
    }

    /// A port that was free a moment ago; mosquitto cannot choose its own.
    private static func freePort() throws(BenchFailure) -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) | getsockname(descriptor, $0, &length)
            }
        }
        guard status == 0 else { throw .system("bind") }
        return UInt16(bigEndian: address.sin_port)
    }
}
