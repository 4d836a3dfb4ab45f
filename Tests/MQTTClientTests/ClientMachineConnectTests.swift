import MQTTWire
import Testing
import Timeline

@testable import MQTTClient

private typealias Fixture = MachineFixture

@Suite struct ClientMachineConnectTests {
    @Test func connectIsSentFirst() {
        let connect = Connect(clientID: "c")
        var machine = ClientMachine(ClientMachineSettings(connect: connect))
        #expect(machine.opened(now: .zero) == [.send(.connect(connect))])
    }

    @Test func connackCompletesTheConnection() {
        var machine = ClientMachine(ClientMachineSettings(connect: Connect(protocolVersion: .v5, keepAliveSeconds: 60)))
        _ = machine.opened(now: .zero)
        let connack = Connack(sessionPresent: true, assignedClientID: "$GEN/1", serverKeepAliveSeconds: 30)
        let grant = ConnectionGrant(sessionPresent: true, clientID: "$GEN/1", keepAliveSeconds: 30, connack: connack, acknowledgedAt: .zero)
        #expect(machine.received(.connack(connack), now: .zero) == [.connected(grant)])
    }

    @Test(arguments: [
        (ProtocolVersion.v5, Connack(reason: .notAuthorized, reasonString: "no"), UInt8(0x87), "no" as String?),
        (.v311, Connack(returnCode: .notAuthorized), 5, nil),
        (.v31, Connack(returnCode: .identifierRejected), 2, nil),
    ])
    func refusalNamesItsCode(version: ProtocolVersion, connack: Connack, code: UInt8, reason: String?) {
        var machine = ClientMachine(ClientMachineSettings(connect: Connect(protocolVersion: version)))
        _ = machine.opened(now: .zero)
        let actions = machine.received(.connack(connack), now: .zero)
        guard case .end(.failed(.connectionRefused(let gotCode, let name, let gotReason))) = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(actions.count == 1)
        #expect(gotCode == code)
        #expect(gotReason == reason)
        #expect(!name.isEmpty)
    }

    @Test func anythingBeforeConnackIsAViolation() {
        var machine = ClientMachine(ClientMachineSettings(connect: Connect()))
        _ = machine.opened(now: .zero)
        #expect(machine.received(.pingresp(Pingresp()), now: .zero) == [.end(.failed(.protocolViolation("PINGRESP came before CONNACK")))])
    }

    @Test func connackIsAwaitedForTheConnectTimeoutOnly() {
        var machine = ClientMachine(ClientMachineSettings(connect: Connect()))
        _ = machine.opened(now: Fixture.start)
        #expect(machine.nextDeadline == Fixture.at(10))
        #expect(machine.timerFired(now: Fixture.at(9)).isEmpty)
        #expect(machine.timerFired(now: Fixture.at(10)) == [.end(.failed(.timedOut("CONNACK", after: .seconds(10))))])
    }

    @Test func aConnectionClosedBeforeConnackSaysSo() {
        var machine = ClientMachine(ClientMachineSettings(connect: Connect()))
        _ = machine.opened(now: .zero)
        #expect(
            machine.lost(.failed(.connectionLost("the server closed it")))
                == [.end(.failed(.connectionLost("the server closed it before it answered CONNECT")))])
    }

    @Test func aSecondConnackIsAViolation() {
        var machine = Fixture.machine()
        #expect(
            machine.received(.connack(Connack()), now: Fixture.start) == [
                .send(.disconnect(Disconnect(reason: .protocolError))), .end(.failed(.protocolViolation("a second CONNACK came"))),
            ])
    }

    /// MQTT 5 §3.1.2.10: a client that sends nothing for the keep alive must ping.
    @Test func silenceIsBrokenByAPingWithinTheKeepAlive() {
        var machine = Fixture.machine()
        #expect(machine.nextDeadline == Fixture.at(60))
        #expect(machine.timerFired(now: Fixture.at(59)).isEmpty)
        #expect(machine.timerFired(now: Fixture.at(60)) == [.send(.pingreq(Pingreq()))])
        #expect(machine.received(.pingresp(Pingresp()), now: Fixture.at(61)).isEmpty)
        #expect(machine.nextDeadline == Fixture.at(120))
    }

    @Test func aClientThatFellSilentPingsNoMore() {
        var machine = Fixture.machine()
        machine.fellSilent()
        #expect(machine.nextDeadline == .distantFuture)
        #expect(machine.timerFired(now: Fixture.at(60)).isEmpty)
    }

    @Test func whatIsSentPutsThePingOff() {
        var machine = Fixture.machine()
        _ = machine.publish(Fixture.message(.atMostOnce), call: Fixture.call(1), now: Fixture.at(40))
        #expect(machine.timerFired(now: Fixture.at(60)).isEmpty)
        #expect(machine.nextDeadline == Fixture.at(100))
    }

    @Test func anUnansweredPingEndsTheConnection() {
        var machine = Fixture.machine()
        _ = machine.timerFired(now: Fixture.at(60))
        #expect(machine.nextDeadline == Fixture.at(120))
        #expect(machine.timerFired(now: Fixture.at(120)) == [.end(.failed(.timedOut("PINGRESP", after: .seconds(60))))])
    }

    @Test func theServersKeepAliveIsUsed() {
        let machine = Fixture.machine(connack: Connack(serverKeepAliveSeconds: 30))
        #expect(machine.nextDeadline == Fixture.at(30))
    }

    @Test func withoutKeepAliveNothingIsDue() {
        let machine = Fixture.machine(.v311) { $0.connect.keepAliveSeconds = 0 }
        #expect(machine.nextDeadline == .distantFuture)
    }

    @Test func disconnectSaysGoodbyeAndFailsWhatIsOpen() {
        var machine = Fixture.machine()
        _ = machine.publish(Fixture.message(.atLeastOnce), call: Fixture.call(1), now: Fixture.start)
        #expect(
            machine.disconnect(reason: .disconnectWithWill, sessionExpirySeconds: 5) == [
                .send(.disconnect(Disconnect(reason: .disconnectWithWill, sessionExpirySeconds: 5))),
                .fail(Fixture.call(1), .closedByUs), .end(.disconnected),
            ])
        #expect(machine.disconnect(reason: .success, sessionExpirySeconds: nil).isEmpty)
        #expect(
            machine.publish(Fixture.message(.atMostOnce), call: Fixture.call(2), now: Fixture.start) == [
                .fail(Fixture.call(2), .notConnected)
            ])
    }

    @Test func dropSaysNothing() {
        var machine = Fixture.machine()
        #expect(machine.lost(.dropped) == [.end(.dropped)])
    }

    @Test func theServersGoodbyeIsKept() {
        var machine = Fixture.machine()
        let goodbye = Disconnect(reason: .sessionTakenOver, reasonString: "elsewhere")
        #expect(
            machine.received(.disconnect(goodbye), now: Fixture.start)
                == [.end(.failed(.closedByServer(.sessionTakenOver, reasonString: "elsewhere")))])
    }
}
