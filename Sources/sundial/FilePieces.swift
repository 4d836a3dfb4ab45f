import Glibc

/// The bytes of a file from any offset on, so that a long one need not be held; what can only be read once is.
final class FilePieces: Sendable {
    private static let pieceBytes = 1 << 18
    private static let maximumBytes = 1 << 30

    private enum Source {
        case file(Int32)
        case bytes([UInt8])
    }

    private let source: Source

    /// - Parameter path: `-` is standard input.
    /// - Parameter purpose: what the file is for, as complaints say it.
    init(_ path: String, purpose: String) throws(Complaint) {
        let descriptor = path == "-" ? -1 : open(path, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0, lseek(descriptor, 0, SEEK_CUR) == 0 {
            self.source = .file(descriptor)
            // A folder opens like a file; it is told now.
            if self.piece(at: 0) == nil { throw TextFile.failure("read", purpose, path) }
        } else {
            if descriptor >= 0 { close(descriptor) }
            self.source = .bytes(try TextFile.bytes(path, purpose: purpose, maximumBytes: Self.maximumBytes))
        }
    }

    deinit {
        if case .file(let descriptor) = self.source { close(descriptor) }
    }

    /// As many bytes as is handy; none at the end, `nil` when they cannot be read.
    func piece(at offset: Int) -> [UInt8]? {
        switch self.source {
        case .bytes(let bytes):
            return Array(bytes.dropFirst(offset).prefix(Self.pieceBytes))
        case .file(let descriptor):
            var isRead = true
            let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
                var read = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
                while read < 0, errno == EINTR { read = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
                isRead = read >= 0
                count = max(read, 0)
            }
            return isRead ? piece : nil
        }
    }
}
