import COpenSSL
import Glibc

extension Link {
    /// What a link is waiting for on its way to being usable.
    enum Opening: Equatable {
        case handshaking
        case upgrading(head: [UInt8])
        case connecting
        case subscribing
        case open
    }

    /// What a link says first.
    struct Introduction {
        let clientID: String
        var filters: [String] = []
        var qos: UInt8 = 0
    }

    /// Takes as many steps as the server's answers so far allow; never blocks.
    mutating func advance(
        _ endpoint: Endpoint, _ introduction: Introduction, scratch: UnsafeMutableRawBufferPointer
    ) throws(BenchFailure) {
        while try self.step(endpoint, introduction, scratch) {}
    }

    /// - Returns: whether there may be a further step.
    private mutating func step(
        _ endpoint: Endpoint, _ introduction: Introduction, _ scratch: UnsafeMutableRawBufferPointer
    ) throws(BenchFailure) -> Bool {
        switch self.opening {
        case .handshaking:
            guard try self.isSecured(endpoint) else { return false }
            if self.isWebSocket {
                self.outbound.appendUnframed(Self.upgradeRequest(endpoint))
                self.opening = .upgrading(head: [])
            } else {
                self.introduce(introduction)
            }
        case .upgrading(let head):
            guard try self.isUpgraded(head, endpoint) else { return false }
            self.introduce(introduction)
        case .connecting:
            guard let answer = try self.packet(0x20, scratch) else { return false }
            guard answer.count >= 4, answer[3] == 0 else { throw BenchFailure("CONNECT was refused with code \(answer.last ?? 0)") }
            guard !introduction.filters.isEmpty else {
                self.opening = .open
                return false
            }
            self.outbound.append(PacketBytes.subscribe(introduction.filters, qos: introduction.qos))
            self.opening = .subscribing
        case .subscribing:
            guard let answer = try self.packet(0x90, scratch) else { return false }
            guard answer.suffix(introduction.filters.count).allSatisfy({ $0 == introduction.qos }) else {
                throw BenchFailure("SUBSCRIBE to \(introduction.filters) was not granted")
            }
            self.opening = .open
            return false
        case .open:
            return false
        }
        guard self.flush() else { throw BenchFailure("the server closed the connection") }
        return true
    }

    private mutating func introduce(_ introduction: Introduction) {
        self.outbound.append(PacketBytes.connect(clientID: introduction.clientID))
        self.opening = .connecting
    }

    private func isSecured(_ endpoint: Endpoint) throws(BenchFailure) -> Bool {
        guard let session = self.session else { return true }
        let result = SSL_connect(session)
        if result == 1 { return true }
        let error = SSL_get_error(session, result)
        guard error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE else {
            throw BenchFailure("the TLS handshake with \(endpoint.hostHeader) failed")
        }
        return false
    }

    /// Reads the answer to the upgrade a byte at a time, so that nothing behind it is swallowed.
    private mutating func isUpgraded(_ before: [UInt8], _ endpoint: Endpoint) throws(BenchFailure) -> Bool {
        var head = before
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            switch self.receiveByte(&byte) {
            case .bytes: head.append(byte)
            case .nothing:
                self.opening = .upgrading(head: head)
                return false
            case .closed: throw BenchFailure("\(endpoint.hostHeader) closed the connection instead of answering the upgrade")
            }
            guard head.count < 8192 else { throw BenchFailure("the answer to the upgrade of \(endpoint.hostHeader) has no end") }
        }
        let text = String(decoding: head, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 101") else {
            throw BenchFailure("the upgrade was refused: \(text.split(separator: "\r\n").joined(separator: " | "))")
        }
        return true
    }

    private func receiveByte(_ byte: inout UInt8) -> Received {
        if let session = self.session {
            let count = SSL_read(session, &byte, 1)
            if count == 1 { return .bytes(1, mayHaveMore: true) }
            return SSL_get_error(session, count) == SSL_ERROR_WANT_READ ? .nothing : .closed
        }
        let count = recv(self.descriptor, &byte, 1, 0)
        if count == 1 { return .bytes(1, mayHaveMore: true) }
        return count < 0 && errno == EAGAIN ? .nothing : .closed
    }

    /// The one packet the server owes us, once it is whole.
    private mutating func packet(_ first: UInt8, _ scratch: UnsafeMutableRawBufferPointer) throws(BenchFailure) -> [UInt8]? {
        switch self.receive(into: scratch) {
        case .nothing: return nil
        case .closed: throw BenchFailure("the server closed the connection instead of answering")
        case .bytes(let count, _):
            guard let base = scratch.baseAddress, let extent = PacketExtent(base, count: count) else {
                self.keep(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[..<count]))
                return nil
            }
            guard extent.first == first, extent.totalBytes == count else {
                throw BenchFailure("a packet of type \(extent.first >> 4) came instead of \(first >> 4)")
            }
            return Array(scratch[..<count])
        }
    }

    /// RFC 6455 §4.1 with the key of its own example; the accept value is not checked, since nothing is cached between us.
    private static func upgradeRequest(_ endpoint: Endpoint) -> [UInt8] {
        let request =
            "GET \(endpoint.path) HTTP/1.1\r\nHost: \(endpoint.hostHeader)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
        return Array(request.utf8)
    }
}
