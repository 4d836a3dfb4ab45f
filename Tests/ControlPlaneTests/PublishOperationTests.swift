import Foundation
import HTTPTypes
import JSON
import MQTTWire
import Testing

/// Publish, GetRetainedMessage, ListRetainedMessages, SendDirectMessage. `mqtt.md` §13.
@Suite struct PublishOperationTests {
    @Test(arguments: [
        ("a/b", "a/b"), ("a%2Fb", "a/b"), ("a/b%20c", "a/b c"), ("%E2%82%AC", "€"), ("a+b".replacing("+", with: "%26"), "a&b"),
    ])
    func aMessageReachesTheSubscribersOfItsTopic(path: String, topic: String) async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker)
            try await client.subscribe(topic)
            let answer = try await plane.signed(.post, "/topics/\(path)?qos=1", "hello")
            #expect(answer.status == 200)
            #expect(answer.json?["message"]?.string == "OK")
            #expect(answer.json?["traceId"]?.string == answer["x-amzn-requestid"])
            let message = try #require(try await client.messages().first)
            #expect(message.topicText == topic)
            #expect(message.payloadText == "hello")
            #expect(message.qos == .atLeastOnce)
            #expect(message.retain == false)
        }
    }

    @Test func thePropertiesOfMQTT5ReachTheSubscriber() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker)
            try await client.subscribe("t")
            let properties = Data(#"[{"a":"1"},{"b":"2"},{"a":"3"}]"#.utf8).base64EncodedString()
            let answer = try await plane.signed(
                .post, "/topics/t?contentType=text%2Fplain&responseTopic=re%2Fply&messageExpiry=99999999", "x",
                headers: [
                    ("x-amz-mqtt5-user-properties", properties), ("x-amz-mqtt5-payload-format-indicator", "UTF8_DATA"),
                    ("x-amz-mqtt5-correlation-data", "AAEC"),
                ])
            #expect(answer.status == 200)
            let message = try #require(try await client.messages().first)
            #expect(message.qos == .atMostOnce)
            #expect(message.properties.contentType == "text/plain")
            #expect(message.properties.responseTopic == "re/ply")
            #expect(message.properties.payloadFormatIsUTF8 == true)
            #expect(message.properties.correlationData == [0, 1, 2])
            #expect(message.properties.messageExpirySeconds == 604_800)
            #expect(message.properties.userProperties.map { "\($0.name)=\($0.value)" } == ["a=1", "b=2", "a=3"])
        }
    }

    @Test func aShadowRequestIsAnsweredAsOneOverMQTT() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker)
            try await client.subscribe("$aws/things/T/shadow/update/accepted")
            _ = try await plane.signed(.post, "/topics/$aws/things/T/shadow/update", #"{"state":{"reported":{"a":1}}}"#)
            #expect(try await client.messages().map(\.topicText) == ["$aws/things/T/shadow/update/accepted"])
            #expect(try await plane.signed(.get, "/things/T/shadow").json?["version"]?.int64 == 1)
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var target: String
        var headers: [(name: String, value: String)] = []
        var explanation: String
        var testDescription: String { self.target + self.headers.map { " \($0.name)" }.joined() }
    }

    static let refused = [
        Refused(target: "/topics/", explanation: "the topic is empty"),
        Refused(target: "/topics/a%2F%23", explanation: "wildcard"),
        Refused(target: "/topics/a%00b", explanation: "U+0000"),
        Refused(target: "/topics/\(String(repeating: "x", count: 257))", explanation: "at most 256 are allowed"),
        Refused(target: "/topics/1/2/3/4/5/6/7/8/9", explanation: "at most 7 are allowed"),
        Refused(target: "/topics/$mine", explanation: "reserved"),
        Refused(target: "/topics/$aws/things/T/shadow/update/accepted", explanation: "only the shadow service publishes there"),
        Refused(target: "/topics/$aws/things/T/shadow/update?retain=true", explanation: "keep no retained message"),
        Refused(target: "/topics/t?qos=2", explanation: "less than or equal to 1"),
        Refused(target: "/topics/t?qos=one", explanation: "whole number"),
        Refused(target: "/topics/t?retain=yes", explanation: "true or false"),
        Refused(target: "/topics/t?messageExpiry=-1", explanation: "greater than or equal to 0"),
        Refused(target: "/topics/t?responseTopic=a%2F%2B", explanation: "wildcard"),
        Refused(target: "/topics/t?contentType=a%00", explanation: "none of them 0"),
        Refused(target: "/topics/t", headers: [("x-amz-mqtt5-user-properties", "%%")], explanation: "must be base64, padded with '='"),
        Refused(target: "/topics/t", headers: [("x-amz-mqtt5-user-properties", "e30=")], explanation: "JSON array of objects"),
        Refused(target: "/topics/t", headers: [("x-amz-mqtt5-correlation-data", "?")], explanation: "base64"),
        Refused(target: "/topics/t", headers: [("x-amz-mqtt5-payload-format-indicator", "TEXT")], explanation: "UTF8_DATA"),
    ]

    @Test(arguments: Self.refused)
    func aMessageThatCannotBePublishedIsABadRequest(_ example: Refused) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.signed(.post, example.target, "x", headers: example.headers)
            #expect(answer.status == 400)
            #expect(answer["x-amzn-errortype"] == "InvalidRequestException:")
            #expect(answer["x-sundial-explanation"]?.contains(example.explanation) == true, "\(answer["x-sundial-explanation"] ?? "")")
        }
    }

    // MARK: Retained

    @Test func aRetainedMessageIsKeptShownAndRemoved() async throws {
        try await AnsweringPlane.with { plane in
            let properties = Data(#"[{"a":"1"}]"#.utf8).base64EncodedString()
            _ = try await plane.signed(
                .post, "/topics/k%2Ft?retain=true&qos=1", "kept", headers: [("x-amz-mqtt5-user-properties", properties)])
            let kept = try await plane.signed(.get, "/retainedMessage/k%2Ft")
            #expect(kept.status == 200)
            #expect(kept.json?["topic"]?.string == "k/t")
            #expect(kept.json?["payload"]?.string == Data("kept".utf8).base64EncodedString())
            #expect(kept.json?["qos"]?.int64 == 1)
            #expect(kept.json?["lastModifiedTime"]?.int64 ?? 0 > 1_700_000_000_000)
            #expect(kept.json?["userProperties"]?.string == properties)
            let client = try await PlaneClient.connected("c", to: plane.broker)
            try await client.send(
                .subscribe(Subscribe(id: try #require(PacketID(1)), filters: [Subscription(filter: "k/t", qos: .atMostOnce)])))
            #expect(try await client.messages().map(\.retain) == [true])

            _ = try await plane.signed(.post, "/topics/k/t?retain=true")
            let gone = try await plane.signed(.get, "/retainedMessage/k/t")
            #expect(gone.status == 404)
            #expect(gone["x-amzn-errortype"] == "ResourceNotFoundException:")
        }
    }

    @Test func retainedMessagesAreListedPageByPage() async throws {
        try await AnsweringPlane.with { plane in
            for number in [3, 1, 5, 2, 4] { _ = try await plane.signed(.post, "/topics/r\(number)?retain=true", "12") }
            var topics: [String] = []
            var next: String?
            repeat {
                let query = "?maxResults=2" + (next.map { "&nextToken=\($0)" } ?? "")
                let page = try #require(try await plane.signed(.get, "/retainedMessage" + query).json)
                for entry in page["retainedTopics"]?.array ?? [] {
                    topics.append(entry["topic"]?.string ?? "")
                    #expect(entry["payloadSize"]?.int64 == 2)
                    #expect(entry["qos"]?.int64 == 0)
                }
                next = page["nextToken"]?.string
            } while next != nil
            #expect(topics == ["r1", "r2", "r3", "r4", "r5"])
            for query in ["maxResults=0", "maxResults=201", "nextToken=bm90aGluZw"] {
                #expect(try await plane.signed(.get, "/retainedMessage?\(query)").status == 400)
            }
        }
    }

    // MARK: Direct messages

    @Test func aDirectMessageNeedsNoSubscription() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("a b", to: plane.broker)
            let answer = try await plane.signed(.post, "/connections/a%20b/messages?topic=to%2Fyou&contentType=x", "hi")
            #expect(answer.status == 200)
            #expect(answer.json?["message"]?.string == "OK")
            let message = try #require(try await client.messages().first)
            #expect(message.topicText == "to/you")
            #expect(message.payloadText == "hi")
            #expect(message.qos == .atMostOnce)
            #expect(message.properties.contentType == "x")
        }
    }

    @Test func aConfirmedDirectMessageIsAnsweredWhenTheClientAcknowledges() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker)
            async let answer = plane.signed(.post, "/connections/c/messages?topic=t&confirmation=true", "hi")
            var id: PacketID?
            while id == nil { id = try await client.messages().first?.packetID }
            try await client.send(.puback(Puback(id: try #require(id))))
            #expect(try await answer.status == 200)
        }
    }

    @Test func aConfirmedDirectMessageIsAnsweredWhenTheClientLeaves() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker)
            async let asked = plane.signed(.post, "/connections/c/messages?topic=t&confirmation=true&timeout=15", "hi")
            while try await client.messages().isEmpty {}
            try await client.send(.disconnect(Disconnect(reason: .success)))
            let answer = try await asked
            #expect(answer.status == 504)
            #expect(answer.json?["message"]?.string == "Client disconnected before delivery was confirmed")
        }
    }

    @Test(arguments: [
        ("/connections/nobody/messages?topic=t", 404), ("/connections/$c/messages?topic=t", 400), ("/connections/c/messages", 400),
        ("/connections/c/messages?topic=t&timeout=16", 400), ("/connections/c/messages?topic=$mine", 400),
    ])
    func aDirectMessageThatCannotBeSentIsRefused(target: String, status: Int) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.signed(.post, target, "x")
            #expect(answer.status == status)
        }
    }
}
