import Foundation

/// A private folder of small files: made 0700, written atomically, one process at a time.
struct CertificateFolder {
    let path: String

    /// Makes the folder where needed and closes it to others, unless it holds more than ours: somebody's home or `/tmp` stays as it is.
    ///
    /// - Parameter names: the files kept in it.
    init(making path: String, for names: Set<String>) throws(CertificateError) {
        self.path = path
        var parent = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            parent += "/\(part)"
            guard mkdir(parent, 0o700) == 0 || errno == EEXIST else {
                throw .unwritable(path: parent, cause: CertificateFolder.cause(errno))
            }
        }
        guard let found = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw .unwritable(path: path, cause: "it is no folder, or not a readable one")
        }
        guard found.allSatisfy({ names.contains($0) || $0 == CertificateFolder.lockName || $0.hasSuffix(CertificateFolder.draftEnd) })
        else { return }
        guard chmod(path, 0o700) == 0 else { throw .unwritable(path: path, cause: CertificateFolder.cause(errno)) }
    }

    private static let lockName = "lock"
    private static let draftEnd = ".new"

    func path(of name: String) -> String { "\(self.path)/\(name)" }

    /// Runs `body` while no other process does so in this folder, so that two first starts at once make one CA.
    func locked<Result>(_ body: () throws(CertificateError) -> Result) throws(CertificateError) -> Result {
        let path = self.path(of: CertificateFolder.lockName)
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path: path, cause: CertificateFolder.cause(errno)) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .unwritable(path: path, cause: CertificateFolder.cause(errno)) }
        }
        return try body()
    }

    /// The bytes of a file; nil when there is none.
    func read(_ name: String) throws(CertificateError) -> [UInt8]? {
        let path = self.path(of: name)
        guard access(path, F_OK) == 0 || errno != ENOENT else { return nil }
        return try CertificateFolder.bytes(ofFile: path)
    }

    /// Replaces a file in one step: a reader, or a crash, sees the old bytes or the new ones.
    func write(_ bytes: [UInt8], to name: String, mode: mode_t) throws(CertificateError) {
        let path = self.path(of: name)
        let draft = path + CertificateFolder.draftEnd
        unlink(draft)
        let descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .unwritable(path: draft, cause: CertificateFolder.cause(errno)) }
        var cause: Int32 = 0
        var rest = bytes[...]
        while cause == 0, !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                cause = errno
            }
        }
        if cause == 0, fchmod(descriptor, mode) != 0 || fsync(descriptor) != 0 { cause = errno }
        close(descriptor)
        if cause == 0, rename(draft, path) != 0 { cause = errno }
        guard cause == 0 else {
            unlink(draft)
            throw .unwritable(path: path, cause: CertificateFolder.cause(cause))
        }
    }

    /// Takes read rights of others from a key file that was loosened.
    func restrict(_ name: String) throws(CertificateError) {
        let path = self.path(of: name)
        guard chmod(path, 0o600) == 0 else { throw .unwritable(path: path, cause: CertificateFolder.cause(errno)) }
    }

    /// The largest file looked at; certificates have a few kilobytes.
    private static let maximumFileBytes = 1 << 20

    /// Reads a whole file.
    static func bytes(ofFile path: String) throws(CertificateError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, cause: CertificateFolder.cause(errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = chunk.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count > 0 {
                bytes.append(contentsOf: chunk.prefix(count))
                guard bytes.count <= CertificateFolder.maximumFileBytes else {
                    throw .unreadable(path: path, cause: "it is too large for a certificate or key")
                }
            } else if errno != EINTR {
                throw .unreadable(path: path, cause: CertificateFolder.cause(errno))
            }
        }
    }

    /// The system's word for an error number, such as `No such file or directory`.
    private static func cause(_ number: Int32) -> String {
        String(cString: strerror(number))
    }
}
