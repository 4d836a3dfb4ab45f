import Foundation
import MQTTClient
import MQTTWire
import Testing
import Timeline

/// Rates of AWS-like doors, to clients with sockets. `mqtt.md` §5, `device-shadow.md` §10.
@Suite struct QuotaTests {
    private func connected(_ sundial: SundialProcess, _ id: String) async throws -> MQTTClient {
        var configuration = MQTTClientConfiguration(
            endpoint: try ClientEndpoint(parsing: "ws://localhost:\(sundial.doors.http.port)/mqtt"))
        configuration.version = .v5
        configuration.clientID = id
        configuration.signing = MQTTClientConfiguration.Signing()
        return try await MQTTClient.connect(configuration)
    }

    /// Hands over messages at once and waits for the acknowledgement of each.
    private func publish(
        _ count: Int, bytes: Int, by client: MQTTClient
    ) async throws -> [PublishAcknowledgement] {
        let payload = [UInt8](repeating: UInt8(ascii: "."), count: bytes)
        let pending = (0..<count).map { _ in client.publishing(ClientPublish(topic: "t", payload: payload, qos: .atLeastOnce)) }
        var acknowledgements: [PublishAcknowledgement] = []
        for publish in pending { acknowledgements.append(try await publish.acknowledgement()) }
        return acknowledgements
    }

    @Test func messagesBeyondTheRateAreDiscardedAndTheConnectionStays() async throws {
        try await SundialProcess.run(["--quota", "publish-rate=enforce:10"]) { sundial in
            let client = try await self.connected(sundial, "fast")
            let reasons = try await self.publish(200, bytes: 10, by: client).map(\.reason)
            #expect(reasons.prefix(10).allSatisfy { $0 == .success })
            #expect(reasons.contains(.quotaExceeded))
            #expect(reasons.allSatisfy { $0 == .success || $0 == .quotaExceeded })
            try await sundial.log.line(containing: "more than 10 messages a second")
            await client.disconnect()
        }
    }

    /// 400 000 bytes at 200 000 a second, of which a second's worth may come at once.
    @Test func bytesBeyondTheThroughputAreTakenLater() async throws {
        try await SundialProcess.run(["--quota", "throughput=enforce:200000"]) { sundial in
            let client = try await self.connected(sundial, "large")
            let acknowledgements = try await self.publish(40, bytes: 10_000, by: client)
            #expect(acknowledgements.allSatisfy { $0.reason == .success })
            let first = try #require(acknowledgements.map(\.sentAt).min())
            let last = try #require(acknowledgements.map(\.acknowledgedAt).max())
            #expect(last - first >= .milliseconds(900))
            try await sundial.log.line(containing: "more than 200000 bytes a second")
            await client.disconnect()
        }
    }

    @Test func anSDKMeetsTheExceptionOfTheService() async throws {
        try await SundialProcess.run(["--quotas", "off", "--quota", "shadow-rate=enforce:1"]) { sundial in
            let client = try Client.python("throttled.py", ["\(sundial.doors.https.port)", sundial.doors.ca])
            try await client.end()
            #expect(client.lines == ["ThrottlingException 429 The rate exceeds the limit."])
        }
    }

    @Test func withoutAFlagEverythingPassesAndTheLogSaysWhatAWSWouldDo() async throws {
        try await SundialProcess.run { sundial in
            let client = try await self.connected(sundial, "fast")
            let acknowledgements = try await self.publish(1000, bytes: 10, by: client)
            #expect(acknowledgements.allSatisfy { $0.reason == .success })
            try await sundial.log.line(containing: "AWS IoT discards what is more; let through here")
            await client.disconnect()
        }
    }
}
