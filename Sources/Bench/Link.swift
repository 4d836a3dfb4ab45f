import COpenSSL
import Glibc

/// One client connection: a socket, perhaps TLS, perhaps WebSocket frames. It knows no MQTT.
///
/// Non-blocking from the moment it is connected; `Link+Opening` takes it from there to the SUBACK.
struct Link: ~Copyable {
    enum Received {
        /// Payload bytes now at the place given, and whether the socket may hold more.
        case bytes(Int, mayHaveMore: Bool)
        case nothing
        case closed
    }

    let descriptor: Int32
    let session: OpaquePointer?
    let isWebSocket: Bool
    var opening = Opening.handshaking
    private var stripper = FrameStripper()
    var outbound: OutboundBytes
    /// A packet cut short by the last read.
    private var rest: UnsafeMutableRawPointer?
    private var restCapacity = 0
    private(set) var restBytes = 0
    /// The socket took less than it was given; wait for it to become writable.
    private(set) var isBlocked = false

    /// Connects the socket; ``advance(_:_:scratch:)`` does the rest.
    static func open(to endpoint: Endpoint, tls: TLSContext?) throws(BenchFailure) -> Link {
        let descriptor = try Self.connectedSocket(endpoint)
        guard endpoint.transport.isEncrypted, let tls else {
            return Link(descriptor: descriptor, session: nil, isWebSocket: endpoint.transport.isWebSocket)
        }
        do throws(BenchFailure) {
            return Link(descriptor: descriptor, session: try tls.session(on: descriptor), isWebSocket: endpoint.transport.isWebSocket)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private init(descriptor: Int32, session: OpaquePointer?, isWebSocket: Bool) {
        self.descriptor = descriptor
        self.session = session
        self.isWebSocket = isWebSocket
        self.outbound = OutboundBytes(isFramed: isWebSocket)
    }

    deinit {
        if let session = self.session { SSL_free(session) }
        close(self.descriptor)
        self.outbound.deallocate()
        self.rest?.deallocate()
    }

    /// Puts what the last read left over at the front of `scratch` and reads behind it.
    /// - Returns: all bytes now in `scratch`, framing removed.
    @inline(__always)
    mutating func receive(into scratch: UnsafeMutableRawBufferPointer) -> Received {
        guard let base = scratch.baseAddress else { return .nothing }
        let kept = self.restBytes
        if kept > 0, let rest = self.rest { base.copyMemory(from: rest, byteCount: kept) }
        let room = scratch.count - kept
        var count: Int
        if let session = self.session {
            count = Int(SSL_read(session, base + kept, Int32(room)))
            if count <= 0 {
                let error = SSL_get_error(session, Int32(count))
                return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? .nothing : .closed
            }
        } else {
            count = recv(self.descriptor, base + kept, room, 0)
            if count == 0 { return .closed }
            if count < 0 { return errno == EAGAIN || errno == EINTR ? .nothing : .closed }
        }
        let mayHaveMore = self.session != nil || count == room
        if self.isWebSocket {
            count = self.stripper.strip(base + kept, count: count)
            if self.stripper.isClosed { return .closed }
        }
        self.restBytes = 0
        return .bytes(kept + count, mayHaveMore: mayHaveMore)
    }

    /// Keeps the beginning of a packet for the next read.
    @inline(__always)
    mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        self.restBytes = bytes.count
        guard bytes.count > 0, let source = bytes.baseAddress else { return }
        if bytes.count > self.restCapacity {
            self.rest?.deallocate()
            self.restCapacity = max(1024, bytes.count * 2)
            self.rest = .allocate(byteCount: self.restCapacity, alignment: 16)
        }
        self.rest?.copyMemory(from: source, byteCount: bytes.count)
    }

    /// Writes what is waiting, as far as the socket takes it.
    /// - Returns: false when the connection is gone.
    @inline(__always)
    mutating func flush() -> Bool {
        self.outbound.prepareToSend()
        self.isBlocked = false
        while self.outbound.pendingBytes > 0 {
            let unsent = self.outbound.unsent
            let count: Int
            if let session = self.session {
                count = Int(SSL_write(session, unsent.baseAddress, Int32(unsent.count)))
                if count <= 0 {
                    let error = SSL_get_error(session, Int32(count))
                    self.isBlocked = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
                    return self.isBlocked
                }
            } else {
                count = send(self.descriptor, unsent.baseAddress, unsent.count, Int32(MSG_NOSIGNAL))
                if count < 0 {
                    self.isBlocked = errno == EAGAIN || errno == EINTR
                    return self.isBlocked
                }
            }
            self.outbound.sent(count)
        }
        return true
    }

    private static func connectedSocket(_ endpoint: Endpoint) throws(BenchFailure) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = endpoint.port.bigEndian
        let host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw BenchFailure("\(endpoint.host) is not an IPv4 address") }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | UInt32(SOCK_CLOEXEC.rawValue)), 0)
        guard descriptor >= 0 else { throw .system("socket") }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // Connecting blocks, which on loopback takes no time; everything after it must not.
        guard result == 0, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
            let failure = BenchFailure.system("connect to \(endpoint.hostHeader)")
            close(descriptor)
            throw failure
        }
        return descriptor
    }
}
