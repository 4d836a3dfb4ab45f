import Broker
import Glibc
import Synchronization

/// One process per state file, whatever name it goes by: a lock on the file itself, which ends with the process however it ends.
///
/// The file beside it, `…-lock`, says who holds it. A lock of this kind (`flock`) and those of SQLite (`fcntl`) do not see each other;
/// but closing a descriptor of the file drops SQLite's, so this one stays open as long as the database does.
final class StateFileLock: Sendable {
    /// The absolute name of the file, links followed: a database under this name is nothing special to SQLite.
    let file: String
    /// The file's and that of the one beside it; empty once they were given up.
    private let descriptors: Mutex<[Int32]>

    /// Makes the file, empty, if there is none.
    init(for path: String) throws(StateProblem) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw StateProblem(
                "the state file \(path) cannot be written: \(String(cString: strerror(errno))); change its permissions or give another --state"
            )
        }
        do throws(StateProblem) {
            self.file = try Self.resolved(path)
            self.descriptors = Mutex([descriptor, try Self.hold(self.file, descriptor, path)])
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        self.release()
    }

    func release() {
        self.descriptors.withLock { descriptors in
            for descriptor in descriptors { close(descriptor) }
            descriptors = []
        }
    }

    private static func resolved(_ path: String) throws(StateProblem) -> String {
        guard let name = realpath(path, nil) else {
            throw StateProblem("the state file \(path) cannot be reached: \(String(cString: strerror(errno))); give another --state")
        }
        defer { free(name) }
        return String(cString: name)
    }

    /// - Returns: the descriptor of the file beside it.
    private static func hold(_ file: String, _ descriptor: Int32, _ path: String) throws(StateProblem) -> Int32 {
        let beside = open("\(file)-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard beside >= 0 else {
            throw StateProblem(
                "the state file \(path) cannot be locked: \(String(cString: strerror(errno))); its folder must be writable, or give another --state"
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, flock(beside, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.text(of: beside)
            close(beside)
            throw StateProblem(
                "the state file \(path) is in use by \(holder.isEmpty ? "another process" : "pid \(holder)"); stop it or give another --state"
            )
        }
        ftruncate(beside, 0)
        let pid = Array("\(getpid())".utf8)
        _ = pid.withUnsafeBytes { pwrite(beside, $0.baseAddress, $0.count, 0) }
        return beside
    }

    private static func text(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).filter(\.isNumber)
    }
}
