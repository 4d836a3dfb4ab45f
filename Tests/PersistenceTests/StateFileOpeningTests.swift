import Broker
import Foundation
import GRDB
import Testing
import Timeline

@testable import Persistence

@Suite("Opening a state file")
struct StateFileOpeningTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sundial-state-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    /// What opening it says, having left the file as it was.
    private static func refusal(_ path: String) throws -> String {
        let before = FileManager.default.contents(atPath: path)
        let problem = #expect(throws: StateProblem.self) { _ = try StateFile(path: path, durability: .process) }
        #expect(FileManager.default.contents(atPath: path) == before)
        return problem?.text ?? ""
    }

    @Test func aFileAndItsFoldersAreMade() throws {
        try Self.withFolder { folder in
            let path = "\(folder)/a/b/state.sqlite"
            let file = try StateFile(path: path, durability: .process)
            let image = try file.load(ClockReading(now: .zero, wall: WallTime(secondsSinceEpoch: 0)))
            #expect(image.shadows.isEmpty && image.retained.isEmpty && image.sessions.isEmpty)
            file.close()
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test(arguments: StateFile.Durability.allCases)
    func theDurabilityIsThatOfSQLite(_ durability: StateFile.Durability) throws {
        try Self.withFolder { folder in
            let file = try StateFile(path: "\(folder)/s", durability: durability)
            #expect(try file.pragma("synchronous") == (durability == .full ? 2 : 1))
            file.close()
        }
    }

    @Test func whatIsNoDatabaseIsLeftAlone() throws {
        try Self.withFolder { folder in
            let path = "\(folder)/notes.txt"
            try Data("dear diary".utf8).write(to: URL(fileURLWithPath: path))
            #expect(try Self.refusal(path).contains("is not a state file of Sundial"))
        }
    }

    @Test func aDatabaseOfAnotherProgramIsLeftAlone() throws {
        try Self.withFolder { folder in
            let path = "\(folder)/other.db"
            try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE a (b)") }
            #expect(try Self.refusal(path).contains("is a database of another program"))
        }
    }

    @Test func aNewerFileIsLeftAlone() throws {
        try Self.withFolder { folder in
            let path = "\(folder)/s"
            try StateFile(path: path, durability: .process).close()
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)") }
            try queue.close()
            let text = try Self.refusal(path)
            #expect(text.contains("newer Sundial (its version is 99, this one knows \(StateSchema.version))"))
        }
    }

    @Test func aDamagedFileIsLeftAlone() throws {
        try Self.withFolder { folder in
            let path = "\(folder)/s"
            try StateFile(path: path, durability: .process).close()
            let handle = try #require(FileHandle(forUpdatingAtPath: path))
            try handle.seek(toOffset: 4096)
            try handle.write(contentsOf: Data(repeating: 0xA5, count: 8192))
            try handle.close()
            let text = try Self.refusal(path)
            #expect(text.contains("is damaged") && text.contains("move it away"))
        }
    }

    @Test func aTruncatedFileIsLeftAlone() throws {
        try Self.withFolder { folder in
            let path = "\(folder)/s"
            try StateFile(path: path, durability: .process).close()
            let handle = try #require(FileHandle(forUpdatingAtPath: path))
            try handle.truncate(atOffset: 5000)
            try handle.close()
            #expect(try Self.refusal(path).contains("is damaged"))
        }
    }

    @Test func aFolderIsNoFile() throws {
        try Self.withFolder { folder in
            #expect(throws: StateProblem("the state file \(folder) is a folder; give --state the name of a file")) {
                _ = try StateFile(path: folder, durability: .process)
            }
        }
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        try Self.withFolder { folder in
            try Data().write(to: URL(fileURLWithPath: "\(folder)/file"))
            let problem = #expect(throws: StateProblem.self) { _ = try StateFile(path: "\(folder)/file/s", durability: .process) }
            #expect(problem?.text.contains("\(folder)/file") == true)
        }
    }

    @Test func aSecondHolderIsToldWhoTheFirstIs() throws {
        try Self.withFolder { folder in
            let path = "\(folder)/s"
            let first = try StateFile(path: path, durability: .process)
            #expect(try Self.refusal(path) == "the state file \(path) is in use by pid \(getpid()); stop it or give another --state")
            first.close()
        }
    }

    @Test func theHolderLetsGoWhenItCloses() throws {
        try Self.withFolder { folder in
            let path = "\(folder)/s"
            for _ in 0..<3 { try StateFile(path: path, durability: .process).close() }
        }
    }

    /// Names of one file: a link, a link to the file itself, and its own once the file that says who holds it is gone.
    @Test(arguments: ["symbolic", "hard", "unlocked"])
    func oneFileHasOneHolderWhateverItsName(_ kind: String) throws {
        try Self.withFolder { folder in
            let (path, other) = ("\(folder)/s", "\(folder)/t")
            let first = try StateFile(path: path, durability: .process)
            defer { first.close() }
            switch kind {
            case "symbolic": try FileManager.default.createSymbolicLink(atPath: other, withDestinationPath: path)
            case "hard": try FileManager.default.linkItem(atPath: path, toPath: other)
            default: try FileManager.default.removeItem(atPath: "\(path)-lock")
            }
            let holder = kind == "symbolic" ? "pid \(getpid())" : "another process"
            let name = kind == "unlocked" ? path : other
            #expect(try Self.refusal(name) == "the state file \(name) is in use by \(holder); stop it or give another --state")
        }
    }

    @Test func theLockOfTheFileLeavesSQLiteItsOwn() throws {
        try Self.withFolder { folder in
            let file = try StateFile(path: "\(folder)/s", durability: .process)
            defer { file.close() }
            #expect(try DatabaseQueue(path: "\(folder)/s").read { try Int.fetchOne($0, sql: "SELECT count(*) FROM thing") } == 0)
        }
    }
}
