/// A connection that updates the shadow of a thing of its own, one request at a time.
final class RestConnection {
    private let endpoint: Endpoint
    private let thing: String
    private var link: Link
    private let scratch: UnsafeMutableRawBufferPointer
    private var sent: UInt64 = 0
    private(set) var isWaiting = false

    /// - Parameter thing: nobody else updates it.
    init(to endpoint: Endpoint, thing: String) throws(BenchFailure) {
        self.endpoint = endpoint
        self.thing = thing
        self.link = try Link.open(to: endpoint, tls: nil)
        self.scratch = .allocate(byteCount: 65536, alignment: 16)
    }

    deinit {
        self.scratch.deallocate()
    }

    var descriptor: Int32 { self.link.descriptor }

    func sendCreation() throws(BenchFailure) {
        try self.send(RestRequest.create(thing: self.thing, at: self.endpoint))
    }

    func sendUpdate() throws(BenchFailure) {
        let document = ShadowLayout.document(sequence: self.sent)
        self.sent += 1
        try self.send(RestRequest.update(thing: self.thing, document: document, at: self.endpoint))
    }

    /// What the server has answered; nil while that is incomplete. A server that closes after each answer finds a new connection.
    func receive() throws(BenchFailure) -> RestAnswer? {
        switch self.link.receive(into: self.scratch) {
        case .nothing: return nil
        case .closed: throw BenchFailure("the server closed the connection of \(self.thing) instead of answering")
        case .bytes(let count, _):
            let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(self.scratch)[..<count])
            guard let answer = try RestAnswer(bytes) else {
                self.link.keep(bytes)
                return nil
            }
            self.isWaiting = false
            if answer.isLast { self.link = try Link.open(to: self.endpoint, tls: nil) }
            return answer
        }
    }

    private func send(_ request: [UInt8]) throws(BenchFailure) {
        self.link.outbound.append(request)
        // A request is smaller than any socket buffer, and nothing else is waiting in it.
        guard self.link.flush(), !self.link.isBlocked else { throw BenchFailure("the server does not take the request of \(self.thing)") }
        self.isWaiting = true
    }
}
