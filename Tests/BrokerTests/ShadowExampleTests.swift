import Broker
import Foundation
import JSON
import MQTTWire
import Shadows
import Testing
import Timeline

/// One sequence of `fixtures/shadows`, as MQTT messages; its README says what the fields mean.
struct ShadowExample: CustomTestStringConvertible, Sendable {
    struct Step: Sendable {
        let at: WallTime
        let topic: String
        /// The topic is a request of the shadow service; to others the broker may answer by closing.
        let isRequest: Bool
        let payload: [UInt8]
        /// Nil for preparation.
        let messages: [(topic: String, payload: JSONValue)]?
        let isExact: Bool
    }

    let name: String
    /// What goes over MQTT, up to the first change over REST; steps over REST that change nothing are left out.
    let steps: [Step]

    var testDescription: String { self.name }

    static let all: [ShadowExample] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "fixtures/shadows")
        do {
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
            return try files.map {
                try ShadowExample(JSONValue(parsing: Array(Data(contentsOf: $0)), limits: JSONLimits(maximumDepth: 500)))
            }
        } catch {
            Issue.record(error, "the shadow fixtures cannot be read")
            return []
        }
    }()

    private init(_ value: JSONValue) throws {
        self.name = try #require(value["name"]?.string)
        let steps = try #require(value["steps"]?.array).prefix { step in
            step["transport"]?.string != "rest" || step["messages"]?.array?.isEmpty == true
        }
        self.steps = try steps.filter { $0["transport"]?.string != "rest" }.map { step in
            let topic = try #require(step["topic"]?.string)
            return Step(
                at: WallTime(secondsSinceEpoch: try #require(step["at"]?.int64)), topic: topic,
                isRequest: ShadowTopic(topic)?.isRequest == true, payload: try Self.payload(of: step),
                messages: try step["messages"]?.array?.map { (try #require($0["topic"]?.string), try #require($0["payload"])) },
                isExact: step["exact"]?.bool ?? false)
        }
    }

    private static func payload(of step: JSONValue) throws -> [UInt8] {
        if let hex = step["payloadHex"]?.string {
            let digits = Array(hex)
            return try stride(from: 0, to: digits.count, by: 2).map { try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16)) }
        }
        if let text = step["payloadText"]?.string { return Array(text.utf8) }
        return try #require(step["payload"]).utf8
    }
}

@Suite("Shadow examples, requested and answered over MQTT (device-shadow §14 and edges)")
struct ShadowExampleTests {
    @Test func everyWorkedExampleIsDriven() {
        for number in 1...23 {
            #expect(ShadowExample.all.contains { $0.name.hasPrefix("E\(number):") && !$0.steps.isEmpty })
        }
    }

    /// The request of one client is answered to another that subscribed to every answer, in the order of the reference.
    @Test(arguments: ShadowExample.all)
    func subscribersGetExactlyTheseAnswers(_ example: ShadowExample) throws {
        let harness = CoreHarness()
        let device = harness.connected("device", .aws)
        let watcher = harness.connected("watcher", .aws)
        watcher.subscribe("$aws/things/+/shadow/+/+", "$aws/things/+/shadow/name/+/+/+", qos: .atMostOnce)
        for (place, step) in example.steps.enumerated() {
            self.advance(harness, to: step.at, keeping: [device, watcher])
            // Where the broker may close, somebody else asks.
            let asking = step.isRequest ? device : harness.connected("stray-\(place)", .aws)
            asking.send(
                .publish(
                    OutgoingPublish(
                        topic: Array(step.topic.utf8), payload: step.payload, qos: .atLeastOnce, packetID: TestClient.id(1))))
            if step.isRequest { #expect(asking.all() == ["PUBACK 1"]) }
            try self.check(self.arrived(at: watcher), step)
        }
    }

    /// Neither client may be silent for longer than the service allows.
    private func advance(_ harness: CoreHarness, to wall: WallTime, keeping clients: [TestClient]) {
        while harness.time.wall < wall {
            harness.advance(by: min(wall - harness.time.wall, .seconds(1000)))
            for client in clients {
                client.send(.pingreq(Pingreq()))
                #expect(client.all() == ["PINGRESP"])
            }
        }
    }

    private func arrived(at client: TestClient) -> [(topic: String, payload: [UInt8])] {
        var list: [(topic: String, payload: [UInt8])] = []
        while let packet = client.next() {
            guard case .publish(let publish) = packet else {
                Issue.record("\(TestClient.text(packet)) came instead of an answer")
                continue
            }
            list.append((publish.topicText, Array(publish.payload)))
        }
        return list
    }

    private func check(_ answers: [(topic: String, payload: [UInt8])], _ step: ShadowExample.Step) throws {
        guard let expected = step.messages else {
            #expect(!answers.contains { $0.topic.hasSuffix("/rejected") }, "preparation")
            return
        }
        #expect(answers.map(\.topic) == expected.map(\.topic))
        for (answer, expected) in zip(answers, expected) {
            let sent = try JSONValue(parsing: answer.payload, limits: JSONLimits(maximumDepth: 500))
            #expect(sent == expected.payload, "\(sent.text) is not \(expected.payload.text)")
            #expect(sent.object?.keys == expected.payload.object?.keys)
            if step.isExact || answer.topic.hasSuffix("/update/accepted") {
                #expect(answer.payload == expected.payload.utf8)
            }
        }
    }
}
