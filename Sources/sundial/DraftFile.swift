import Glibc

/// A file that takes the place of another one when it is complete, and not before.
///
/// Until then it has no name at all, so that a process that is killed leaves nothing behind; where the file system cannot do that, it is
/// a file beside the other one. What takes bytes as they come (a device, a pipe) is written to straight.
final class DraftFile {
    private let path: String
    private let purpose: String
    private let place: TextFile.Place
    private var descriptor: Int32
    private var isNamed = false
    private var isComplete = false

    /// Where `open(2)` makes files without a name; the header's macro is more than Swift reads.
    private static let nameless: Int32 = 0o20_000_000 | O_DIRECTORY

    /// - Parameter purpose: what the file is for, as complaints say it: `ports file`.
    init(_ path: String, purpose: String) throws(Complaint) {
        self.path = path
        self.purpose = purpose
        self.place = TextFile.Place(of: path)
        switch self.place {
        case .stream:
            self.descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        case .file(let file, let mode):
            self.descriptor = open(Self.folder(of: file), Self.nameless | O_WRONLY | O_CLOEXEC, 0o644)
            if self.descriptor < 0 || access(Self.link(self.descriptor), F_OK) != 0 {
                if self.descriptor >= 0 { close(self.descriptor) }
                self.descriptor = open(Self.draft(of: file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
                self.isNamed = true
            }
            if let mode, self.descriptor >= 0 { fchmod(self.descriptor, mode) }
        }
        guard self.descriptor >= 0 else { throw self.failure() }
    }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
        if !self.isComplete, self.isNamed, case .file(let file, _) = self.place { unlink(Self.draft(of: file)) }
    }

    func write(_ bytes: [UInt8]) throws(Complaint) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw self.failure() }
            rest = rest.dropFirst(count)
        }
    }

    /// Puts it in its place.
    func complete() throws(Complaint) {
        if case .file(let file, _) = self.place {
            let draft = Self.draft(of: file)
            if !self.isNamed {
                unlink(draft)
                guard linkat(AT_FDCWD, Self.link(self.descriptor), AT_FDCWD, draft, AT_SYMLINK_FOLLOW) == 0 else { throw self.failure() }
                self.isNamed = true
            }
            guard rename(draft, file) == 0 else { throw self.failure() }
        }
        let descriptor = self.descriptor
        self.descriptor = -1
        self.isComplete = true
        guard close(descriptor) == 0 else { throw self.failure() }
    }

    private func failure() -> Complaint { TextFile.failure("write", self.purpose, self.path) }

    private static func draft(of file: String) -> String { "\(file).\(getpid())" }

    private static func link(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

    private static func folder(of file: String) -> String { file.lastIndex(of: "/").map { String(file[...$0]) } ?? "." }
}
