/// One row of the comparison: a load over MQTT or HTTP, or what connections or a start cost.
struct Benchmark: Sendable {
    enum Kind: Sendable {
        case load(Scenario)
        /// UpdateThingShadow over HTTP.
        case rest(connections: Int)
        case connect(Endpoint.Transport, isSigned: Bool)
        case idle(Endpoint.Transport)
        case start
    }

    /// One run's outcome. Lower cost is better, higher rate is better.
    struct Figure: Sendable {
        var cost: Double
        var messagesPerSecond: Double?
    }

    /// What Sundial's figure is held against.
    enum Bar: Sendable {
        /// The peer's cost divided by ours; `line` is what the issue asks to show already.
        case ratio(target: Double, line: Double)
        /// Our rate divided by the peer's, at least.
        case rateRatio(target: Double)
        /// Our own cost, at most.
        case atMost(Double)
        /// Messages per second of one busy core, at least; or, on another machine, at least this share of what another row does.
        case perCore(atLeast: Double, share: Double, of: String)
        /// Our cost divided by our cost in another row, at most.
        case timesRow(String, atMost: Double)
    }

    let name: String
    let kind: Kind
    let unit: String
    let bar: Bar
    /// Who else does it; nil: nobody.
    let peer: Peer?
    /// What mosquitto measured when the table was made.
    var tableValue: Double?
    /// The rate ratio of the table, for information: at high rates it says more about the generator.
    var rateTarget: Double?

    /// The servers Sundial is measured beside.
    enum Peer: String, CaseIterable, Sendable {
        case mosquitto
        case moto = "moto_server"
    }

    /// The row without which this one cannot be judged.
    var companion: String? {
        switch self.bar {
        case .ratio, .rateRatio, .atMost: nil
        case .perCore(_, _, let row), .timesRow(let row, _): row
        }
    }

    static let all: [Benchmark] =
        Scenario.all.map { Benchmark($0) } + [
            Benchmark(
                name: "rest-update", kind: .rest(connections: 8), unit: "µs CPU", bar: .rateRatio(target: 20), peer: .moto, rateTarget: 20),
            Benchmark(
                name: "connect-tcp", kind: .connect(.tcp, isSigned: false), unit: "µs", bar: .ratio(target: 0.75, line: 0.45),
                tableValue: 50),
            Benchmark(
                name: "connect-ws", kind: .connect(.ws, isSigned: false), unit: "µs", bar: .ratio(target: 0.8, line: 0.48), tableValue: 67),
            Benchmark(
                name: "connect-tls", kind: .connect(.tls, isSigned: false), unit: "µs", bar: .ratio(target: 1.2, line: 0.72),
                tableValue: 498),
            Benchmark(
                name: "connect-wss", kind: .connect(.wss, isSigned: false), unit: "µs", bar: .ratio(target: 1.3, line: 0.78),
                tableValue: 496),
            Benchmark(
                name: "connect-wss-signed", kind: .connect(.wss, isSigned: true), unit: "µs", bar: .timesRow("connect-wss", atMost: 1.3),
                peer: nil),
            Benchmark(name: "idle-tcp", kind: .idle(.tcp), unit: "bytes", bar: .atMost(7000), tableValue: 1800),
            Benchmark(name: "idle-ws", kind: .idle(.ws), unit: "bytes", bar: .atMost(7500), tableValue: 7000),
            Benchmark(name: "idle-tls", kind: .idle(.tls), unit: "bytes", bar: .atMost(26000), tableValue: 16000),
            Benchmark(name: "idle-wss", kind: .idle(.wss), unit: "bytes", bar: .atMost(27000), tableValue: 22000),
            Benchmark(name: "start", kind: .start, unit: "ms", bar: .atMost(100)),
        ]

    private init(_ scenario: Scenario) {
        self.name = scenario.name
        self.kind = .load(scenario)
        self.unit = scenario.isLatency ? "µs p50" : "µs CPU"
        self.tableValue = scenario.target.mosquittoMicroseconds
        self.rateTarget = scenario.target.rateRatio
        self.peer = scenario.isShadow ? nil : .mosquitto
        if let target = scenario.target.cpuRatio {
            // Parity has no 60 %: a single message must not be slower.
            self.bar = .ratio(target: target, line: scenario.isLatency ? target : target * 0.6)
        } else {
            // The share is the same figure on the machine of `performance.md`, where a core did 1→1 at QoS 1 in 0.24 µs.
            let updates = scenario.target.updatesPerCore ?? 0
            self.bar = .perCore(atLeast: updates, share: updates * 0.24e-6, of: "1to1-q1")
        }
    }

    private init(
        name: String, kind: Kind, unit: String, bar: Bar, peer: Peer? = .mosquitto, tableValue: Double? = nil, rateTarget: Double? = nil
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.bar = bar
        self.peer = peer
        self.tableValue = tableValue
        self.rateTarget = rateTarget
    }

    /// Starts the server, measures once, stops it.
    /// - Throws: also when the run was not clean, since then it has no figure.
    func measure(_ server: ServerUnderTest, core: Int?, seconds: Double) throws(BenchFailure) -> Figure {
        switch self.kind {
        case .load(let scenario):
            let running = try server.start(ServerSetup(core: core, isDurable: scenario.isDurable))
            defer { running.stop() }
            var run = try LoadRun(scenario, endpoint: try running.endpoint(scenario.transport), server: running.process)
            let result = try run.run(seconds: seconds, warmUpSeconds: 0.5)
            guard result.isClean else { throw BenchFailure(result.text) }
            let latency = result.medianLatencyNanoseconds.map { Double($0) / 1000 }
            return Figure(cost: latency ?? result.brokerMicroseconds, messagesPerSecond: result.messagesPerSecond)
        case .rest(let connections):
            let running = try server.start(ServerSetup(core: core, verifies: true))
            defer { running.stop() }
            let run = try RestRun(
                connections: connections, endpoint: try running.httpEndpoint(), server: running.process, registers: server.wantsThings)
            let result = try run.run(seconds: seconds, warmUpSeconds: 0.5)
            guard result.isClean else { throw BenchFailure(result.text) }
            return Figure(cost: result.brokerMicroseconds, messagesPerSecond: result.messagesPerSecond)
        case .connect(let transport, let isSigned):
            let running = try server.start(ServerSetup(core: core, verifies: isSigned))
            defer { running.stop() }
            let endpoint = try running.endpoint(transport)
            let place = isSigned ? ConnectionCosts.signed(endpoint) : endpoint
            return Figure(cost: try ConnectionCosts.connect(to: place, server: running.process))
        case .idle(let transport):
            let running = try server.start(ServerSetup(core: core))
            defer { running.stop() }
            return Figure(cost: try ConnectionCosts.idle(at: try running.endpoint(transport), server: running.process))
        case .start:
            let running = try server.start(ServerSetup(core: core))
            defer { running.stop() }
            return Figure(cost: Double(running.startNanoseconds) / 1e6)
        }
    }
}
