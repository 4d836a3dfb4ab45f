import ArgumentParser

/// One scenario, or several, against a server that already runs.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load a running server and print messages/s and its CPU per delivered message.",
        discussion: """
            Bench load --port 1883 --pid $(pidof sundial) --scenario pairs-q1
            Bench load --port 8443 --pid 4711 --scenario wss-1to1-q0 --seconds 5 --repeats 3
            """)

    @Option(help: "An IPv4 address or localhost.") var host = "127.0.0.1"
    @Option(help: "The port of the scenario's transport.") var port: UInt16
    @Option(help: "The server's process id, for its CPU time.") var pid: Int32
    @Option(help: "A scenario (repeatable). Known: \(Scenario.all.map(\.name).joined(separator: ", ")).") var scenario: [String]
    @Option(help: "Seconds measured.") var seconds = 3.0
    @Option(help: "Seconds before measuring.") var warmUp = 0.5
    @Option(help: "How often each scenario runs.") var repeats = 1
    @Option(help: "The request target for WebSocket transports, with its query.") var path = "/mqtt"
    @Option(help: "Run the scenario over tcp, tls, ws or wss instead of its own transport.") var transport: String?
    @Option(help: "Pin the generator to this core.") var core: Int?

    func run() throws {
        try ProcessLimits.raiseDescriptors()
        if let core = self.core { try ProcessLimits.pin(to: core) }
        var isClean = true
        for name in self.scenario {
            let scenario = try Scenario.named(name)
            var transport = scenario.transport
            if let text = self.transport {
                guard let other = Endpoint.Transport(rawValue: text) else {
                    throw BenchFailure("--transport is tcp, tls, ws or wss, not \(text)")
                }
                transport = other
            }
            let endpoint = Endpoint(transport: transport, host: self.host, port: self.port, path: self.path)
            for _ in 0..<self.repeats {
                var run = try LoadRun(scenario, endpoint: endpoint, server: ServerProcess(pid: self.pid))
                let result = try run.run(seconds: self.seconds, warmUpSeconds: self.warmUp)
                Console.line(result.text)
                isClean = isClean && result.isClean
            }
        }
        if !isClean { throw ExitCode(1) }
    }
}
