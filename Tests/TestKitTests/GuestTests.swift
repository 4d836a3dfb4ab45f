import MQTTClient
import MQTTWire
import TestKit
import Testing

/// Clients that come over sockets, as programs under test do.
@Suite("Guests of a kit") struct GuestTests {
    private func client(_ url: String, _ id: String) async throws -> MQTTClient {
        var configuration = MQTTClientConfiguration(endpoint: try ClientEndpoint(parsing: url))
        configuration.version = .v5
        configuration.clientID = id
        return try await MQTTClient.connect(configuration)
    }

    @Test func theyComeOverTCPAndSignedWebSockets() async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app")
            try await app.subscribe("from/+")
            let device = try await client(kit.mqttURL, "device")
            let page = try await client(kit.websocketURL, "page")
            _ = try await page.subscribe([Subscription(filter: "to/page", qos: .atLeastOnce)])
            _ = try await device.publish(ClientPublish(topic: "from/device", payload: Array("hello".utf8), qos: .atLeastOnce))
            try await app.expect("from/device", text: "hello")
            #expect(try await kit.expect("from/#").publisher == "device")
            try await app.publish("to/page", "welcome")
            var messages = page.messages.makeAsyncIterator()
            #expect(await messages.next()?.payload == Array("welcome".utf8))
            await device.disconnect()
            await page.disconnect()
        }
    }

    /// Virtual time is over at once; the guest needs some of its own.
    @Test func expectationsGiveThemRealTime() async throws {
        try await withSundial { kit in
            let url = kit.mqttURL
            async let guest: Void = {
                let device = try await client(url, "device")
                _ = try await device.publish(ClientPublish(topic: "hello", payload: Array("x".utf8), qos: .atLeastOnce))
                await device.disconnect()
            }()
            try await kit.expect("hello", within: .seconds(30))
            try await guest
        }
    }

    @Test func aBadSignatureIsExplainedInTheEvents() async throws {
        try await withSundial(.init(keys: [.init(id: "mine", secret: "secret")])) { kit in
            let url = kit.websocketURL.replacing("Credential=mine", with: "Credential=yours")
            await #expect(throws: MQTTClientError.self) { _ = try await client(url, "page") }
            #expect(kit.events.contains { $0.text.hasPrefix("signature refused: ") && $0.text.contains("yours") }, "\(kit.events)")
        }
    }
}
