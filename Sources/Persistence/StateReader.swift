import Broker
import GRDB
import MQTTWire
import Sessions
import Shadows
import Timeline
import Topics

/// Reads a whole state file into values that a core takes back; anything else is damage.
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

    private func forEachRow(_ sql: String, _ body: (RowReader) throws -> Void) throws {
        let rows = try Row.fetchCursor(self.db, sql: sql)
        while let row = try rows.next() { try body(RowReader(row)) }
    }

    // MARK: Shadows

    private func shadows() throws -> [ShadowVersion] {
        var versions: [ShadowVersion] = []
        var latest: [ShadowID: Int] = [:]
        try self.forEachRow("SELECT * FROM shadow_version ORDER BY serial") { row in
            let version = try Self.shadowVersion(row)
            latest[version.id] = versions.count
            versions.append(version)
        }
        for place in latest.values {
            do throws(ShadowRestoreError) {
                try versions[place].record?.check()
            } catch {
                throw RowReader.damage(error.text)
            }
        }
        return versions
    }

    private static func shadowVersion(_ row: RowReader) throws -> ShadowVersion {
        guard let thing = ThingName(try row.text("thing")) else { throw RowReader.damage("a thing's name") }
        let name = try row.textIfAny("name").map { ShadowName($0) }
        if case .some(nil) = name { throw RowReader.damage("a shadow's name") }
        let id = ShadowID(thing: thing, name: name ?? nil)
        let version = try row.integer("version", 1...RowReader.largestCounter)
        let at = try row.time("changed_at")
        let change: ShadowChange =
            try row.bool("is_deletion")
            ? .deleted(ShadowTombstone(id: id, version: version, deletedAt: at))
            : .stored(
                ShadowRecord(
                    id: id, version: version, changedAt: at, desired: try Self.section("desired", row),
                    reported: try Self.section("reported", row)))
        let origin = ShadowVersion.Origin(
            cause: try row.counter("cause"), clientID: try row.textIfAny("client"), principal: try row.textIfAny("principal"))
        return ShadowVersion(serial: try row.counter("serial"), change: change, origin: origin)
    }

    private static func section(_ name: String, _ row: RowReader) throws -> ShadowRecord.Section? {
        switch (try row.bytesIfAny(name), try row.bytesIfAny("\(name)_metadata")) {
        case (nil, nil): nil
        case (let state?, let metadata?): ShadowRecord.Section(state: state, metadata: metadata)
        case (nil, _?), (_?, nil): throw RowReader.damage("\(name) state without metadata, or the other way round,")
        }
    }

    // MARK: Retained messages and things

    private func retained() throws -> [(topic: TopicName, message: RetainedMessage)] {
        var retained: [(topic: TopicName, message: RetainedMessage)] = []
        try self.forEachRow("SELECT * FROM retained") { row in
            let (topic, message) = try self.message(row)
            retained.append((topic, RetainedMessage(message: message, changedAt: try row.time("changed_at"))))
        }
        return retained
    }

    private func message(_ row: RowReader) throws -> (topic: TopicName, message: StoredMessage) {
        let topic = try row.bytes("topic")
        guard let name = try? topic.withUnsafeBytes({ try TopicName($0) }) else { throw RowReader.damage("a topic") }
        let properties = try row.bytes("properties")
        guard (try? properties.withUnsafeBytes { try PublishProperties(decoding: 0..<properties.count, of: $0) }) != nil else {
            throw RowReader.damage("properties")
        }
        let message = StoredMessage(
            topic: topic, payload: try row.bytes("payload"), properties: properties, qos: try row.value("qos"),
            cause: try row.counter("cause"), expiresAt: try row.timeIfAny("expires_at").map { self.clock.instant(at: $0) })
        return (name, message)
    }

    private func things() throws -> [ThingRecord] {
        var things: [ThingRecord] = []
        try self.forEachRow("SELECT * FROM thing ORDER BY name") { row in
            guard let name = ThingName(try row.text("name")), let attributes = AttributesColumn.attributes(from: try row.text("attributes"))
            else { throw RowReader.damage("a thing") }
            things.append(
                ThingRecord(
                    name: name, id: try row.text("id"), createdAt: try row.time("created_at"),
                    version: try row.integer("version", 1...RowReader.largestCounter),
                    settings: ThingSettings(
                        attributes: attributes, thingType: try row.textIfAny("thing_type"),
                        billingGroup: try row.textIfAny("billing_group"))))
        }
        return things
    }

    // MARK: Sessions

    private mutating func sessions() throws -> [SessionRecord] {
        var records: [UInt64: SessionRecord] = [:]
        var clients: Set<String> = []
        try self.forEachRow("SELECT * FROM session") { row in
            let record = try Self.session(row)
            guard clients.insert(record.clientID.text).inserted else { throw RowReader.damage("a client with two sessions") }
            records[record.number] = record
        }
        try self.forEachRow("SELECT * FROM subscription") { row in try Self.addSubscription(row, to: &records) }
        try self.addMessages(to: &records)
        try self.forEachRow("SELECT * FROM unreleased") { row in
            records[try row.counter("session")]?.unreleased.insert(try row.integer("packet_id", 1...UInt16.max))
        }
        return records.values.sorted { $0.number < $1.number }
    }

    private static func session(_ row: RowReader) throws -> SessionRecord {
        let client = try row.text("client")
        guard (1...65_535).contains(client.utf8.count), !client.utf8.contains(0) else { throw RowReader.damage("a client id") }
        let will = try row.bytesIfAny("will").map { WillColumn.will(from: $0) }
        if case .some(nil) = will { throw RowReader.damage("a will") }
        return SessionRecord(
            number: try row.counter("number"), clientID: ClientID(client),
            origin: SessionState.Origin(profile: try row.text("profile"), version: try row.value("protocol")),
            expirySeconds: try row.integer("expiry", 0...UInt32.max), disconnectedAt: try row.timeIfAny("left_at"), will: will ?? nil,
            willDueAt: try row.timeIfAny("will_due_at"))
    }

    private static func addSubscription(_ row: RowReader, to records: inout [UInt64: SessionRecord]) throws {
        let number = try row.counter("session")
        guard let profile = records[number]?.origin.profile else { return }
        let bytes = try row.bytes("filter")
        guard let filter = try? bytes.withUnsafeBytes({ try TopicFilter($0) }) else { throw RowReader.damage("a subscription") }
        records[number]?.subscriptions[filter] = SubscriptionOptions(
            qos: try row.value("qos"), noLocal: try row.bool("no_local"), retainAsPublished: try row.bool("retain_as_published"),
            retainHandling: try row.value("retain_handling"), identifier: try row.integerIfAny("identifier", 1...UInt32(268_435_455)),
            hashMatchesParent: ServiceProfile.named(profile)?.limits.hashMatchesParent ?? true,
            share: filter.shareName.map { ShareKey(name: $0, filter: filter.bytes) })
    }

    private mutating func addMessages(to records: inout [UInt64: SessionRecord]) throws {
        var messages: [Int64: StoredMessage] = [:]
        try self.forEachRow("SELECT * FROM message") { row in
            messages[try row.integer("id", 1...RowReader.largestCounter)] = try self.message(row).message
        }
        var table = MessageTable()
        var session: UInt64?
        var packetIDs: Set<UInt16> = []
        try self.forEachRow("SELECT * FROM delivery ORDER BY session, serial") { row in
            let key = GroupDraft.MessageKey(session: try row.counter("session"), serial: try row.counter("serial"))
            if session != key.session { packetIDs = [] }
            session = key.session
            let place = try row.integerIfAny("message", 1...RowReader.largestCounter)
            let record = OutboundFlight.Record(
                serial: key.serial, message: place.flatMap { messages[$0] }, qos: try row.value("qos"), retain: try row.bool("retain"),
                packetID: try row.integer("packet_id", 0...UInt16.max))
            // Only a message whose client has it is not there, with the end of its QoS 2 exchange missing.
            let isHandedOver = place == nil && (record.qos == .exactlyOnce || record.packetID == 0)
            guard record.message != nil || isHandedOver else { throw RowReader.damage("a message") }
            guard record.packetID == 0 || packetIDs.insert(record.packetID).inserted else { throw RowReader.damage("a packet id") }
            records[key.session]?.messages.append(record)
            table.add(key, record.message, row: place ?? 0)
        }
        self.messages = table
    }
}
