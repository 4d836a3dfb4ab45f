import Foundation
import Glibc

/// A blocking TCP connection to a door on 127.0.0.1, for bytes that no decent client would send.
///
/// Only to be used inside ``Workshop/blocking(_:)``. Every read has a deadline.
final class RawSocket {
    struct Misfortune: Error, CustomStringConvertible {
        var description: String
    }

    private let descriptor: Int32
    private var unread: [UInt8] = []

    init(port: UInt16, deadlineSeconds: Int = 20) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Misfortune(description: "connect: \(String(cString: strerror(errno)))") }
        var limit = timeval(tv_sec: deadlineSeconds, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(self.descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(self.descriptor)
    }

    /// Sends what it can: the other side may close in the middle of it, and that is for the reader to judge.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Throws `what` unless `holds`: tests' own expectations do not work on borrowed threads.
    static func check(_ holds: Bool, _ what: @autoclosure () -> String) throws(Misfortune) {
        guard holds else { throw Misfortune(description: what()) }
    }

    /// One whole MQTT packet: its first byte and its body.
    func receivePacket() throws -> (first: UInt8, body: [UInt8]) {
        let first = try self.receive(1)[0]
        var length = 0
        var shift = 0
        var byte: UInt8
        repeat {
            byte = try self.receive(1)[0]
            length |= Int(byte & 0x7F) << shift
            shift += 7
        } while byte & 0x80 != 0
        return (first, try self.receive(length))
    }

    /// Nothing more will be sent.
    func endSending() {
        shutdown(self.descriptor, Int32(SHUT_WR))
    }

    /// Exactly `count` bytes.
    func receive(_ count: Int) throws -> [UInt8] {
        while self.unread.count < count {
            guard try self.readMore() else {
                throw Misfortune(description: "closed after \(self.unread.count) of \(count) bytes: \(self.unread)")
            }
        }
        defer { self.unread.removeFirst(count) }
        return Array(self.unread.prefix(count))
    }

    /// Everything up to and with `mark`.
    func receive(through mark: [UInt8]) throws -> [UInt8] {
        while true {
            if let end = self.unread.firstEnd(of: mark) { return try self.receive(end) }
            guard try self.readMore() else { throw Misfortune(description: "closed after \(self.unread.count) bytes") }
        }
    }

    /// Everything until the other side closes. Throws when it does not.
    func receiveUntilClosed() throws -> [UInt8] {
        while try self.readMore() {}
        defer { self.unread = [] }
        return self.unread
    }

    /// False when the other side has closed or reset the connection.
    private func readMore() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
            throw Misfortune(description: "still open, and silent; so far it sent \(self.unread)")
        }
        guard count > 0 else { return false }
        self.unread += buffer[..<count]
        return true
    }
}

extension [UInt8] {
    /// The index behind the first occurrence of `mark`.
    fileprivate func firstEnd(of mark: [UInt8]) -> Int? {
        guard self.count >= mark.count else { return nil }
        for start in 0...(self.count - mark.count) where self[start..<(start + mark.count)].elementsEqual(mark) {
            return start + mark.count
        }
        return nil
    }
}
