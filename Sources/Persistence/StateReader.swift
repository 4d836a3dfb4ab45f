import Broker
import Foundation
import GRDB
import MQTTWire
import Sessions
import Shadows
import Timeline
import Topics

/// Reads a whole state file into values.
struct StateReader {
    private let db: Database
    private let clock: ClockReading
    /// Which delivery refers to which message, for the writer that goes on.
    private(set) var messages = MessageTable()

    init(_ db: Database, clock: ClockReading) {
        self.db = db
        self.clock = clock
    }

    mutating func image() throws -> StateImage {
        StateImage(shadows: try self.shadows(), retained: try self.retained(), sessions: try self.sessions(), things: try self.things())
    }

    private func shadows() throws -> [ShadowVersion] {
        var versions: [ShadowVersion] = []
        let rows = try Row.fetchCursor(self.db, sql: "SELECT * FROM shadow_version ORDER BY serial")
        while let row = try rows.next() {
            guard let thing = ThingName(row["thing"] as String) else { throw Self.damage("a thing's name") }
            let name = (row["name"] as String?).map { ShadowName($0) }
            if case .some(nil) = name { throw Self.damage("a shadow's name") }
            let id = ShadowID(thing: thing, name: name ?? nil)
            let at = WallTime(nanosecondsSinceEpoch: row["changed_at"])
            let change: ShadowChange =
                row["is_deletion"]
                ? .deleted(ShadowTombstone(id: id, version: row["version"], deletedAt: at))
                : .stored(
                    ShadowRecord(
                        id: id, version: row["version"], changedAt: at, desired: Self.section(row["desired"], row["desired_metadata"]),
                        reported: Self.section(row["reported"], row["reported_metadata"])))
            let origin = ShadowVersion.Origin(
                cause: UInt64(bitPattern: row["cause"] as Int64), clientID: row["client"], principal: row["principal"])
            versions.append(ShadowVersion(serial: UInt64(bitPattern: row["serial"] as Int64), change: change, origin: origin))
        }
        return versions
    }

    private static func section(_ state: Data?, _ metadata: Data?) -> ShadowRecord.Section? {
        guard let state, let metadata else { return nil }
        return ShadowRecord.Section(state: Array(state), metadata: Array(metadata))
    }

    private func retained() throws -> [(topic: TopicName, message: RetainedMessage)] {
        var retained: [(topic: TopicName, message: RetainedMessage)] = []
        let rows = try Row.fetchCursor(self.db, sql: "SELECT * FROM retained")
        while let row = try rows.next() {
            let topic = Array(row["topic"] as Data)
            guard let name = try? topic.withUnsafeBytes({ try TopicName($0) }) else { throw Self.damage("a topic") }
            let changedAt = WallTime(nanosecondsSinceEpoch: row["changed_at"])
            retained.append((name, RetainedMessage(message: try self.message(row, topic: topic), changedAt: changedAt)))
        }
        return retained
    }

    private func message(_ row: Row, topic: [UInt8]) throws -> StoredMessage {
        guard let qos = QoS(rawValue: row["qos"]) else { throw Self.damage("a QoS") }
        let expiry = (row["expires_at"] as Int64?).map { self.clock.instant(at: WallTime(nanosecondsSinceEpoch: $0)) }
        return StoredMessage(
            topic: topic, payload: Array(row["payload"] as Data), properties: Array(row["properties"] as Data), qos: qos,
            cause: UInt64(bitPattern: row["cause"] as Int64), expiresAt: expiry)
    }

    private func things() throws -> [ThingRecord] {
        try Row.fetchAll(self.db, sql: "SELECT * FROM thing ORDER BY name").map { row in
            guard let name = ThingName(row["name"] as String), let attributes = AttributesColumn.attributes(from: row["attributes"])
            else { throw Self.damage("a thing") }
            return ThingRecord(
                name: name, id: row["id"], createdAt: WallTime(nanosecondsSinceEpoch: row["created_at"]), version: row["version"],
                settings: ThingSettings(attributes: attributes, thingType: row["thing_type"], billingGroup: row["billing_group"]))
        }
    }

    private mutating func sessions() throws -> [SessionRecord] {
        var records: [UInt64: SessionRecord] = [:]
        let rows = try Row.fetchCursor(self.db, sql: "SELECT * FROM session")
        while let row = try rows.next() {
            guard let version = ProtocolVersion(rawValue: row["protocol"]) else { throw Self.damage("a protocol version") }
            let number = UInt64(bitPattern: row["number"] as Int64)
            records[number] = SessionRecord(
                number: number, clientID: ClientID(row["client"]),
                origin: SessionState.Origin(profile: row["profile"], version: version), expirySeconds: row["expiry"],
                disconnectedAt: (row["left_at"] as Int64?).map { WallTime(nanosecondsSinceEpoch: $0) },
                will: (row["will"] as Data?).flatMap { WillColumn.will(from: Array($0)) },
                willDueAt: (row["will_due_at"] as Int64?).map { WallTime(nanosecondsSinceEpoch: $0) })
        }
        try self.addSubscriptions(to: &records)
        try self.addMessages(to: &records)
        for row in try Row.fetchAll(self.db, sql: "SELECT * FROM unreleased") {
            records[UInt64(bitPattern: row["session"] as Int64)]?.unreleased.insert(row["packet_id"])
        }
        return records.values.sorted { $0.number < $1.number }
    }

    private func addSubscriptions(to records: inout [UInt64: SessionRecord]) throws {
        let rows = try Row.fetchCursor(self.db, sql: "SELECT * FROM subscription")
        while let row = try rows.next() {
            let number = UInt64(bitPattern: row["session"] as Int64)
            guard let profile = records[number]?.origin.profile else { continue }
            let bytes = Array(row["filter"] as Data)
            guard let filter = try? bytes.withUnsafeBytes({ try TopicFilter($0) }), let qos = QoS(rawValue: row["qos"]),
                let handling = Subscription.RetainHandling(rawValue: row["retain_handling"])
            else { throw Self.damage("a subscription") }
            records[number]?.subscriptions[filter] = SubscriptionOptions(
                qos: qos, noLocal: row["no_local"], retainAsPublished: row["retain_as_published"], retainHandling: handling,
                identifier: row["identifier"], hashMatchesParent: ServiceProfile.named(profile)?.limits.hashMatchesParent ?? true,
                share: filter.shareName.map { ShareKey(name: $0, filter: filter.bytes) })
        }
    }

    private mutating func addMessages(to records: inout [UInt64: SessionRecord]) throws {
        var messages: [Int64: StoredMessage] = [:]
        for row in try Row.fetchAll(self.db, sql: "SELECT * FROM message") {
            messages[row["id"]] = try self.message(row, topic: Array(row["topic"] as Data))
        }
        let rows = try Row.fetchCursor(self.db, sql: "SELECT * FROM delivery ORDER BY session, serial")
        while let row = try rows.next() {
            guard let qos = QoS(rawValue: row["qos"]) else { throw Self.damage("a QoS") }
            let key = GroupDraft.MessageKey(
                session: UInt64(bitPattern: row["session"] as Int64), serial: UInt64(bitPattern: row["serial"] as Int64))
            let place: Int64? = row["message"]
            let message = place.flatMap { messages[$0] }
            if place != nil, message == nil { throw Self.damage("a message") }
            records[key.session]?.messages.append(
                OutboundFlight.Record(
                    serial: key.serial, message: message, qos: qos, retain: row["retain"], packetID: row["packet_id"]))
            self.messages.add(key, message, row: place ?? 0)
        }
    }

    private static func damage(_ what: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(what) cannot be read")
    }
}
