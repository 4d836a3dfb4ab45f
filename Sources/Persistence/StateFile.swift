package import Broker
import GRDB
import Glibc

/// The state of a broker in an SQLite file (DESIGN §6).
///
/// Written by groups in write-ahead mode, on a thread of its own.
package final class StateFile: StateKeeper {
    package enum Durability: String, Sendable, CaseIterable {
        /// Survives the end of the process, however it comes: a group is with the operating system.
        case process
        /// Survives the loss of power: a group is on the disk.
        case full
    }

    package let path: String
    private let lock: StateFileLock
    private let queue: DatabaseQueue
    private let writer: GroupWriter

    /// Opens the file, making it and its folder if there are none.
    ///
    /// - Throws: a `StateProblem`; then the file is as it was.
    package init(path: String, durability: Durability) throws(StateProblem) {
        let isThere = try StateFileHeader.check(path)
        if !isThere { try Self.makeFolder(for: path) }
        self.path = path
        self.lock = try StateFileLock(for: path)
        let queue: DatabaseQueue
        do {
            queue = try Self.open(self.lock.file, path, durability)
        } catch {
            throw Self.problem(error, path)
        }
        self.queue = queue
        self.writer = GroupWriter(queue)
    }

    package func load(_ clock: ClockReading) throws -> StateImage {
        do {
            return try self.queue.read { db in
                var reader = StateReader(db, clock: clock)
                let image = try reader.image()
                self.writer.begin(with: reader.messages)
                return image
            }
        } catch {
            throw Self.problem(error, self.path)
        }
    }

    package func makeJournal(report: @escaping @Sendable (JournalReport) -> Void) -> any Journal {
        StateFileJournal(writer: self.writer, report: report)
    }

    package func close() {
        self.writer.end()
        try? self.queue.close()
        self.lock.release()
    }

    /// The value of an SQLite setting in force, for tests.
    func pragma(_ name: String) throws -> Int? {
        try self.queue.read { try Int.fetchOne($0, sql: "PRAGMA \(name)") }
    }

    // MARK: Opening

    /// - Parameter path: as it was given, for complaints.
    private static func open(_ file: String, _ path: String, _ durability: Durability) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "sundial.state"
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = \(durability == .full ? "FULL" : "NORMAL")")
        }
        let queue = try DatabaseQueue(path: file, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            // Before write-ahead mode begins, so that the header of the file itself says whose it is.
            try StateSchema.migrate(db, path: path)
            guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else { throw RowReader.damage("a page") }
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            // A file that cannot be written says so here and not at the first update.
            try db.inTransaction(.immediate) { .rollback }
        }
        return queue
    }

    private static func makeFolder(for path: String) throws(StateProblem) {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        let folder = String(path[..<slash])
        var made = ""
        for part in folder.split(separator: "/", omittingEmptySubsequences: false) {
            made += made.isEmpty && !part.isEmpty ? String(part) : "/\(part)"
            guard !part.isEmpty, mkdir(made, 0o700) != 0, errno != EEXIST, errno != EISDIR else { continue }
            throw StateProblem(
                "the folder \(made) for the state file cannot be made: \(String(cString: strerror(errno))); give another --state")
        }
    }

    private static func problem(_ error: any Error, _ path: String) -> StateProblem {
        if let problem = error as? StateProblem { return problem }
        guard let error = error as? DatabaseError else { return StateProblem("the state file \(path) cannot be used: \(error)") }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR:
            // Our statements are good, so that one which makes no sense to SQLite found a file that makes none.
            return .damagedFile(path, error.message ?? "\(error)")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            return StateProblem(
                "the state file \(path) cannot be written: \(error.message ?? "\(error)"); change its permissions or give another --state")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return StateProblem("the state file \(path) is in use by another program; close it there or give another --state")
        default:
            return StateProblem("the state file \(path) cannot be used: \(error.message ?? "\(error)")")
        }
    }
}

extension StateProblem {
    /// - Parameter what: what makes no sense in it.
    package static func damagedFile(_ path: String, _ what: String) -> StateProblem {
        StateProblem(
            "the state file \(path) is damaged (\(what)); it was left as it is: move it away to start afresh, and `sundial restore` a snapshot"
        )
    }
}
