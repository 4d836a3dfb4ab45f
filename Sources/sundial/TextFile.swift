import Glibc

/// Small files that commands read and write.
enum TextFile {
    /// The largest file read.
    private static let maximumBytes = 1 << 20

    /// - Parameter purpose: what the file is for, as the complaint says it: `credentials file`.
    static func read(_ path: String, purpose: String) throws(Complaint) -> String {
        let bytes = try Self.bytes(path, purpose: purpose, maximumBytes: Self.maximumBytes)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Complaint("the \(purpose) \(path) is not UTF-8 text; give another file", .badArguments)
        }
        return text
    }

    /// - Parameter path: `-` is standard input.
    static func bytes(_ path: String, purpose: String, maximumBytes: Int) throws(Complaint) -> [UInt8] {
        let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("read", purpose, path) }
        defer { if descriptor > 0 { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("read", purpose, path)
            }
            bytes.append(contentsOf: chunk.prefix(count))
            guard bytes.count <= maximumBytes else {
                throw Complaint("the \(purpose) \(path) is larger than \(maximumBytes) bytes; give a smaller one", .badArguments)
            }
        }
    }

    /// Writes beside the file and renames, so that a reader sees all of it or nothing.
    static func replace(_ path: String, with text: String, purpose: String) throws(Complaint) {
        let draft = "\(path).\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure("write", purpose, path) }
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        guard count == bytes.count, rename(draft, path) == 0 else {
            let failure = Self.failure("write", purpose, path)
            unlink(draft)
            throw failure
        }
    }

    private static func failure(_ verb: String, _ purpose: String, _ path: String) -> Complaint {
        Complaint(
            "cannot \(verb) the \(purpose) \(path): \(String(cString: strerror(errno))); check the path and its permissions", .badArguments)
    }
}
