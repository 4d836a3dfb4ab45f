import Broker
import Logging
import MQTTWire
import Sessions
import Testing
import Timeline
import Topics

/// What a session gets when its client was away or slow, through clients inside the process.
@Suite struct LateDeliveryTests {
    private let broker = LocalBroker(
        clock: .virtual(startingAt: WallTime(secondsSinceEpoch: 0)),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

    private final class Inbox {
        var topics: [String] = []
        var sessionsPresent: [Bool] = []

        func took(_ event: LocalClient.Event) {
            switch event {
            case .message(let message, _): self.topics.append(message.topicText)
            case .connected(let connack): self.sessionsPresent.append(connack.sessionPresent)
            case .acknowledged, .subscribed, .unsubscribed, .closed: break
            }
        }
    }

    private func subscriber(_ connect: Connect, unsentBytes: Int? = nil) -> (LocalClient, Inbox) {
        var profile = ServiceProfile.plain
        if let unsentBytes { profile.limits.maximumUnsentBytes = unsentBytes }
        let inbox = Inbox()
        let client = self.broker.makeClient("b", door: Door(name: "local", profile: profile)) {
            inbox.took($0)
        }
        client.open(connect)
        self.broker.settle()
        client.subscribe([Subscription(filter: "#", qos: .atLeastOnce)])
        self.broker.settle()
        return (client, inbox)
    }

    private func publish(_ topic: String, payloadBytes: Int, qos: QoS) throws {
        _ = self.broker.core.inject(
            topic: try TopicName(topic), payload: [UInt8](repeating: 120, count: payloadBytes), qos: qos,
            retain: false)
        self.broker.settle()
    }

    /// Nothing is in flight that an acknowledgement could come for, so the flush itself must go on with the queue.
    @Test func messagesQueuedBehindUnsentBytesLeaveWhenTheseDo() throws {
        let (client, inbox) = self.subscriber(
            Connect(protocolVersion: .v5, clientID: "b"), unsentBytes: 1000)
        client.isReading = false
        for _ in 0..<3 { try self.publish("flood", payloadBytes: 500, qos: .atMostOnce) }
        try self.publish("important", payloadBytes: 1, qos: .atLeastOnce)
        client.isReading = true
        self.broker.settle()
        #expect(inbox.topics.last == "important")
    }

    /// [MQTT5-3.1.2-24] [MQTT5-3.1.2-25]
    @Test func aQueuedMessageLargerThanTheClientTakesIsDropped() throws {
        let connect = Connect(
            protocolVersion: .v5, clientID: "b", cleanStart: false, sessionExpirySeconds: 100,
            maximumPacketBytes: 200)
        let (client, inbox) = self.subscriber(connect)
        client.disconnect()
        self.broker.settle()
        try self.publish("large", payloadBytes: 1000, qos: .atLeastOnce)
        try self.publish("small", payloadBytes: 1, qos: .atLeastOnce)
        client.open(connect)
        self.broker.settle()
        #expect(inbox.topics == ["small"])
    }

    /// [MQTT5-3.1.2-5]
    @Test func aKeptSessionIsResumedByAConnectionThatWillNotKeepIt() throws {
        let (client, inbox) = self.subscriber(
            Connect(protocolVersion: .v5, clientID: "b", cleanStart: false, sessionExpirySeconds: 100))
        client.disconnect()
        self.broker.settle()
        try self.publish("missed", payloadBytes: 1, qos: .atLeastOnce)
        client.open(Connect(protocolVersion: .v5, clientID: "b", cleanStart: false))
        self.broker.settle()
        #expect(inbox.sessionsPresent == [false, true])
        #expect(inbox.topics == ["missed"])
    }
}
