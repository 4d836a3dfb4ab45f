import Foundation
import Glibc
import Testing

/// A real client that a test runs: Node's mqtt.js, mosquitto's tools, Python with AWS's SDK.
struct Client: Sendable {
    let process: ChildProcess
    private let name: String

    private init(_ program: String, _ arguments: [String], environment: [String: String] = [:], from: String) throws {
        self.name = ([program] + arguments.prefix(3)).joined(separator: " ")
        guard program.contains("/") == false || FileManager.default.isExecutableFile(atPath: program) else {
            throw ChildProcess.Misfortune(description: "\(program) is missing; `make test-clients` installs \(from)")
        }
        self.process = try ChildProcess(program, arguments, environment: environment)
    }

    /// One of our scripts for Node.
    static func node(_ script: String, _ arguments: [String]) throws -> Client {
        try Client(
            "node", [Workshop.client(script)] + arguments, environment: Workshop.nodeEnvironment, from: "node-mqtt")
    }

    /// The command line of mqtt.js: `mqtt publish …`, `mqtt subscribe …`.
    static func mqtt(_ arguments: [String]) throws -> Client {
        try Client(
            "node", ["/usr/share/nodejs/mqtt/bin/mqtt.js"] + arguments, environment: Workshop.nodeEnvironment,
            from: "node-mqtt")
    }

    /// One of our scripts for Python.
    static func python(_ script: String, _ arguments: [String]) throws -> Client {
        try Client(Workshop.python, [Workshop.client(script)] + arguments, from: "Clients/requirements.txt")
    }

    /// AWS's own command line, against the https door, with the keys `test` / `test`.
    static func aws(_ sundial: SundialProcess, _ arguments: [String]) throws -> Client {
        let tool = URL(fileURLWithPath: Workshop.python).deletingLastPathComponent().appendingPathComponent("aws").path
        let endpoint = ["--endpoint-url", "https://localhost:\(sundial.doors.https.port)", "--ca-bundle", sundial.doors.ca]
        let environment = [
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_MAX_ATTEMPTS": "1",
        ]
        return try Client(tool, arguments + endpoint, environment: environment, from: "Clients/requirements.txt")
    }

    /// `mosquitto_pub` or `mosquitto_sub`, told to write each line at once.
    static func mosquitto(_ program: String, _ sundial: SundialProcess, _ arguments: [String]) throws -> Client {
        let words = ["-oL", "/usr/bin/mosquitto_\(program)", "-h", "127.0.0.1", "-p", "\(sundial.doors.mqtt.port)"]
        return try Client("stdbuf", words + arguments, from: "mosquitto-clients")
    }

    var lines: [String] { self.process.output.lines }

    /// Waits for its end, which must be a good one.
    func end(within limit: Duration = .seconds(60)) async throws {
        let ending = try await self.process.ending(within: limit)
        try #require(
            ending == .exited(0),
            "\(self.name) said:\n\(self.process.output.tail)\n\(self.process.errors.tail)")
    }

    /// Ends it without warning, as a crash or a lost network would.
    func kill() async throws {
        self.process.signal(SIGKILL)
        try await self.process.ending()
    }

    /// Ends it as Ctrl-C does.
    func interrupt() async throws {
        self.process.signal(SIGINT)
        try await self.process.ending()
    }
}
