import Broker
import Glibc
import Synchronization

/// One process per state file: a lock on a file beside it, which ends with the process however it ends.
final class StateFileLock: Sendable {
    /// `nil` once it was given up.
    private let descriptor: Mutex<Int32?>

    init(for path: String) throws(StateProblem) {
        let lockPath = path + "-lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StateProblem(
                "the state file \(path) cannot be locked: \(String(cString: strerror(errno))); its folder must be writable, or give another --state"
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.text(of: descriptor)
            close(descriptor)
            throw StateProblem(
                "the state file \(path) is in use by \(holder.isEmpty ? "another process" : "pid \(holder)"); stop it or give another --state"
            )
        }
        ftruncate(descriptor, 0)
        let pid = Array("\(getpid())".utf8)
        _ = pid.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        self.release()
    }

    func release() {
        if let descriptor = self.descriptor.withLock({ $0.take() }) { close(descriptor) }
    }

    private static func text(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).filter(\.isNumber)
    }
}
