import MQTTWire
import Testing
import Timeline

@testable import MQTTClient

private typealias Fixture = MachineFixture

@Suite struct ClientMachineMessageTests {
    private func acknowledgement(_ reason: Reason = .success, sent: Int64, acknowledged: Int64) -> PublishAcknowledgement {
        PublishAcknowledgement(
            reason: reason, reasonString: nil, sentAt: Fixture.at(sent), acknowledgedAt: Fixture.at(acknowledged))
    }

    @Test func qos0IsDoneWhenItIsSent() {
        var machine = Fixture.machine()
        #expect(
            machine.publish(Fixture.message(.atMostOnce), call: Fixture.call(1), now: Fixture.at(1)) == [
                .send(.publish(Fixture.publish(.atMostOnce))), .published(Fixture.call(1), self.acknowledgement(sent: 1, acknowledged: 1)),
            ])
    }

    @Test func qos1IsDoneAtPuback() {
        var machine = Fixture.machine()
        #expect(
            machine.publish(Fixture.message(.atLeastOnce), call: Fixture.call(1), now: Fixture.at(1))
                == [.send(.publish(Fixture.publish(.atLeastOnce, id: 1)))])
        let ack = Puback(id: Fixture.id(1), reason: .quotaExceeded)
        #expect(
            machine.received(.puback(ack), now: Fixture.at(2))
                == [.published(Fixture.call(1), self.acknowledgement(.quotaExceeded, sent: 1, acknowledged: 2))])
        #expect(machine.received(.puback(ack), now: Fixture.at(3)).isEmpty)
    }

    /// MQTT 5 §4.3.3.
    @Test func qos2IsDoneAtPubcomp() {
        var machine = Fixture.machine(.v311)
        _ = machine.publish(Fixture.message(.exactlyOnce), call: Fixture.call(1), now: Fixture.at(1))
        let release = ClientMachine.Action.send(.pubrel(Pubrel(id: Fixture.id(1))))
        #expect(machine.received(.pubrec(Pubrec(id: Fixture.id(1))), now: Fixture.at(2)) == [release])
        #expect(machine.received(.pubrec(Pubrec(id: Fixture.id(1))), now: Fixture.at(2)) == [release])
        #expect(
            machine.received(.pubcomp(Pubcomp(id: Fixture.id(1))), now: Fixture.at(3))
                == [.published(Fixture.call(1), self.acknowledgement(sent: 1, acknowledged: 3))])
    }

    @Test func aRefusingPubrecEndsTheExchange() {
        var machine = Fixture.machine()
        _ = machine.publish(Fixture.message(.exactlyOnce), call: Fixture.call(1), now: Fixture.at(1))
        #expect(
            machine.received(.pubrec(Pubrec(id: Fixture.id(1), reason: .notAuthorized)), now: Fixture.at(2))
                == [.published(Fixture.call(1), self.acknowledgement(.notAuthorized, sent: 1, acknowledged: 2))])
    }

    @Test func aPubrecOfAnotherTimeIsReleasedAsUnknown() {
        var machine = Fixture.machine()
        #expect(
            machine.received(.pubrec(Pubrec(id: Fixture.id(9))), now: Fixture.start)
                == [.send(.pubrel(Pubrel(id: Fixture.id(9), reason: .packetIdentifierNotFound)))])
    }

    /// MQTT 5 §4.9: no more unacknowledged publishes than the server's receive maximum.
    @Test func publishesWaitForTheReceiveMaximum() {
        var machine = Fixture.machine(connack: Connack(receiveMaximum: 1))
        _ = machine.publish(Fixture.message(.atLeastOnce), call: Fixture.call(1), now: Fixture.at(1))
        #expect(machine.publish(Fixture.message(.atLeastOnce), call: Fixture.call(2), now: Fixture.at(1)).isEmpty)
        #expect(
            machine.received(.puback(Puback(id: Fixture.id(1))), now: Fixture.at(4)) == [
                .published(Fixture.call(1), self.acknowledgement(sent: 1, acknowledged: 4)),
                .send(.publish(Fixture.publish(.atLeastOnce, id: 2))),
            ])
        #expect(
            machine.received(.puback(Puback(id: Fixture.id(2))), now: Fixture.at(6))
                == [.published(Fixture.call(2), self.acknowledgement(sent: 4, acknowledged: 6))])
    }

    @Test func aFullWaitingQueueRefuses() {
        var machine = Fixture.machine(connack: Connack(receiveMaximum: 1)) { $0.waitingPublishLimit = 1 }
        for number in 1...2 { _ = machine.publish(Fixture.message(.atLeastOnce), call: Fixture.call(UInt64(number)), now: Fixture.start) }
        #expect(
            machine.publish(Fixture.message(.atLeastOnce), call: Fixture.call(3), now: Fixture.start)
                == [.fail(Fixture.call(3), .tooManyWaiting(limit: 1))])
    }

    @Test(arguments: [
        ("a/+", QoS.atMostOnce, Connack(), "wildcard"), ("", .atMostOnce, Connack(), "at least one character"),
        ("a", .exactlyOnce, Connack(maximumQoS: .atLeastOnce), "QoS 2"),
        (String(repeating: "x", count: 40), .atMostOnce, Connack(maximumPacketBytes: 40), "bytes"),
    ])
    func whatTheServerMustRefuseIsNotSent(topic: String, qos: QoS, connack: Connack, words: String) {
        var machine = Fixture.machine(connack: connack)
        let actions = machine.publish(Fixture.message(qos, topic: topic), call: Fixture.call(1), now: Fixture.start)
        guard case .fail(_, let error) = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(actions.count == 1)
        #expect(error.text.contains(words))
    }

    @Test func aLateAcknowledgementFailsTheCallAndKeepsItsPacketID() {
        var machine = Fixture.machine { $0.requestTimeout = .seconds(5) }
        _ = machine.publish(Fixture.message(.atLeastOnce), call: Fixture.call(1), now: Fixture.start)
        #expect(machine.nextDeadline == Fixture.at(5))
        #expect(
            machine.timerFired(now: Fixture.at(5))
                == [.fail(Fixture.call(1), .timedOut("the server's acknowledgement", after: .seconds(5)))])
        #expect(
            machine.publish(Fixture.message(.atLeastOnce), call: Fixture.call(2), now: Fixture.at(6))
                == [.send(.publish(Fixture.publish(.atLeastOnce, id: 2)))])
        #expect(machine.received(.puback(Puback(id: Fixture.id(1))), now: Fixture.at(7)).isEmpty)
    }

    @Test func subscriptionsAreAnsweredWithAReasonPerFilter() {
        var machine = Fixture.machine()
        let filters = [Subscription(filter: "a/#", qos: .atLeastOnce), Subscription(filter: "b", qos: .atMostOnce)]
        #expect(
            machine.subscribe(filters, identifier: 7, call: Fixture.call(1), now: Fixture.start)
                == [.send(.subscribe(Subscribe(id: Fixture.id(1), filters: filters, subscriptionIdentifier: 7)))])
        let answer = SubscriptionAcknowledgement(reasons: [.grantedQoS1, .notAuthorized], reasonString: nil, acknowledgedAt: Fixture.at(1))
        #expect(!answer.isSuccess)
        #expect(
            machine.received(.suback(Suback(id: Fixture.id(1), reasons: [.grantedQoS1, .notAuthorized])), now: Fixture.at(1))
                == [.answered(Fixture.call(1), answer)])
    }

    @Test func unsubscribingIsAnswered() {
        var machine = Fixture.machine(.v311)
        #expect(
            machine.unsubscribe(["a/#"], call: Fixture.call(1), now: Fixture.start)
                == [.send(.unsubscribe(Unsubscribe(id: Fixture.id(1), filters: ["a/#"])))])
        let answer = SubscriptionAcknowledgement(reasons: [], reasonString: nil, acknowledgedAt: Fixture.at(1))
        #expect(machine.received(.unsuback(Unsuback(id: Fixture.id(1))), now: Fixture.at(1)) == [.answered(Fixture.call(1), answer)])
    }

    @Test func receivedQos1IsDeliveredAndAcknowledged() {
        var machine = Fixture.machine()
        #expect(
            machine.received(.publish(Fixture.publish(.atLeastOnce, id: 5)), now: Fixture.at(2)) == [
                Fixture.delivered(.atLeastOnce, at: Fixture.at(2)), .send(.puback(Puback(id: Fixture.id(5)))),
            ])
    }

    /// MQTT 5 §4.3.3: delivered once until it is released.
    @Test func receivedQos2IsDeliveredOnce() {
        var machine = Fixture.machine()
        let publish = AnyPacket.publish(Fixture.publish(.exactlyOnce, id: 5))
        let record = ClientMachine.Action.send(.pubrec(Pubrec(id: Fixture.id(5))))
        #expect(machine.received(publish, now: Fixture.at(2)) == [Fixture.delivered(.exactlyOnce, at: Fixture.at(2)), record])
        #expect(machine.received(publish, now: Fixture.at(3)) == [record])
        let release = AnyPacket.pubrel(Pubrel(id: Fixture.id(5)))
        #expect(machine.received(release, now: Fixture.at(4)) == [.send(.pubcomp(Pubcomp(id: Fixture.id(5))))])
        #expect(
            machine.received(release, now: Fixture.at(4))
                == [.send(.pubcomp(Pubcomp(id: Fixture.id(5), reason: .packetIdentifierNotFound)))])
        #expect(machine.received(publish, now: Fixture.at(5)) == [Fixture.delivered(.exactlyOnce, at: Fixture.at(5)), record])
    }

    /// MQTT 5 §3.3.2.3.4.
    @Test func topicAliasesStandForTheirTopic() {
        var machine = Fixture.machine()
        let properties = PublishProperties(topicAlias: 2)
        let first = Fixture.publish(.atMostOnce, topic: "long/topic", properties: properties)
        let second = Fixture.publish(.atMostOnce, topic: "", properties: properties)
        let delivery = Fixture.delivered(.atMostOnce, topic: "long/topic", at: Fixture.at(1), properties: properties)
        #expect(machine.received(.publish(first), now: Fixture.at(1)) == [delivery])
        #expect(machine.received(.publish(second), now: Fixture.at(1)) == [delivery])
        let beyond = Fixture.publish(.atMostOnce, topic: "x", properties: PublishProperties(topicAlias: 3))
        #expect(machine.received(.publish(beyond), now: Fixture.at(1)).first == .send(.disconnect(Disconnect(reason: .topicAliasInvalid))))
    }
}
