import Glibc
import SigV4

/// What connections cost a server: CPU to open and close one, memory to keep one.
enum ConnectionCosts {
    /// CPU microseconds of the server per connection, from the socket to the CONNACK and to its end, over `count` of them.
    static func connect(to endpoint: Endpoint, server: ServerProcess, count: Int = 1000) throws(BenchFailure) -> Double {
        let tls = endpoint.transport.isEncrypted ? try TLSContext() : nil
        // The first ones pay for what is set up once.
        try Self.open(50, endpoint, tls)
        let before = try server.cpuNanoseconds()
        try Self.open(count, endpoint, tls)
        return Double(try server.cpuNanoseconds() - before) / 1000 / Double(count)
    }

    /// Bytes of resident memory that each of `count` idle connections adds.
    static func idle(at endpoint: Endpoint, server: ServerProcess, count: Int = 2000) throws(BenchFailure) -> Double {
        let tls = endpoint.transport.isEncrypted ? try TLSContext() : nil
        try Self.open(1, endpoint, tls)
        let before = try server.residentBytes()
        let links = try LinkSet.open(count, endpoint: endpoint, tls: tls) { Link.Introduction(clientID: "bench-idle-\($0)") }
        defer { links.deinitialize(count: count).deallocate() }
        usleep(500_000)
        return Double(try server.residentBytes() - before) / Double(count)
    }

    /// The endpoint with a path that carries a fresh signature by the well-known local credentials.
    static func signed(_ endpoint: Endpoint) -> Endpoint {
        let place = SignedEndpoint(scheme: endpoint.transport == .wss ? .wss : .ws, host: endpoint.host, port: Int(endpoint.port))
        let url = Presigner.presign(
            place, as: .javaScriptV1, credentials: .local, region: "us-east-1", date: currentWallTime())
        var signed = endpoint
        if let query = url.firstIndex(of: "?") { signed.path = "/mqtt" + url[query...] }
        return signed
    }

    private static func open(_ count: Int, _ endpoint: Endpoint, _ tls: TLSContext?) throws(BenchFailure) {
        let links = try LinkSet.open(count, endpoint: endpoint, tls: tls) { Link.Introduction(clientID: "bench-connect-\($0)") }
        links.deinitialize(count: count).deallocate()
        // Until the server has noticed that they are gone.
        usleep(300_000)
    }
}
