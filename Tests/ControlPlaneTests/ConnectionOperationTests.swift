import Broker
import HTTPTypes
import JSON
import MQTTWire
import Testing

/// GetConnection, DeleteConnection, ListSubscriptions. `mqtt.md` §13.
@Suite struct ConnectionOperationTests {
    @Test func aConnectedClientIsShown() async throws {
        try await AnsweringPlane.with { plane in
            _ = try await PlaneClient.connected("a/b", to: plane.broker, keepAlive: 45, expiry: 120)
            let shown = try #require(try await plane.signed(.get, "/connections/a%2Fb").json)
            #expect(shown["clientId"]?.string == "a/b")
            #expect(shown["connected"]?.bool == true)
            #expect(shown["cleanSession"]?.bool == false)
            #expect(shown["sessionExpiry"]?.int64 == 120)
            #expect(shown["keepAliveDuration"]?.int64 == 45)
            #expect(shown["connectedSince"]?.int64 ?? 0 > 1_700_000_000_000)
            #expect(shown["sourceIp"] == nil)
            #expect(shown["disconnectedSince"] == nil)
            let sockets = try #require(try await plane.signed(.get, "/connections/a%2Fb?includeSocketInformation=true").json)
            #expect(sockets["sourceIp"]?.string == "127.0.0.9")
            #expect(sockets["sourcePort"]?.int64 == 40000)
            #expect(sockets["targetIp"]?.string == "127.0.0.1")
            #expect(sockets["targetPort"]?.int64 == 8883)
        }
    }

    @Test func aClientThatLeftIsShownWithTheReason() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker)
            try await client.send(.disconnect(Disconnect(reason: .success)))
            let shown = try #require(try await plane.signed(.get, "/connections/c").json)
            #expect(shown["connected"]?.bool == false)
            #expect(shown["cleanSession"]?.bool == true)
            #expect(shown["disconnectReason"]?.string == "CLIENT_INITIATED_DISCONNECT")
            #expect(shown["disconnectedSince"]?.int64 ?? 0 > 1_700_000_000_000)
            #expect(shown["connectedSince"] == nil)
            _ = try await PlaneClient.connected("c", to: plane.broker)
            let again = try #require(try await plane.signed(.get, "/connections/c").json)
            #expect(again["connected"]?.bool == true)
            #expect(again["disconnectReason"] == nil)
        }
    }

    @Test(arguments: [false, true])
    func aDeletedConnectionSendsItsWillUnlessAskedNotTo(preventsWill: Bool) async throws {
        try await AnsweringPlane.with { plane in
            let watcher = try await PlaneClient.connected("w", to: plane.broker)
            try await watcher.subscribe("will")
            let client = try await PlaneClient.connected(
                "c", to: plane.broker, expiry: 60, will: Will(topic: "will", payload: Array("gone".utf8)))
            let answer = try await plane.signed(.delete, "/connections/c?preventWillMessage=\(preventsWill)")
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            #expect(try await client.wasClosed() != nil)
            #expect(
                try await client.packets().contains {
                    if case .disconnect(let end) = $0 { end.reason == .administrativeAction } else { false }
                })
            #expect(try await watcher.messages().count == (preventsWill ? 0 : 1))
            let shown = try #require(try await plane.signed(.get, "/connections/c").json)
            #expect(shown["disconnectReason"]?.string == "API_INITIATED_DISCONNECT")
            #expect(shown["sessionExpiry"]?.int64 == 60)
        }
    }

    @Test func theSessionStaysUnlessItIsToGo() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker, expiry: 60)
            try await client.subscribe("a")
            _ = try await plane.signed(.delete, "/connections/c")
            #expect(try await plane.signed(.get, "/connections/c/subscriptions").json?["subscriptions"]?.array?.count == 1)
            #expect(try await plane.signed(.delete, "/connections/c?cleanSession=true").status == 200)
            #expect(try await plane.signed(.get, "/connections/c/subscriptions").status == 404)
            #expect(try await plane.signed(.delete, "/connections/c").status == 404)
            let shown = try #require(try await plane.signed(.get, "/connections/c").json)
            #expect(shown["cleanSession"]?.bool == true)
            #expect(shown["sessionExpiry"]?.int64 == 0)
        }
    }

    @Test func aSubscriptionOfQoS2IsListedAsTheModelKnowsIt() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker, profile: .plain)
            let id = try #require(PacketID(1))
            try await client.send(.subscribe(Subscribe(id: id, filters: [Subscription(filter: "a", qos: .exactlyOnce)])))
            let listed = try await plane.signed(.get, "/connections/c/subscriptions").json
            #expect(listed?["subscriptions"]?.array == [["topicFilter": "a", "qos": 1]])
        }
    }

    @Test func subscriptionsAreListedPageByPage() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker)
            for group in 0..<3 { try await client.subscribe((0..<8).map { "\(group)/\($0)/#" }) }
            try await client.subscribe("$share/g/x")
            let first = try #require(try await plane.signed(.get, "/connections/c/subscriptions").json)
            #expect(first["subscriptions"]?.array?.count == 20)
            #expect(first["subscriptions"]?.array?.first == ["topicFilter": "$share/g/x", "qos": 1])
            let token = try #require(first["nextToken"]?.string)
            let rest = try #require(try await plane.signed(.get, "/connections/c/subscriptions?nextToken=\(token)&maxResults=200").json)
            #expect(rest["subscriptions"]?.array?.count == 5)
            #expect(rest["nextToken"] == nil)
            #expect(try await plane.signed(.get, "/connections/c/subscriptions?nextToken=x").status == 400)
        }
    }

    @Test(arguments: [
        ("/connections/nobody", 404), ("/connections/nobody/subscriptions", 404), ("/connections/$c", 400), ("/connections/%24c", 400),
        ("/connections/", 400), ("/connections/\(String(repeating: "c", count: 129))", 400),
        ("/connections/c?includeSocketInformation=1", 400), ("/connections/c/subscriptions?maxResults=201", 400),
    ])
    func whatIsNoClientIsRefused(target: String, status: Int) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.signed(.get, target)
            #expect(answer.status == status)
            #expect(answer["x-amzn-errortype"] == (status == 404 ? "ResourceNotFoundException:" : "InvalidRequestException:"))
        }
    }
}
