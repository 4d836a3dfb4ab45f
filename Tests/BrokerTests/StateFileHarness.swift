import Broker
import Dispatch
import Foundation
import GRDB
import Sessions
import Shadows
import Synchronization
import Testing
import Timeline
import Topics

@testable import Persistence

/// Cores on virtual time that follow each other over one state file, each going on where the last one was cut off.
final class StateFileHarness {
    let path: String
    private(set) var harness: CoreHarness
    private var file: StateFile
    private var reports: Reports
    private let folder: URL
    private var time: VirtualTime

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("sundial-core-\(UUID().uuidString)")
        self.path = self.folder.appendingPathComponent("state.sqlite").path
        self.time = VirtualTime(wall: WallTime(secondsSinceEpoch: 1_700_000_000))
        (self.file, self.reports, self.harness) = try Self.start(self.path, self.time.wall)
    }

    deinit {
        self.file.close()
        try? FileManager.default.removeItem(at: self.folder)
    }

    private static func start(_ path: String, _ wall: WallTime) throws -> (StateFile, Reports, CoreHarness) {
        let file = try StateFile(path: path, durability: .process)
        let image = try file.load(ClockReading(now: .zero, wall: wall))
        let reports = Reports()
        let harness = CoreHarness(journal: file.makeJournal(report: reports.add), wall: wall)
        try harness.core.restore(image)
        harness.settle()
        return (file, reports, harness)
    }

    var core: BrokerCore { self.harness.core }

    /// Lets the journal come to rest.
    func commit() {
        while self.core.hasUncommittedWork {
            self.core.journalReported(self.reports.next())
            self.harness.settle()
        }
    }

    /// The process is killed with all its clients and starts again after a while; what was not committed is gone.
    func crash(downFor downtime: Duration = .zero) throws {
        // The group that is being written, if there is one, may get into the file or not; here it does.
        self.file.close()
        let wall = self.harness.time.wall + downtime
        (self.file, self.reports, self.harness) = try Self.start(self.path, wall)
        self.commit()
    }

    /// What another reader finds in the file.
    func written() throws -> StateImage {
        let queue = try DatabaseQueue(path: self.path)
        return try queue.read { db in
            var reader = StateReader(db, clock: ClockReading(now: .zero, wall: WallTime(secondsSinceEpoch: 1_700_000_000)))
            return try reader.image()
        }
    }

    /// Rows of messages that no delivery refers to.
    func strayMessages() throws -> Int {
        try DatabaseQueue(path: self.path).read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM message WHERE id NOT IN (SELECT message FROM delivery WHERE message IS NOT NULL)") ?? 0
        }
    }

    private final class Reports: Sendable {
        private let waiting = Mutex<[JournalReport]>([])
        private let count = DispatchSemaphore(value: 0)

        func add(_ report: JournalReport) {
            self.waiting.withLock { $0.append(report) }
            self.count.signal()
        }

        func next() -> JournalReport {
            self.count.wait()
            return self.waiting.withLock { $0.removeFirst() }
        }
    }
}

extension StateImage {
    /// One line for each fact, in an order that does not depend on how it came to be.
    var lines: [String] {
        var lines: [String] = []
        for version in self.shadows {
            let record = version.record
            let texts = [record?.desired, record?.reported].map { section in
                section.map { String(decoding: $0.state + $0.metadata, as: UTF8.self) } ?? "-"
            }
            lines.append(
                "shadow \(version.serial) \(version.id.topicPrefix) v\(version.version) \(version.changedAt) \(record == nil) \(texts) \(version.origin)"
            )
        }
        for (topic, retained) in self.retained {
            lines.append("retained \(topic.string) \(Self.text(retained.message)) \(retained.changedAt)")
        }
        for session in self.sessions {
            let place = "session \(session.number)"
            lines.append("\(place) \(session.clientID) \(session.origin) \(session.expirySeconds)")
            lines.append("\(place) will \(session.will.map { "\($0)" } ?? "-") due \(session.willDueAt.map { "\($0)" } ?? "-")")
            for (filter, options) in session.subscriptions { lines.append("\(place) filter \(filter.string) \(options)") }
            for record in session.messages {
                let message = record.message.map { Self.text($0) } ?? "handed over"
                lines.append("\(place) message \(record.serial) id \(record.packetID) \(record.qos) \(record.retain) \(message)")
            }
            lines.append("\(place) unreleased \(session.unreleased.sorted())")
        }
        return lines.sorted()
    }

    private static func text(_ message: StoredMessage) -> String {
        "\(String(decoding: message.topic, as: UTF8.self)) \(message.payload) \(message.properties) \(message.qos) cause \(message.cause)"
    }
}
