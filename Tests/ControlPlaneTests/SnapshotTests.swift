import Broker
import JSON
import MQTTWire
import Sessions
import Shadows
import Testing
import Timeline
import Topics

@testable import ControlPlane

/// An image as a document, and back.
@Suite struct SnapshotTests {
    static let clock = ClockReading(
        now: Instant(nanoseconds: 5_000_000_000_000), wall: WallTime(millisecondsSinceEpoch: 1_767_323_045_678))

    @Test func everythingComesBackAsItWas() throws {
        let image = try Self.image()
        let document = Snapshot.document(of: image, at: Self.clock)
        let read = try Snapshot.image(from: try JSONValue(parsing: document.pretty()), clock: Self.clock)
        #expect(read.shadows == image.shadows)
        #expect(read.things == image.things)
        #expect(Self.facts(of: read) == Self.facts(of: image))
        #expect(Snapshot.document(of: read, at: Self.clock).pretty() == document.pretty())
    }

    @Test func timesKeepTheirPlaceOnAnotherProcessesClock() throws {
        let document = Snapshot.document(of: try Self.image(), at: Self.clock)
        let later = ClockReading(now: Instant(nanoseconds: 77), wall: Self.clock.wall + .seconds(3600))
        let read = try Snapshot.image(from: document, clock: later)
        let expiry = try #require(read.retained.first { $0.topic.string == "news/today" }?.message.message.expiresAt)
        #expect(later.wallTime(at: expiry) == Self.clock.wall + .seconds(60))
        var retaken = Snapshot.document(of: read, at: later).object ?? [:]
        retaken["takenAt"] = document["takenAt"]
        #expect(JSONValue.object(retaken) == document)
    }

