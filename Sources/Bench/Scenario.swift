/// One row of `reference/performance.md`: what is sent to whom, and what is expected of us.
struct Scenario: Sendable {
    /// Who sends to whom.
    enum Shape: Equatable, Sendable {
        /// `publishers` all to one subscriber.
        case fanIn(publishers: Int)
        /// One publisher to `subscribers`.
        case fanOut(subscribers: Int)
        /// Each publisher to its own subscriber.
        case pairs(Int)
        /// One connection that updates the shadows of `things` in turn and awaits each `accepted`; the window is for all together.
        case shadow(things: Int)
    }

    /// What a result is compared with: mosquitto's value divided by ours for CPU, ours divided by mosquitto's for rates.
    struct Target: Sendable {
        /// Shadow updates that one core can do in a second.
        var updatesPerCore: Double?
        var cpuRatio: Double?
        var rateRatio: Double?
        /// mosquitto's CPU per message when the table was measured, to show whether this machine resembles that one.
        var mosquittoMicroseconds: Double?
    }

    let name: String
    let shape: Shape
    let qos: UInt8
    /// Messages in flight per publisher; a power of two.
    let window: Int
    let transport: Endpoint.Transport
    /// Messages a second in all; nil: as fast as the window allows.
    var messagesPerSecond: Int?
    /// The single-message rows are judged by the time from publish to receipt.
    var isLatency = false
    /// Sundial keeps its state in a file that survives `kill -9`, rather than in memory.
    var isDurable = false
    var target = Target()

    /// The things whose shadows are updated; zero for loads of plain messages.
    var thingCount: Int {
        if case .shadow(let things) = self.shape { things } else { 0 }
    }

    var isShadow: Bool { self.thingCount > 0 }

    /// Subscribers and publishers each have a connection; the shadow client is both.
    var connectionCount: Int { self.isShadow ? 1 : self.subscriberCount + self.publisherCount }

    var publisherCount: Int {
        switch self.shape {
        case .fanIn(let publishers): publishers
        case .pairs(let count): count
        case .fanOut, .shadow: 1
        }
    }

    var subscriberCount: Int {
        switch self.shape {
        case .fanOut(let subscribers): subscribers
        case .pairs(let count): count
        case .fanIn, .shadow: 1
        }
    }
}

extension Scenario {
    /// The rows with a load, in the order of the table.
    static let all: [Scenario] = [
        Scenario(
            name: "1to1-q0", shape: .pairs(1), qos: 0, window: 512, transport: .tcp,
            target: Target(cpuRatio: 45, rateRatio: 18, mosquittoMicroseconds: 12.0)),
        Scenario(
            name: "1to1-q1", shape: .pairs(1), qos: 1, window: 512, transport: .tcp,
            target: Target(cpuRatio: 60, rateRatio: 30, mosquittoMicroseconds: 23.4)),
        Scenario(
            name: "fanin-q0", shape: .fanIn(publishers: 100), qos: 0, window: 16, transport: .tcp,
            target: Target(cpuRatio: 20, rateRatio: 17, mosquittoMicroseconds: 10.4)),
        Scenario(
            name: "fanin-q1", shape: .fanIn(publishers: 100), qos: 1, window: 16, transport: .tcp,
            target: Target(cpuRatio: 17, rateRatio: 17, mosquittoMicroseconds: 16.5)),
        Scenario(
            name: "fanout-q0", shape: .fanOut(subscribers: 200), qos: 0, window: 16, transport: .tcp,
            target: Target(cpuRatio: 12, rateRatio: 11, mosquittoMicroseconds: 7.3)),
        Scenario(
            name: "fanout-q1", shape: .fanOut(subscribers: 200), qos: 1, window: 16, transport: .tcp,
            target: Target(cpuRatio: 11, rateRatio: 10, mosquittoMicroseconds: 9.8)),
        Scenario(
            name: "pairs-q0", shape: .pairs(100), qos: 0, window: 16, transport: .tcp,
            target: Target(cpuRatio: 11, rateRatio: 10, mosquittoMicroseconds: 10.2)),
        Scenario(
            name: "pairs-q1", shape: .pairs(100), qos: 1, window: 16, transport: .tcp,
            target: Target(cpuRatio: 12, rateRatio: 12, mosquittoMicroseconds: 20.5)),
        Scenario(
            name: "w1-q0", shape: .pairs(100), qos: 0, window: 1, transport: .tcp,
            target: Target(cpuRatio: 1.1, rateRatio: 1.1, mosquittoMicroseconds: 11.5)),
        Scenario(
            name: "single", shape: .pairs(1), qos: 0, window: 1, transport: .tcp, isLatency: true,
            target: Target(cpuRatio: 0.95, rateRatio: 0.95, mosquittoMicroseconds: 36)),
        Scenario(
            name: "fixed-rate", shape: .pairs(1), qos: 0, window: 16, transport: .tcp, messagesPerSecond: 2000, isLatency: true,
            target: Target(cpuRatio: 0.95, mosquittoMicroseconds: 36)),
        Scenario(
            name: "ws-pairs-q0", shape: .pairs(100), qos: 0, window: 16, transport: .ws,
            target: Target(cpuRatio: 6, rateRatio: 5.5, mosquittoMicroseconds: 7.0)),
        Scenario(
            name: "ws-w1-q0", shape: .pairs(100), qos: 0, window: 1, transport: .ws,
            target: Target(cpuRatio: 0.95, rateRatio: 0.95, mosquittoMicroseconds: 12.1)),
        Scenario(
            name: "wss-1to1-q0", shape: .pairs(1), qos: 0, window: 512, transport: .wss,
            target: Target(cpuRatio: 15, rateRatio: 7, mosquittoMicroseconds: 8.4)),
        Scenario(
            name: "tls-1to1-q0", shape: .pairs(1), qos: 0, window: 512, transport: .tls,
            target: Target(cpuRatio: 25, rateRatio: 14, mosquittoMicroseconds: 11.9)),
        Scenario(
            name: "tls-pairs-q0", shape: .pairs(100), qos: 0, window: 16, transport: .tls,
            target: Target(cpuRatio: 9, rateRatio: 8, mosquittoMicroseconds: 12.6)),
        Scenario(
            name: "shadow-1-memory", shape: .shadow(things: 1), qos: 1, window: 64, transport: .tcp,
            target: Target(updatesPerCore: 25000)),
        Scenario(
            name: "shadow-100-memory", shape: .shadow(things: 100), qos: 1, window: 64, transport: .tcp,
            target: Target(updatesPerCore: 25000)),
        Scenario(
            name: "shadow-1-durable", shape: .shadow(things: 1), qos: 1, window: 64, transport: .tcp, isDurable: true,
            target: Target(updatesPerCore: 15000)),
        Scenario(
            name: "shadow-100-durable", shape: .shadow(things: 100), qos: 1, window: 64, transport: .tcp, isDurable: true,
            target: Target(updatesPerCore: 15000)),
    ]

    static func named(_ name: String) throws(BenchFailure) -> Scenario {
        guard let scenario = Self.all.first(where: { $0.name == name }) else {
            throw BenchFailure("no scenario is called \(name); there are \(Self.all.map(\.name).joined(separator: ", "))")
        }
        return scenario
    }
}
