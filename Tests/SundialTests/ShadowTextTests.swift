import JSON
import MQTTClient
import Shadows
import Testing
import Timeline

@testable import sundial

/// What the shadow commands print for people.
@Suite struct ShadowTextTests {
    private static let text = ShadowText(style: .plain)

    private static func id(_ name: String? = nil) throws -> ShadowID {
        ShadowID(thing: try #require(ThingName("lamp")), name: name.flatMap { ShadowName($0) })
    }

    @Test func aDocumentIsALineForEachValueWithItsAge() throws {
        let document = try JSONValue(
            parsing: """
                {"state":{"desired":{"mode":"eco","rgb":{"r":1.0},"list":[1,2],"none":{}},"reported":{"mode":"off"},"delta":{"mode":"eco"}},
                 "metadata":{"desired":{"mode":{"timestamp":820},"rgb":{"r":{"timestamp":999}},"list":[{"timestamp":1000},{"timestamp":1000}],
                 "none":{}},"reported":{"mode":{"timestamp":1}}},"version":3,"timestamp":1000}
                """)
        #expect(
            Self.text.document(document, of: try Self.id()) == """
                lamp, classic shadow: version 3, last value set now (1970-01-01T00:16:40Z)
                  desired.mode   "eco"  3 min ago
                  desired.rgb.r  1.0    1 s ago
                  desired.list   [1,2]  now
                  desired.none   {}
                  reported.mode  "off"  16 min ago
                  delta.mode     "eco"

                """)
    }

    @Test func anEmptyShadowSaysSo() throws {
        let document = try JSONValue(parsing: #"{"state":{},"metadata":{},"version":1,"timestamp":5}"#)
        #expect(Self.text.document(document, of: try Self.id("kitchen")) == "lamp, named shadow kitchen: version 1\n  empty\n")
    }

    @Test func nothingOfAShadowCommandsTheTerminal() throws {
        let fields = ShadowFields(
            state: ["desired": ["\u{1B}[2J": "\u{9B}31m", "a.b": 1, "": 2, "plain-key_1": .string("\u{202E}x")]], metadata: nil
        ).fields
        #expect(fields.map(\.path) == [#"desired."\u001B[2J""#, #"desired."a.b""#, #"desired."""#, "desired.plain-key_1"])
        #expect(fields.map(\.text) == [#""\u{009B}31m""#, "1", "2", #""\u{202E}x""#])
    }

    @Test func aDifferenceShowsOldAndNew() {
        let difference = ShadowDifference(
            from: ["desired": ["a": 1, "gone": true, "same": [1]]], to: ["desired": ["a": 2, "same": [1]], "reported": ["new": "x"]])
        #expect(
            Self.text.difference(difference) == """
                - desired.a     1
                + desired.a     2
                - desired.gone  true
                + reported.new  "x"

                """)
        #expect(Self.text.difference(ShadowDifference(from: ["a": 1], to: ["a": 1])) == "  no difference\n")
        #expect(
            difference.json.text
                == #"[{"path":"desired.a","from":1,"to":2},{"path":"desired.gone","from":true},{"path":"reported.new","to":"x"}]"#)
    }

    @Test func coloursAreForTerminalsOnly() {
        let difference = ShadowDifference(from: [:], to: ["a": 1])
        #expect(!Self.text.difference(difference).contains("\u{1B}"))
        #expect(ShadowText(style: TextStyle(isColoured: true)).difference(difference) == "\u{1B}[32m+ a  1\u{1B}[0m\n")
    }

    @Test(arguments: [
        (0, "now"), (1, "1 s ago"), (59, "59 s ago"), (60, "1 min ago"), (3599, "59 min ago"), (7200, "2 h ago"), (86_400, "1 d ago"),
        (-90, "in 1 min"), (Int64.max, "106751991167300 d ago"),
    ])
    func agesAreShort(seconds: Int64, text: String) {
        #expect(AgeText.of(seconds: seconds) == text)
    }