    @Test func anEmptyImageIsAShortDocument() {
        #expect(
            Snapshot.document(of: StateImage(), at: Self.clock).text
                == #"{"sundial":"snapshot","version":1,"takenAt":"2026-01-02T03:04:05.678Z","shadows":[],"retained":[],"sessions":[],"things":[]}"#
        )
    }

    @Test func bytesThatAreNoTextAreBase64() throws {
        let document = Snapshot.document(of: try Self.image(), at: Self.clock)
        let messages = document["retained"]?.array ?? []
        #expect(messages.map { $0["payload"]?.string } == [nil, "it's sunny ☀", ""])
        #expect(messages.first?["payloadBase64"]?.string == "AP+A")
    }

    /// A document with one change, and the place that is named.
    struct Fault: Sendable, CustomTestStringConvertible {
        var pointer: String
        var value: JSONValue?
        var named: String
        var what: String
        var testDescription: String { "\(self.pointer) = \(self.value?.text ?? "absent")" }

        init(_ pointer: String, _ value: JSONValue?, at named: String? = nil, _ what: String) {
            self.pointer = pointer
            self.value = value
            self.named = named ?? pointer
            self.what = what
        }
    }

    private static let tooLarge: JSONValue = 9_007_199_254_740_992
    private static let longText = JSONValue.string(String(repeating: "x", count: 65_536))

    static let faults = [
        Fault("/sundial", "recording", "must be \"snapshot\""),
        Fault("/sundial", nil, "is missing"),
        Fault("/version", 2, "this Sundial reads 1"),
        Fault("/thingz", [], "is not known here"),
        Fault("/takenAt", "yesterday", "must be a time"),
        Fault("/shadows", nil, "is missing"),
        Fault("/shadows", [:], "must be an array, not an object"),
        Fault("/shadows/0/thing", "a b", "is no name of a thing"),
        Fault("/shadows/1/name", "a/b", "is no name of a shadow"),
        Fault("/shadows/0/versions", [], "must have an element"),
        Fault("/shadows/0/versions/1/serial", 1, "must be a number of its own"),
        Fault("/shadows/0/versions/0/version", 0, "must be a whole number from 1"),
        Fault("/shadows/0/versions/0/version", "1", "must be a whole number"),
        Fault("/shadows/0/versions/0/version", Self.tooLarge, "must be a whole number from 1 to 9007199254740991"),
        Fault("/shadows/0/versions/0/cause", Self.tooLarge, "must be a whole number from 0 to 9007199254740991"),
        Fault("/shadows/0/versions/1/serial", Self.tooLarge, "must be a whole number"),
        Fault("/shadows/2/versions/0/version", Self.tooLarge, "must be a whole number"),
        Fault("/shadows/0/versions/0/time", 5, "must be a string, not a number"),
        Fault("/shadows/0/versions/0/state", nil, "is missing"),
        Fault("/shadows/0/versions/0/state", ["delta": [:]], at: "/shadows/0/versions/0/state/delta", "is not known here"),
        Fault("/shadows/0/versions/0/state/desired", [1], "must be an object, not an array"),
        Fault("/shadows/0/versions/0/state/desired/rgb/r", ["x": 1], at: "/shadows/0/versions/0/state/desired/rgb/r/x", "has no timestamp"),
        Fault("/shadows/0/versions/0/metadata/desired", nil, "is missing"),
        Fault(
            "/shadows/0/versions/0/metadata/desired/mode", ["time": 1], at: "/shadows/0/versions/0/state/desired/mode", "has no timestamp"),
        Fault("/shadows/0/versions/0/deleted", true, at: "/shadows/0/versions/0/state", "cannot be: this version is a deletion"),
        Fault("/retained/0/topic", "a/#", "is no topic"),
        Fault("/retained/0/topic", "news/today", at: "/retained/1/topic", "is there twice"),
        Fault("/retained/0/payloadBase64", "?", "is not base64"),
        Fault("/retained/0/payload", "x", at: "/retained/0/payloadBase64", "stands beside payload"),
        Fault("/retained/1/payload", nil, "is missing"),
        Fault("/retained/1/qos", 3, "must be a whole number from 0 to 2"),
        Fault("/retained/0/cause", Self.tooLarge, "must be a whole number"),
        Fault("/retained/1/properties/contentType", Self.longText, "must have at most 65535 bytes"),
        Fault("/retained/1/properties/contentType", "a\0", "none of them NUL"),
        Fault("/retained/1/properties/responseTopic", Self.longText, "is no topic"),
        Fault("/retained/1/properties/responseTopic", "a/+", "is no topic"),
        Fault(
            "/retained/1/properties/correlationDataBase64", .string(String(repeating: "AAAA", count: 21_846)),
            "must have at most 65535 bytes"),
        Fault("/retained/1/properties/userProperties/0/0", Self.longText, "must have at most 65535 bytes"),
        Fault("/retained/1/properties/userProperties/1/1", "\0", "none of them NUL"),
        Fault("/retained/1/properties", ["encoded": "no properties"], "cannot be decoded"),
        Fault("/sessions/0/client", nil, "is missing"),
        Fault("/sessions/0/client", "", "must not be empty"),
        Fault("/sessions/0/client", "a\0b", "none of them NUL"),
        Fault("/sessions/0/client", Self.longText, "must have at most 65535 bytes"),
        Fault("/sessions/0/number", Self.tooLarge, "must be a whole number"),
        Fault("/sessions/0/messages/4/serial", Self.tooLarge, "must be a whole number"),
        Fault("/sessions/0/messages/1/packetId", 0, "must be a whole number from 1 to 65535"),
        Fault("/sessions/0/messages/1/packetId", 70_000, "must be a whole number from 1 to 65535"),
        Fault("/sessions/1/will/payload", Self.longText, "must have at most 65535 bytes"),
        Fault("/sessions/1/will/topic", Self.longText, "is no topic"),
        Fault("/sessions/1/will/delaySeconds", 4_294_967_296, "must be a whole number"),
        Fault("/sessions/0/profile", "gold", "is no profile"),
        Fault("/sessions/0/protocol", "4", "must be 3.1, 3.1.1 or 5"),
        Fault("/sessions/0/expirySeconds", 0, "must be a whole number from 1"),
        Fault("/sessions/1/number", 3, "is there twice"),
        Fault("/sessions/0/subscriptions/0/filter", "a/#/b", "is no topic filter"),
        Fault("/sessions/0/messages/1/serial", 4, "must be larger"),
        Fault("/sessions/0/messages/1/packetId", 6, "is there twice"),
        Fault("/sessions/0/messages/0/message", nil, "is missing"),
        Fault("/sessions/0/messages/4/packetId", 12, "cannot come after a message that waits"),
        Fault("/sessions/0/unreleased/0", 0, "must be a whole number from 1"),
        Fault("/sessions/1/will", nil, at: "/sessions/1/willDueAt", "cannot be without a will"),
        Fault("/sessions/1/will/topic", "", "is no topic"),
        Fault("/things/1/name", "lamp", "is there twice"),
        Fault("/things/0/attributes/room", 5, "must be a string, not a number"),
        Fault("/things/0/id", nil, "is missing"),
        Fault("/things/0/version", Self.tooLarge, "must be a whole number"),
    ]

    @Test(arguments: Self.faults)
    func aFaultIsNamedByItsPlace(_ fault: Fault) throws {
        let document = Snapshot.document(of: try Self.image(), at: Self.clock)
        let tokens = try #require(JSONPointer.tokens(of: fault.pointer))
        let changed = Self.changing(document, tokens[...], to: fault.value)
        #expect {
            _ = try Snapshot.image(from: changed, clock: Self.clock)
        } throws: { error in
            guard let error = error as? DocumentFault else { return false }
            #expect(error.pointer == fault.named, "\(error.text)")
            #expect(error.what.contains(fault.what), "\(error.text)")
            return true
        }
    }

    private static func changing(_ value: JSONValue, _ tokens: ArraySlice<String>, to new: JSONValue?) -> JSONValue {
        guard let token = tokens.first else { return new ?? .null }
        switch value {
        case .object(var object):
            let isLast = tokens.count == 1
            object[token] = isLast ? new : Self.changing(object[token] ?? .null, tokens.dropFirst(), to: new)
            return .object(object)
        case .array(var elements):
            guard let index = Int(token), elements.indices.contains(index) else { return value }
            elements[index] = Self.changing(elements[index], tokens.dropFirst(), to: new)
            return .array(elements)
        case .null, .bool, .number, .string:
            return value
        }
    }
}

