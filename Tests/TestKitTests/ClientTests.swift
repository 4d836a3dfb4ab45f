import TestKit
import Testing

@Suite("Clients of a kit") struct ClientTests {
    @Test func messagesGoFromOneToTheOther() async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app")
            let old = try await kit.connect("old", version: .v311)
            try await old.subscribe("a/#", qos: 0)
            try await app.publish("a/b", "hello", retain: true)
            let message = try await old.expect("a/b")
            #expect(message.text == "hello")
            #expect(message.qos == 0)
            #expect(!message.retain)
            try await old.unsubscribe("a/#")
            try await app.publish("a/b", "again")
            try await old.expectNothing("#", for: .zero)
            #expect(await old.messages.map(\.text) == ["hello"])
            #expect(await kit.messages.map(\.text) == ["hello", "again"])
            // AWS sends retained messages for subscriptions without wildcards only.
            try await old.subscribe("a/b")
            #expect(try await old.expect("a/b").retain)
        }
    }

    @Test func whatASessionKeptComesWhenItsClientIsBack() async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app")
            let page = try await kit.connect("page", clean: false, sessionExpiry: .seconds(600))
            try await page.subscribe("a")
            try await page.drop()
            #expect(await page.isConnected == false)
            try await app.publish("a", "kept")
            try await kit.advance(by: .seconds(599))
            try await page.reconnect()
            try await page.expect("a", text: "kept", within: .zero)
            try await page.disconnect()
            try await app.publish("a", "lost")
            try await kit.advance(by: .seconds(601))
            try await page.reconnect()
            try await page.expectNothing("a", for: .seconds(1))
        }
    }

    @Test func pingsKeepAClientInForHours() async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app", keepAlive: 30, will: Will("gone", "bye"))
            try await kit.advance(by: .seconds(24 * 3600))
            #expect(await app.isConnected)
            #expect(await kit.elapsed == .seconds(24 * 3600))
            #expect(await kit.secondsSinceEpoch == 1_767_225_600 + 24 * 3600)
        }
    }

    @Test func whatTheServiceRefusesSaysWhy() async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app")
            await #expect {
                try await app.publish("a", "x", qos: 2)
            } throws: { error in
                "\(error)".hasPrefix("app: was sent away when publishing to a: ") && "\(error)".contains("(DISCONNECT: QoS not supported)")
            }
            await #expect {
                try await app.publish("a", "x")
            } throws: { error in
                "\(error)".hasPrefix("app: cannot publish to a, since it is not connected: ")
            }
            await #expect(throws: ClientFailure.self) { try await kit.connect(String(repeating: "x", count: 200)) }
            await #expect(throws: ClientFailure.self) { try await kit.connect("x", keepAlive: -1) }
            await #expect(throws: ClientFailure.self) { try await kit.connect("x", sessionExpiry: .milliseconds(5)) }
            await #expect(throws: ClientFailure.self) { try await app.publish("a", "x", qos: 3) }
            #expect(kit.events.contains { $0.facts["client"] == "app" }, "\(kit.events)")
        }
    }

    @Test func plainRulesTakeWhatAWSDoesNot() async throws {
        try await withSundial(.init(rules: .plain)) { kit in
            let app = try await kit.connect("app", keepAlive: 3)
            try await app.subscribe("a/#", qos: 2)
            try await app.publish("a", "x", qos: 2)
            #expect(try await app.expect("a/#").qos == 2)
        }
    }
}