    @Test func theHistoryShowsWhoChangedWhat() throws {
        let past = try Self.past()
        let now = try #require(WallTime(iso8601: "2026-01-02T03:05:00Z"))
        #expect(
            Self.text.history(past.versions, now: now) == """
                version 4  2026-01-02T03:04:00Z (1 min ago)  client it's me, cause 7
                  desired.a  1
                version 5  2026-01-02T03:04:30Z (30 s ago)  HTTP (test), cause 9
                - desired.a  1
                + desired.a  2
                version 5  2026-01-02T03:04:40Z (20 s ago)  HTTP, cause 10
                  deleted

                """)
    }

    @Test func aVersionIsFoundByNumberAndByTime() throws {
        let past = try Self.past()
        #expect(try past.version(5).isDeleted == false)
        #expect(try past.present().isDeleted)
        let times = ["2026-01-02T03:04:00Z", "2026-01-02T03:04:29.999Z", "2026-01-02T03:04:35Z", "2027-01-01T00:00:00Z"]
        let found = try times.map { try past.version(at: try #require(WallTime(iso8601: $0))) }
        #expect(found.map(\.number) == [4, 4, 5, 5])
        #expect(found.map(\.isDeleted) == [false, false, false, true])
        #expect { try past.version(3) } throws: { ($0 as? Complaint)?.text == "version 3 is not kept; there are 4 to 5" }
        #expect {
            try past.version(at: WallTime(secondsSinceEpoch: 0))
        } throws: {
            ($0 as? Complaint)?.text.contains("the oldest version kept is 4 of 2026-01-02T03:04:00.000Z") == true
        }
    }

    private static func past() throws -> PastVersions {
        try PastVersions(
            try JSONValue(
                parsing: """
                    {"thing":"lamp","now":"2026-01-02T03:05:00.000Z","versions":[
                     {"version":4,"time":"2026-01-02T03:04:00.000Z","cause":7,"client":"it's me","deleted":false,"state":{"desired":{"a":1}}},
                     {"version":5,"time":"2026-01-02T03:04:30.000Z","cause":9,"principal":"test","deleted":false,"state":{"desired":{"a":2}}},
                     {"version":5,"time":"2026-01-02T03:04:40.000Z","cause":10,"deleted":true}]}
                    """))
    }

    @Test func aWatchedChangeIsItsDifference() throws {
        let message = { (payload: String) in
            ReceivedMessage(topic: "t", payload: Array(payload.utf8), receivedAt: .zero)
        }
        let documents = message(
            """
            {"previous":{"state":{"desired":{"a":1}},"version":1},"current":{"state":{"desired":{"a":2}},"version":2},"timestamp":61}
            """)
        #expect(
            WatchShadowCommand.text(of: documents, try Self.id(), Self.text) == """
                lamp, classic shadow: version 2, 1970-01-01T00:01:01Z
                - desired.a  1
                + desired.a  2

                """)
        let deleted = message(#"{"version":2,"timestamp":62}"#)
        #expect(
            WatchShadowCommand.text(of: deleted, try Self.id(), Self.text)
                == "lamp, classic shadow: version 2 deleted, 1970-01-01T00:01:02Z\n")
    }

    @Test(arguments: [
        ("2026-01-02T03:04:05Z", PointInTime.at(WallTime(secondsSinceEpoch: 1_767_323_045))), ("90s", .ago(seconds: 90)),
        ("5min", .ago(seconds: 300)), ("5m", .ago(seconds: 300)), ("2h", .ago(seconds: 7200)), ("1d", .ago(seconds: 86_400)),
        ("", nil), ("5", nil), ("min", nil), ("-5s", nil), ("yesterday", nil), ("99999999999999999999d", nil), ("9999999999999999d", nil),
    ])
    func timesAreDatesOrAges(text: String, time: PointInTime?) {
        #expect(PointInTime(argument: text) == time)
    }

    @Test(
        arguments: [
            (200, nil, nil, "{}", nil), (299, nil, nil, "", nil),
            (
                404, "ResourceNotFoundException:", "it is gone", #"{"message":"No shadow"}"#,
                "lamp: X answered 404 ResourceNotFoundException: No shadow (it is gone)"
            ),
            (400, "InvalidRequestException:", "same", #"{"message":"same"}"#, "lamp: X answered 400 InvalidRequestException: same"),
            (404, nil, nil, "<html>", "lamp: X answered 404; is that Sundial?"),
        ] as [(Int, String?, String?, String, String?)])
    func aRefusalIsToldInTheServicesWordsAndOurs(status: Int, error: String?, explanation: String?, body: String, text: String?) {
        let answer = ServiceAnswer(status: status, error: error, explanation: explanation, body: Array(body.utf8))
        #expect(answer.complaint(about: "lamp", at: "X")?.text == text)
    }

    @Test(arguments: [(403, 3), (401, 3), (404, 1), (409, 1), (500, 1)] as [(Int, Int32)])
    func whoIsNotLetInIsNotConnected(status: Int, exit: Int32) {
        let answer = ServiceAnswer(status: status, error: nil, explanation: nil, body: [])
        #expect(answer.complaint(about: "lamp", at: "X")?.status.rawValue == exit)
    }
}
