import Glibc

/// One start of a server under test.
final class RunningServer {
    let process: ServerProcess
    private let child: ChildProcess
    private let ports: [Endpoint.Transport: UInt16]
    /// From the start of the process to the first CONNACK over TCP.
    let startNanoseconds: Int64

    init(child: ChildProcess, ports: [Endpoint.Transport: UInt16], startNanoseconds: Int64) {
        self.child = child
        self.process = ServerProcess(pid: child.pid)
        self.ports = ports
        self.startNanoseconds = startNanoseconds
    }

    func endpoint(_ transport: Endpoint.Transport) throws(BenchFailure) -> Endpoint {
        guard let port = self.ports[transport] else { throw BenchFailure("the server has no door for \(transport.rawValue)") }
        return Endpoint(transport: transport, host: "127.0.0.1", port: port)
    }

    /// The door for plain HTTP, which is also the one for WebSocket.
    func httpEndpoint() throws(BenchFailure) -> Endpoint {
        var endpoint = try self.endpoint(.ws)
        endpoint.transport = .tcp
        return endpoint
    }

    func stop() {
        self.child.stop()
    }

    /// Tries, a millisecond apart, until `attempt` gives a value.
    static func awaiting<Value>(_ child: ChildProcess, _ what: String, _ attempt: () -> Value?) throws(BenchFailure) -> Value {
        let deadline = monotonicNanoseconds() + 30_000_000_000
        while true {
            if let value = attempt() { return value }
            guard !child.hasEnded else { throw BenchFailure("the server ended before \(what): \(child.logTail)") }
            guard monotonicNanoseconds() < deadline else { throw BenchFailure("no \(what) within 30 s: \(child.logTail)") }
            usleep(1000)
        }
    }

    /// Waits for a CONNACK over TCP.
    static func awaitConnack(_ child: ChildProcess, port: UInt16) throws(BenchFailure) {
        let endpoint = Endpoint(transport: .tcp, host: "127.0.0.1", port: port)
        try Self.awaiting(child, "CONNACK") {
            let links = try? LinkSet.open(1, endpoint: endpoint, tls: nil) { _ in Link.Introduction(clientID: "bench-start") }
            links?.deinitialize(count: 1).deallocate()
            return links == nil ? nil : ()
        }
    }
}
