import Broker
import Logging
import MQTTWire
import Sessions
import Testing
import Timeline

/// Quotas of the door of clients inside the process, on virtual time.
@Suite struct LocalClientQuotaTests {
    private let broker = LocalBroker(
        clock: .virtual(startingAt: WallTime(secondsSinceEpoch: 0)), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

    private func door(_ name: QuotaName, _ quota: Quota) -> Door {
        var profile = ServiceProfile.aws
        profile.quotas[name] = quota
        return Door(name: "local", profile: profile)
    }

    private func connected(_ id: String, _ door: Door, onEvent: @escaping (LocalClient.Event) -> Void = { _ in }) -> LocalClient {
        let client = self.broker.makeClient(id, door: door, onEvent: onEvent)
        client.open(Connect(protocolVersion: .v5, clientID: id))
        self.broker.settle()
        return client
    }

    private func pass(_ duration: Duration) {
        let end = self.broker.now + duration
        while let next = self.broker.nextDeadline, next <= end {
            self.broker.advance(to: next)
            self.broker.fireDue()
        }
        self.broker.advance(to: end)
        self.broker.fireDue()
    }

    @Test func whatIsSentAboveTheThroughputArrivesLaterAndInOrder() {
        var arrivals: [String: Instant] = [:]
        let broker = self.broker
        let reader = self.connected("r", Door(name: "local", profile: .plain)) { event in
            if case .message(let message, _) = event { arrivals[message.topicText] = broker.now }
        }
        reader.subscribe([Subscription(filter: "t/#")])
        broker.settle()
        let writer = self.connected("w", self.door(.throughput, Quota(.enforce, limit: 1000)))
        // A packet of QoS 0 has 8 bytes beside this payload: 1000 bytes each.
        for number in 1...3 {
            writer.publish(OutgoingPublish(topic: "t/\(number)", payload: String(repeating: ".", count: 991), qos: .atMostOnce))
        }
        writer.disconnect()
        broker.settle()
        self.pass(.seconds(5))
        #expect(arrivals == ["t/1": .zero, "t/2": .zero, "t/3": .zero + .seconds(1)])
        #expect(writer.isConnected == false)
        #expect(broker.core.connectionInfo(of: ClientID("w"))?.state.isConnected == false, "its goodbye came last")
    }

    @Test func publishesAboveTheRateAreRefused() {
        var reasons: [Reason] = []
        let client = self.connected("c", self.door(.publishRate, Quota(.enforce, limit: 2))) { event in
            if case .acknowledged(_, let reason) = event { reasons.append(reason) }
        }
        for _ in 1...3 { client.publish(OutgoingPublish(topic: "t", payload: "x", qos: .atLeastOnce)) }
        self.broker.settle()
        #expect(reasons == [.success, .success, .quotaExceeded])
        self.pass(.milliseconds(500))
        client.publish(OutgoingPublish(topic: "t", payload: "x", qos: .atLeastOnce))
        self.broker.settle()
        #expect(reasons.last == .success)
    }
}

extension ConnectionInfo.State {
    fileprivate var isConnected: Bool {
        if case .connected = self { true } else { false }
    }
}
