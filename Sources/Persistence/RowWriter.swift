import Broker
import Foundation
import GRDB
import MQTTWire
import Sessions
import Shadows
import Timeline
import Topics

/// Turns a draft into rows, inside a transaction.
struct RowWriter {
    private let db: Database
    private let clock: ClockReading

    init(_ db: Database, clock: ClockReading) {
        self.db = db
        self.clock = clock
    }

    func write(_ draft: GroupDraft, _ plan: MessageTable.Plan) throws {
        if draft.replacesAll { for table in StateSchema.tables { try self.db.execute(sql: "DELETE FROM \(table)") } }
        for serial in draft.droppedShadowVersions { try self.run("DELETE FROM shadow_version WHERE serial = ?", [Int64(serial)]) }
        for version in draft.imageShadows + draft.shadows.values.sorted(by: { $0.serial < $1.serial }) { try self.write(version) }
        for (topic, message) in draft.retained { try self.write(topic, message) }
        for (name, thing) in draft.things { try self.write(name, thing) }
        for entry in draft.sessionEntries { try self.write(entry) }
        for (row, message) in plan.written { try self.write(message, row) }
        for (key, record, row) in plan.deliveries { try self.write(key, record, row) }
        for (key, change) in draft.messageChanges { try self.write(key, change) }
        for row in plan.dropped { try self.run("DELETE FROM message WHERE id = ?", [row]) }
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try self.db.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    // MARK: Shadows

    private func write(_ version: ShadowVersion) throws {
        let record = version.record
        try self.run(
            "INSERT OR REPLACE INTO shadow_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                Int64(version.serial), version.id.thing.text, version.id.name?.text, version.version,
                version.changedAt.nanosecondsSinceEpoch, record == nil,
                (record?.desired?.state).map { Data($0) }, (record?.desired?.metadata).map { Data($0) },
                (record?.reported?.state).map { Data($0) }, (record?.reported?.metadata).map { Data($0) },
                Int64(version.origin.cause), version.origin.clientID, version.origin.principal,
            ])
    }

    // MARK: Retained messages

    private func write(_ topic: TopicName, _ retained: RetainedMessage?) throws {
        guard let retained else {
            try self.run("DELETE FROM retained WHERE topic = ?", [Data(topic.bytes)])
            return
        }
        let message = retained.message
        try self.run(
            "INSERT OR REPLACE INTO retained VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                Data(topic.bytes), Data(message.payload), Data(message.properties), message.qos.rawValue, Int64(message.cause),
                retained.changedAt.nanosecondsSinceEpoch, self.expiry(of: message),
            ])
    }

    // MARK: Things

    private func write(_ name: ThingName, _ thing: ThingRecord?) throws {
        guard let thing else {
            try self.run("DELETE FROM thing WHERE name = ?", [name.text])
            return
        }
        try self.run(
            "INSERT OR REPLACE INTO thing VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                name.text, thing.id, thing.createdAt.nanosecondsSinceEpoch, thing.version,
                AttributesColumn.text(of: thing.settings.attributes),
                thing.settings.thingType, thing.settings.billingGroup,
            ])
    }

    private func expiry(of message: StoredMessage) -> Int64? {
        message.expiresAt.map { self.clock.wallTime(at: $0).nanosecondsSinceEpoch }
    }

    // MARK: Messages of kept sessions

    private func write(_ message: StoredMessage, _ row: Int64) throws {
        try self.run(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                row, Data(message.topic), Data(message.payload), Data(message.properties), message.qos.rawValue, Int64(message.cause),
                self.expiry(of: message),
            ])
    }

    private func write(_ key: GroupDraft.MessageKey, _ record: OutboundFlight.Record, _ row: Int64?) throws {
        try self.run(
            "INSERT OR REPLACE INTO delivery VALUES (?, ?, ?, ?, ?, ?)",
            [Int64(key.session), Int64(key.serial), row, record.qos.rawValue, record.retain, record.packetID])
    }

    private func write(_ key: GroupDraft.MessageKey, _ change: GroupDraft.MessageChange) throws {
        let place: [any DatabaseValueConvertible] = [Int64(key.session), Int64(key.serial)]
        switch change {
        case .sent(let packetID):
            try self.run(
                "UPDATE delivery SET packet_id = ? WHERE session = ? AND serial = ?", StatementArguments([packetID] + place))
        case .handedOver(let packetID):
            try self.run(
                "UPDATE delivery SET message = NULL, packet_id = coalesce(?, packet_id) WHERE session = ? AND serial = ?",
                StatementArguments([packetID as (any DatabaseValueConvertible)?] + place))
        case .released:
            try self.run("DELETE FROM delivery WHERE session = ? AND serial = ?", StatementArguments(place))
        }
    }

    // MARK: Sessions

    private func write(_ entry: JournalEntry) throws {
        switch entry {
        case .sessionOpened(let record):
            try self.run(
                "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, NULL, ?, NULL)",
                [
                    Int64(record.number), record.clientID.text, record.origin.profile, record.origin.version.rawValue,
                    Int64(record.expirySeconds), record.will.map { Data(WillColumn.bytes(of: $0)) },
                ])
        case .sessionLeft(let number, let at, let expirySeconds, let willDueAt):
            try self.run(
                """
                UPDATE session SET left_at = ?1, expiry = ?2, will_due_at = ?3, will = CASE WHEN ?3 IS NULL THEN NULL ELSE will END
                WHERE number = ?4
                """,
                [at.nanosecondsSinceEpoch, Int64(expirySeconds), willDueAt?.nanosecondsSinceEpoch, Int64(number)])
        case .willSettled(let number):
            try self.run("UPDATE session SET will = NULL, will_due_at = NULL WHERE number = ?", [Int64(number)])
        case .sessionEnded(let number):
            for sql in [
                "DELETE FROM session WHERE number = ?", "DELETE FROM subscription WHERE session = ?",
                "DELETE FROM delivery WHERE session = ?",
                "DELETE FROM unreleased WHERE session = ?",
            ] { try self.run(sql, [Int64(number)]) }
        case .subscribed(let number, let filter, let options):
            try self.run(
                "INSERT OR REPLACE INTO subscription VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    Int64(number), Data(filter.string.utf8), options.qos.rawValue, options.noLocal, options.retainAsPublished,
                    options.retainHandling.rawValue, options.identifier,
                ])
        case .unsubscribed(let number, let filter):
            try self.run(
                "DELETE FROM subscription WHERE session = ? AND filter = ?", [Int64(number), Data(filter.string.utf8)])
        case .arrived(let number, let packetID):
            try self.run("INSERT OR REPLACE INTO unreleased VALUES (?, ?)", [Int64(number), packetID])
        case .completed(let number, let packetID):
            try self.run("DELETE FROM unreleased WHERE session = ? AND packet_id = ?", [Int64(number), packetID])
        case .shadow, .shadowVersionsDropped, .retained, .thing, .thingRemoved, .queued, .sent, .handedOver, .released, .replaced:
            preconditionFailure("a draft keeps \(entry) apart from what concerns sessions")
        }
    }
}
