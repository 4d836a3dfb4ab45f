import Broker
import Logging
import MQTTWire
import Testing
import Timeline
import Topics

/// Clients inside the process against the core itself: what both keep of a session.
@Suite struct LocalClientTests {
    private let broker = LocalBroker(
        clock: .virtual(startingAt: WallTime(secondsSinceEpoch: 0)), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    private let door = Door(name: "local", profile: .plain)

    /// What a client has seen.
    private final class Seen {
        /// Kept, since a client that is let go of hears nothing more.
        var client: LocalClient?
        var events: [LocalClient.Event] = []

        var topics: [String] {
            self.events.compactMap { event in
                if case .message(let message, _) = event { message.topicText } else { nil }
            }
        }
        var acknowledgements: Int {
            self.events.count { event in
                if case .acknowledged = event { true } else { false }
            }
        }
        var closings: [LocalClient.Closing] {
            self.events.compactMap { event in
                if case .closed(let closing) = event { closing } else { nil }
            }
        }
    }

    private func client(_ connect: Connect) -> (LocalClient, Seen) {
        let seen = Seen()
        let client = self.broker.makeClient(connect.clientID, door: self.door) { [weak seen] event in seen?.events.append(event) }
        seen.client = client
        client.open(connect)
        self.broker.settle()
        return (client, seen)
    }

    private func pass(_ duration: Duration) {
        let end = self.broker.now + duration
        while let next = self.broker.nextDeadline, next <= end {
            self.broker.advance(to: next)
            self.broker.fireDue()
        }
        self.broker.advance(to: end)
    }

    @Test func aClientPingsByItselfUntilItFallsSilent() {
        let (client, seen) = self.client(Connect(protocolVersion: .v311, clientID: "a", keepAliveSeconds: 10))
        self.pass(.seconds(3600))
        #expect(client.isConnected)
        client.fallSilent()
        self.pass(.seconds(20))
        #expect(self.broker.core.counters.connectionsAccepted == 1)
        #expect(seen.closings.isEmpty, "it hears nothing more")
        #expect(!client.isConnected)
    }

    /// [MQTT5-3.3.4-9]: no more than Receive Maximum at once, and all of them in the end.
    @Test func retainedMessagesGoThroughAWindowOfOne() throws {
        for number in 0..<5 {
            _ = self.broker.core.inject(topic: try TopicName("r/\(number)"), payload: [1], qos: .exactlyOnce, retain: true)
        }
        let (client, seen) = self.client(Connect(protocolVersion: .v5, clientID: "b", receiveMaximum: 1))
        client.subscribe([Subscription(filter: "r/+", qos: .exactlyOnce)])
        self.broker.settle()
        #expect(seen.topics.sorted() == ["r/0", "r/1", "r/2", "r/3", "r/4"])
    }

    /// [MQTT5-4.4.0-1]
    @Test(arguments: [QoS.atLeastOnce, .exactlyOnce]) func whatWasNotAcknowledgedIsSentAgain(_ qos: QoS) {
        let (_, received) = self.subscriber("x", qos)
        let connect = Connect(protocolVersion: .v5, clientID: "a", cleanStart: false, sessionExpirySeconds: 100)
        let (client, seen) = self.client(connect)
        client.publish(OutgoingPublish(topic: "x", payload: "1", qos: qos))
        client.tearOff()
        self.broker.settle()
        #expect(seen.acknowledgements == 0)
        client.open(connect)
        self.broker.settle()
        #expect(seen.acknowledgements == 1)
        #expect(received.topics.count == (qos == .exactlyOnce ? 1 : 2), "exactly once is once, at least once may be twice")
    }

    /// [MQTT5-3.1.3-9]
    @Test func aWillDelayEndsWithTheSession() {
        let (_, received) = self.subscriber("will/#", .atLeastOnce)
        let will = Will(topic: "will/a", payload: [1], qos: .atLeastOnce, delayIntervalSeconds: 500)
        let (client, _) = self.client(Connect(protocolVersion: .v5, clientID: "a", will: will, sessionExpirySeconds: 100))
        client.tearOff()
        self.pass(.seconds(99))
        #expect(received.topics.isEmpty)
        self.pass(.seconds(2))
        #expect(received.topics == ["will/a"])
    }

    @Test func aTakenOverClientIsToldWhy() throws {
        let (_, first) = self.client(Connect(protocolVersion: .v5, clientID: "same"))
        let (second, _) = self.client(Connect(protocolVersion: .v5, clientID: "same"))
        #expect(second.isConnected)
        let closing = try #require(first.closings.first)
        #expect(closing.disconnect?.reason == .sessionTakenOver)
        #expect(closing.text.contains("same client id"))
    }

    @Test func aClientThatDoesNotReadGetsItAllLater() {
        let (slow, received) = self.subscriber("x", .atLeastOnce)
        let (client, _) = self.client(Connect(protocolVersion: .v5, clientID: "a"))
        slow.isReading = false
        for _ in 0..<3 { client.publish(OutgoingPublish(topic: "x", payload: "1", qos: .atLeastOnce)) }
        self.broker.settle()
        #expect(received.topics.isEmpty)
        slow.isReading = true
        self.broker.settle()
        #expect(received.topics.count == 3)
    }

    private func subscriber(_ filter: String, _ qos: QoS) -> (LocalClient, Seen) {
        let (client, seen) = self.client(Connect(protocolVersion: .v5, clientID: "subscriber"))
        client.subscribe([Subscription(filter: filter, qos: qos)])
        self.broker.settle()
        return (client, seen)
    }
}
