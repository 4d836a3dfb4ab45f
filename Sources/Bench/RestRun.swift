import Glibc

/// UpdateThingShadow over kept connections, each with one request in flight and every request signed anew.
///
/// Each connection has a thing of its own, so versions must rise by one from answer to answer. One thread, one `poll`.
struct RestRun: ~Copyable {
    private let server: ServerProcess
    private let connections: [RestConnection]
    private let registers: Bool

    /// How long an answer is awaited.
    private static let patienceNanoseconds: Int64 = 3_000_000_000

    /// - Parameter registers: things are created first.
    init(connections: Int, endpoint: Endpoint, server: ServerProcess, registers: Bool) throws(BenchFailure) {
        self.server = server
        self.registers = registers
        var opened: [RestConnection] = []
        for index in 0..<connections { opened.append(try RestConnection(to: endpoint, thing: ShadowLayout.thing(index))) }
        self.connections = opened
    }

    /// Warms up, measures for `seconds`, stops sending, waits for the rest, and counts.
    func run(seconds: Double, warmUpSeconds: Double) throws(BenchFailure) -> LoadResult {
        if self.registers { try self.register() }
        var versions = VersionLedger(streams: self.connections.count)
        var delivered: Int64 = 0
        for connection in self.connections { try connection.sendUpdate() }
        try self.turn(until: monotonicNanoseconds() + Int64(warmUpSeconds * 1e9), isSending: true, &versions, &delivered)
        let before = try LoadReading(self.server, delivered: delivered)
        try self.turn(until: monotonicNanoseconds() + Int64(seconds * 1e9), isSending: true, &versions, &delivered)
        let after = try LoadReading(self.server, delivered: delivered)
        try self.turn(until: monotonicNanoseconds() + Self.patienceNanoseconds, isSending: false, &versions, &delivered)
        return LoadResult(
            scenario: "rest-update", isUpdate: true, from: before, to: after,
            faults: LoadFaults(lost: self.connections.count { $0.isWaiting }, unevenVersions: versions.uneven))
    }

    private func register() throws(BenchFailure) {
        for connection in self.connections {
            try connection.sendCreation()
            let deadline = monotonicNanoseconds() + 10 * Self.patienceNanoseconds
            while connection.isWaiting {
                guard monotonicNanoseconds() < deadline else { throw BenchFailure("CreateThing was not answered") }
                self.awaitBytes(milliseconds: 10)
                guard let answer = try connection.receive() else { continue }
                guard answer.status == 200 else { throw BenchFailure("CreateThing was refused, \(answer.text)") }
            }
        }
    }

    /// Takes answers until `end`; when it is not sending, until every request has one.
    private func turn(
        until end: Int64, isSending: Bool, _ versions: inout VersionLedger, _ delivered: inout Int64
    ) throws(BenchFailure) {
        while monotonicNanoseconds() < end, self.connections.contains(where: \.isWaiting) {
            self.awaitBytes(milliseconds: 1)
            for (index, connection) in self.connections.enumerated() where connection.isWaiting {
                guard let answer = try connection.receive() else { continue }
                guard let version = answer.version else { throw BenchFailure("an update was refused, \(answer.text)") }
                versions.received(version, on: index)
                delivered += 1
                if isSending { try connection.sendUpdate() }
            }
        }
    }

    /// Waits until a connection has something to read.
    private func awaitBytes(milliseconds: Int32) {
        var places = self.connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        poll(&places, nfds_t(places.count), milliseconds)
    }
}