// MARK: - An image with everything in it

extension SnapshotTests {
    static func image() throws -> StateImage {
        StateImage(
            shadows: try Self.shadows(), retained: try Self.retained(), sessions: try Self.sessions(), things: try Self.things())
    }

    private static func things() throws -> [ThingRecord] {
        let names = try ["lamp", "oven"].map { try #require(ThingName($0)) }
        return [
            ThingRecord(
                name: names[0], id: "an id", createdAt: Self.clock.wall - .seconds(7), version: 3,
                settings: ThingSettings(attributes: ["room": "kitchen", "é": "1"], thingType: "light", billingGroup: "home")),
            ThingRecord(name: names[1], id: "another", createdAt: Self.clock.wall, settings: ThingSettings()),
        ]
    }

    private static func shadows() throws -> [ShadowVersion] {
        let classic = ShadowID(thing: try #require(ThingName("lamp")))
        let named = ShadowID(thing: classic.thing, name: ShadowName("$cfg:1"))
        let deleted = ShadowID(thing: try #require(ThingName("zebra")))
        func section(_ state: String, _ metadata: String) -> ShadowRecord.Section {
            .init(state: Array(state.utf8), metadata: Array(metadata.utf8))
        }
        let desired = section(
            #"{"mode":"eco","rgb":{"r":1.0},"list":[1,{"a":null}],"empty":{}}"#,
            #"{"mode":{"timestamp":9},"rgb":{"r":{"timestamp":8}},"list":[{"timestamp":7},{"a":{"timestamp":7}}],"empty":{}}"#)
        let reported = section(#"{"é":"\"\\","big":9007199254740993}"#, #"{"é":{"timestamp":1},"big":{"timestamp":2}}"#)
        let time = Self.clock.wall - .seconds(100)
        return [
            ShadowVersion(
                serial: 1,
                change: .stored(ShadowRecord(id: classic, version: 1, changedAt: time, desired: desired, reported: nil)),
                origin: .init(cause: 4, clientID: "it's me", principal: nil)),
            ShadowVersion(
                serial: 2,
                change: .stored(ShadowRecord(id: named, version: 7, changedAt: time + .milliseconds(1), desired: nil, reported: nil)),
                origin: .init(cause: 5, clientID: nil, principal: "test")),
            ShadowVersion(
                serial: 5,
                change: .stored(
                    ShadowRecord(id: classic, version: 2, changedAt: time + .seconds(1), desired: desired, reported: reported)),
                origin: .init(cause: 6, clientID: nil, principal: nil)),
            ShadowVersion(
                serial: 9, change: .deleted(ShadowTombstone(id: deleted, version: 3, deletedAt: time + .seconds(2))),
                origin: .init(cause: 9, clientID: "c", principal: "p")),
        ]
    }

    private static func message(
        _ topic: String, _ payload: [UInt8], qos: QoS = .atLeastOnce, properties: PublishProperties = .init(), expiresIn: Int64? = nil
    ) -> StoredMessage {
        StoredMessage(
            topic: Array(topic.utf8), payload: payload, properties: properties.encoded, qos: qos, cause: 77,
            expiresAt: expiresIn.map { Self.clock.now + .seconds($0) })
    }

    private static func retained() throws -> [(topic: TopicName, message: RetainedMessage)] {
        let properties = PublishProperties(
            payloadFormatIsUTF8: true, responseTopic: "answers/here", correlationData: [0, 0xFF],
            userProperties: [UserProperty(name: "a", value: "1"), UserProperty(name: "a", value: "")], contentType: "text/plain")
        let messages = [
            Self.message("a/bytes", [0, 0xFF, 0x80], qos: .exactlyOnce),
            Self.message("news/today", Array("it's sunny ☀".utf8), properties: properties, expiresIn: 60),
            Self.message("z", [], qos: .atMostOnce),
        ]
        return try messages.map { message in
            let topic = try message.topic.withUnsafeBytes { try TopicName($0) }
            return (topic, RetainedMessage(message: message, changedAt: Self.clock.wall - .seconds(5)))
        }
    }

    private static func sessions() throws -> [SessionRecord] {
        let filters = try ["sport/#", "$share/team/orders/+", "plain"].map { try TopicFilter($0) }
        let sleeper = SessionRecord(
            number: 3, clientID: ClientID("sleeper"), origin: .init(profile: "plain", version: .v5), expirySeconds: 3600,
            disconnectedAt: Self.clock.wall - .seconds(9),
            subscriptions: [
                filters[0]: SubscriptionOptions(
                    qos: .exactlyOnce, noLocal: true, retainAsPublished: true, retainHandling: .doNotSend, identifier: 268_435_455),
                filters[1]: SubscriptionOptions(
                    qos: .atLeastOnce, retainHandling: .sendIfNew, share: ShareKey(name: "team", filter: filters[1].bytes)),
                filters[2]: SubscriptionOptions(qos: .atMostOnce),
            ],
            messages: [
                .init(serial: 4, message: Self.message("sport/a", [1]), qos: .atLeastOnce, retain: false, packetID: 6),
                .init(serial: 5, message: Self.message("sport/b", [2], qos: .exactlyOnce), qos: .exactlyOnce, retain: true, packetID: 8),
                .init(serial: 6, message: nil, qos: .exactlyOnce, retain: false, packetID: 9),
                .init(serial: 8, message: Self.message("sport/c", [], expiresIn: 10), qos: .exactlyOnce, retain: false, packetID: 0),
                .init(serial: 9, message: Self.message("sport/d", [0xFE]), qos: .atLeastOnce, retain: false, packetID: 0),
            ],
            unreleased: [1, 65_535])
        let lost = SessionRecord(
            number: 12, clientID: ClientID("the lost"), origin: .init(profile: "aws", version: .v311), expirySeconds: .max,
            disconnectedAt: Self.clock.wall - .seconds(1),
            will: Will(
                topic: "HQ/die", payload: Array("lost contact".utf8), qos: .atLeastOnce, retain: true, delayIntervalSeconds: 30,
                payloadFormatIsUTF8: false, messageExpirySeconds: 9, contentType: "x", responseTopic: "r", correlationData: [1],
                userProperties: [UserProperty(name: "k", value: "v")]),
            willDueAt: Self.clock.wall + .seconds(29))
        let connected = SessionRecord(
            number: 2, clientID: ClientID("with a connection"), origin: .init(profile: "aws", version: .v5), expirySeconds: 60,
            will: Will(topic: "gone", payload: [0xC3, 0x28]))
        return [connected, sleeper, lost]
    }

    /// Every field of what has no equality of its own.
    private static func facts(of image: StateImage) -> [String] {
        func facts(_ message: StoredMessage?) -> String {
            guard let message else { return "-" }
            return "\(message.topic) \(message.payload) \(message.properties) \(message.qos) \(message.cause) \(message.expiresAt as Any)"
        }
        let retained = image.retained.map { "\($0.topic.string) \($0.message.changedAt) \(facts($0.message.message))" }.sorted()
        let sessions = image.sessions.flatMap { session in
            [
                "\(session.number) \(session.clientID) \(session.origin) \(session.expirySeconds) \(session.unreleased.sorted())",
                "\(session.disconnectedAt as Any) \(session.will as Any) \(session.willDueAt as Any)",
            ] + session.subscriptions.map { "\($0.string) \($1)" }.sorted()
                + session.messages.map { "\($0.serial) \($0.qos) \($0.retain) \($0.packetID) \(facts($0.message))" }
        }
        return retained + sessions
    }
}
