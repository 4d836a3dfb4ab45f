import Broker
import JSON
import MQTTWire
import Sessions
import Timeline
import Topics

/// The kept sessions of a snapshot, by client.
enum SessionList {
    static func json(_ sessions: [SessionRecord], _ clock: ClockReading) -> JSONValue {
        .array(sessions.sorted { $0.clientID.text < $1.clientID.text }.map { .object(Self.json($0, clock)) })
    }

    private static func json(_ session: SessionRecord, _ clock: ClockReading) -> JSONObject {
        var object: JSONObject = [
            "client": .string(session.clientID.text), "number": JSONValue(counter: session.number),
            "profile": .string(session.origin.profile), "protocol": .string(Self.name(of: session.origin.version)),
        ]
        // The largest number means never. MQTT 5 §3.1.2.11.2.
        if session.expirySeconds != .max { object["expirySeconds"] = JSONValue(Int64(session.expirySeconds)) }
        object["disconnectedAt"] = session.disconnectedAt.map { .string($0.iso8601) }
        object["will"] = session.will.map(WillDocument.json)
        object["willDueAt"] = session.willDueAt.map { .string($0.iso8601) }
        object["subscriptions"] = SubscriptionDocument.json(session.subscriptions)
        object["messages"] = .array(session.messages.map { .object(DeliveryDocument.json($0, clock)) })
        if !session.unreleased.isEmpty { object["unreleased"] = .array(session.unreleased.sorted().map { JSONValue(Int64($0)) }) }
        return object
    }

    private static let names = [
        "client", "number", "profile", "protocol", "expirySeconds", "disconnectedAt", "will", "willDueAt", "subscriptions", "messages",
        "unreleased",
    ]

    // MARK: Reading

    static func read(_ node: DocumentNode, _ clock: ClockReading) throws(DocumentFault) -> [SessionRecord] {
        var clients: Set<String> = []
        var numbers: Set<UInt64> = []
        var sessions: [SessionRecord] = []
        for element in try node.elements() {
            let session = try Self.session(element, clock)
            guard clients.insert(session.clientID.text).inserted else { throw try element.member("client").fault("is there twice") }
            guard numbers.insert(session.number).inserted else { throw try element.member("number").fault("is there twice") }
            sessions.append(session)
        }
        return sessions.sorted { $0.number < $1.number }
    }

    private static func session(_ node: DocumentNode, _ clock: ClockReading) throws(DocumentFault) -> SessionRecord {
        _ = try node.object(of: Self.names)
        let profile = try node.member("profile")
        guard let known = ServiceProfile.named(try profile.text()) else { throw profile.fault("is no profile; there are plain and aws") }
        let version = try node.member("protocol")
        guard let protocolVersion = Self.version(named: try version.text()) else { throw version.fault("must be 3.1, 3.1.1 or 5") }
        var session = SessionRecord(
            number: try node.member("number").counter(from: 1), clientID: try Self.clientID(try node.member("client")),
            origin: SessionState.Origin(profile: try profile.text(), version: protocolVersion),
            expirySeconds: try node["expirySeconds"]?.integer(1...UInt32.max) ?? .max)
        session.disconnectedAt = try node["disconnectedAt"]?.time()
        session.will = try node["will"].map { (node) throws(DocumentFault) in try WillDocument.read(node) }
        session.willDueAt = try node["willDueAt"]?.time()
        if let due = node["willDueAt"], session.will == nil { throw due.fault("cannot be without a will") }
        session.subscriptions = try SubscriptionDocument.read(
            try node.member("subscriptions"), hashMatchesParent: known.limits.hashMatchesParent)
        session.messages = try DeliveryDocument.read(try node.member("messages"), clock)
        for id in try node["unreleased"]?.elements() ?? [] { session.unreleased.insert(try id.integer(1...UInt16.max)) }
        return session
    }

    private static func clientID(_ node: DocumentNode) throws(DocumentFault) -> ClientID {
        let text = try node.packetText()
        guard !text.isEmpty else { throw node.fault("must not be empty") }
        return ClientID(text)
    }

    private static func name(of version: ProtocolVersion) -> String {
        switch version {
        case .v31: "3.1"
        case .v311: "3.1.1"
        case .v5: "5"
        }
    }

    private static func version(named name: String) -> ProtocolVersion? {
        ProtocolVersion.allCases.first { Self.name(of: $0) == name }
    }
}

/// A message of QoS 1 or 2 on its way to a client, waiting or in one of its phases.
enum DeliveryDocument {
    static func json(_ record: OutboundFlight.Record, _ clock: ClockReading) -> JSONObject {
        var object: JSONObject = ["serial": JSONValue(counter: record.serial), "qos": JSONValue(Int64(record.qos.rawValue))]
        if record.packetID != 0 { object["packetId"] = JSONValue(Int64(record.packetID)) }
        if record.retain { object["retain"] = true }
        object["message"] = record.message.map { .object(MessageDocument.json($0, clock)) }
        return object
    }

    static func read(_ node: DocumentNode, _ clock: ClockReading) throws(DocumentFault) -> [OutboundFlight.Record] {
        var records: [OutboundFlight.Record] = []
        var packetIDs: Set<UInt16> = []
        for element in try node.elements() {
            let record = try Self.record(element, clock)
            if let last = records.last {
                guard record.serial > last.serial else { throw try element.member("serial").fault("must be larger than the one before it") }
                guard record.packetID == 0 || last.packetID != 0 else {
                    throw try element.member("packetId").fault("cannot come after a message that waits to be sent")
                }
            }
            if record.packetID != 0, !packetIDs.insert(record.packetID).inserted {
                throw try element.member("packetId").fault("is there twice")
            }
            records.append(record)
        }
        return records
    }

    private static func record(_ node: DocumentNode, _ clock: ClockReading) throws(DocumentFault) -> OutboundFlight.Record {
        _ = try node.object(of: ["serial", "qos", "packetId", "retain", "message"])
        let qos = try MessageDocument.qos(try node.member("qos"))
        let packetID: UInt16 = try node["packetId"]?.integer(1...UInt16.max) ?? 0
        var message: StoredMessage?
        if let sent = node["message"] {
            _ = try sent.object(of: MessageDocument.names)
            message = try MessageDocument.read(sent, clock)
        } else if packetID == 0 || qos != .exactlyOnce {
            // Only a client that has the message, with the end of its QoS 2 exchange missing, needs none.
            _ = try node.member("message")
        }
        return OutboundFlight.Record(
            serial: try node.member("serial").counter(from: 1), message: message, qos: qos,
            retain: try node["retain"]?.bool() ?? false, packetID: packetID)
    }
}
