import Broker
import Foundation
import GRDB
import MQTTWire
import Sessions
import Shadows
import Testing
import Timeline
import Topics

@testable import Persistence

/// A folder with one state file, closed and checkpointed, that has a row or more in every table.
final class StateFileScene {
    static let clock = ClockReading(now: .zero, wall: WallTime(secondsSinceEpoch: 1_700_000_000))

    let folder: String
    var path: String { "\(self.folder)/s" }

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sundial-state-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder.path
        let file = try StateFile(path: self.path, durability: .process)
        let journal = file.makeJournal { _ in }
        journal.append(.replaced(try Self.image()))
        journal.commit(group: 1, clock: Self.clock)
        file.close()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    /// Opens, loads and closes.
    func load() throws -> StateImage {
        let file = try StateFile(path: self.path, durability: .process)
        defer { file.close() }
        return try file.load(Self.clock)
    }

    /// Another program's change.
    func execute(_ sql: String) throws {
        let queue = try DatabaseQueue(path: self.path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "\(sql); PRAGMA wal_checkpoint(TRUNCATE)") }
        try queue.close()
    }

    private static func image() throws -> StateImage {
        let thing = try #require(ThingName("lamp"))
        let section = ShadowRecord.Section(state: Array(#"{"on":true}"#.utf8), metadata: Array(#"{"on":{"timestamp":1}}"#.utf8))
        let record = ShadowRecord(
            id: ShadowID(thing: thing), version: 1, changedAt: Self.clock.wall, desired: section, reported: section)
        let topic = try TopicName("news")
        let properties = PublishProperties(userProperties: [UserProperty(name: "a", value: "b")])
        let message = StoredMessage(
            topic: topic.bytes, payload: [1, 2], properties: properties.encoded, qos: .exactlyOnce, cause: 3, expiresAt: nil)
        let session = SessionRecord(
            number: 4, clientID: ClientID("sleeper"), origin: .init(profile: "plain", version: .v5), expirySeconds: 3600,
            disconnectedAt: Self.clock.wall, will: Will(topic: "gone", payload: [5]), willDueAt: Self.clock.wall + .seconds(60),
            subscriptions: [try TopicFilter("news/#"): SubscriptionOptions(qos: .exactlyOnce, identifier: 9)],
            messages: [
                .init(serial: 1, message: message, qos: .atLeastOnce, retain: false, packetID: 7),
                .init(serial: 2, message: message, qos: .exactlyOnce, retain: true, packetID: 0),
            ],
            unreleased: [8])
        return StateImage(
            shadows: [
                ShadowVersion(serial: 1, change: .stored(record), origin: .init(cause: 1, clientID: "c", principal: nil)),
                ShadowVersion(
                    serial: 2,
                    change: .deleted(
                        ShadowTombstone(id: ShadowID(thing: thing, name: ShadowName("k")), version: 6, deletedAt: Self.clock.wall)),
                    origin: .init(cause: 2, clientID: nil, principal: nil)),
            ],
            retained: [(topic, RetainedMessage(message: message, changedAt: Self.clock.wall))], sessions: [session],
            things: [
                ThingRecord(
                    name: thing, id: "id", createdAt: Self.clock.wall, version: 2, settings: ThingSettings(attributes: ["room": "hall"]))
            ])
    }
}
