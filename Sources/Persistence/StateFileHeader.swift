import Broker
import Glibc

/// The first bytes of a file, looked at before SQLite is: a file that is not ours stays untouched.
struct StateFileHeader {
    /// Bytes 68–71 of every state file, big-endian: "Sund". SQLite keeps them as `application_id`.
    static let applicationID: UInt32 = 0x5375_6E64

    /// Says why there can be no state file at this path; returns whether there is one already.
    static func check(_ path: String) throws(StateProblem) -> Bool {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            if errno == ENOENT { return false }
            throw StateProblem("the state file \(path) cannot be reached: \(String(cString: strerror(errno))); give another --state")
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            let kind = facts.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no ordinary file"
            throw StateProblem("the state file \(path) is \(kind); give --state the name of a file")
        }
        if facts.st_size == 0 { return true }
        try Self.checkContent(try Self.firstBytes(of: path), path)
        return true
    }

    private static func firstBytes(of path: String) throws(StateProblem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StateProblem(
                "the state file \(path) cannot be read: \(String(cString: strerror(errno))); change its permissions or give another --state"
            )
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        return Array(bytes.prefix(max(count, 0)))
    }

    private static func checkContent(_ bytes: [UInt8], _ path: String) throws(StateProblem) {
        let foreign = "give --state another name; this file was left as it is"
        guard bytes.count == 100, bytes.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw StateProblem("\(path) is not a state file of Sundial; \(foreign)")
        }
        let owner = bytes[68..<72].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard owner == Self.applicationID else {
            throw StateProblem("\(path) is a database of another program; \(foreign)")
        }
    }
}
