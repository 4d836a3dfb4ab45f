import Foundation
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

    /// Writes a file beside an ordinary file and renames it, so that a reader sees all of it or nothing; into anything else it writes
    /// straight.
    static func replace(_ path: String, with text: String, purpose: String) throws(Complaint) {
        let draft = try DraftFile(path, purpose: purpose)
        try draft.write(Array(text.utf8))
        try draft.complete()
    }

    static func failure(_ verb: String, _ purpose: String, _ path: String) -> Complaint {
        Complaint(
            "cannot \(verb) the \(purpose) \(path): \(String(cString: strerror(errno))); check the path and its permissions", .badArguments)
    }
}

extension TextFile {
    /// What a path leads to, links followed.
    enum Place: Equatable {
        /// An ordinary file and its permissions, which are `nil` when it is not there yet.
        case file(String, mode: mode_t?)
        /// What takes bytes as they come: a device, a pipe, or a link to what is not there yet.
        case stream

        init(of path: String) {
            let files = FileManager.default
            guard let resolved = realpath(path, nil) else {
                self = (try? files.destinationOfSymbolicLink(atPath: path)) == nil ? .file(path, mode: nil) : .stream
                return
            }
            defer { free(resolved) }
            let file = String(cString: resolved)
            let facts = try? files.attributesOfItem(atPath: file)
            guard facts?[.type] as? FileAttributeType == .typeRegular else {
                self = .stream
                return
            }
            self = .file(file, mode: (facts?[.posixPermissions] as? NSNumber).map { $0.uint32Value })
        }
    }
}
