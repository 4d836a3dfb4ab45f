import MQTTWire
import Testing
import Timeline

@testable import Sessions

@Suite("What may arrive when (MQTT 5 §3.1, §4.13)")
struct ConnectionMachineTests {
    private func machine(connected: Bool, _ change: (inout SessionLimits) -> Void = { _ in }) throws -> ConnectionMachine {
        var limits = SessionLimits()
        change(&limits)
        var machine = ConnectionMachine(limits: limits, now: .zero)
        if connected {
            let connect = Connect(protocolVersion: .v5, clientID: "a", keepAliveSeconds: 10)
            machine.connected(try limits.judge(connect, freshClientID: { "" }), now: .zero)
        }
        return machine
    }

    @Test(arguments: PacketType.allCases)
    func onlyConnectMayComeFirst(type: PacketType) throws {
        let machine = try self.machine(connected: false)
        #expect((machine.admits(type) == nil) == (type == .connect))
    }

    @Test(arguments: PacketType.allCases)
    func afterConnectOnlyClientPacketsMayCome(type: PacketType) throws {
        let allowed: Set<PacketType> = [.publish, .puback, .pubrec, .pubrel, .pubcomp, .subscribe, .unsubscribe, .pingreq, .disconnect]
        let end = try self.machine(connected: true).admits(type)
        #expect((end == nil) == allowed.contains(type))
        if !allowed.contains(type) { #expect(end?.reason == .protocolError) }
    }

    @Test func qosAboveTheDoorsEndsTheConnection() throws {
        let machine = try self.machine(connected: true) { $0.maximumQoS = .atLeastOnce }
        #expect(machine.refuses(qos: .exactlyOnce, payloadBytes: 0)?.reason == .qosNotSupported)
        #expect(machine.refuses(qos: .atLeastOnce, payloadBytes: 0) == nil)
    }

    @Test func payloadsAreLimitedToTheByte() throws {
        let machine = try self.machine(connected: true) { $0.maximumPayloadBytes = 131_072 }
        #expect(machine.refuses(qos: .atMostOnce, payloadBytes: 131_072) == nil)
        #expect(machine.refuses(qos: .atMostOnce, payloadBytes: 131_073)?.reason == .packetTooLarge)
    }

    @Test func nineFiltersAreTooMany() throws {
        let machine = try self.machine(connected: true) { $0.maximumFiltersPerSubscribe = 8 }
        let id = try #require(PacketID(1))
        let filters = (0..<9).map { Subscription(filter: "f/\($0)") }
        #expect(machine.refuses(Subscribe(id: id, filters: Array(filters.prefix(8)))) == nil)
        #expect(machine.refuses(Subscribe(id: id, filters: filters)) != nil)
    }

    @Test func disconnectMayNotBeginToKeepASession() throws {
        let machine = try self.machine(connected: true)
        #expect(machine.disconnectReceived(Disconnect(sessionExpirySeconds: 10)).end.reason == .protocolError)
    }

    @Test func disconnectWithWillKeepsTheWill() throws {
        let machine = try self.machine(connected: true)
        #expect(machine.disconnectReceived(Disconnect(reason: .disconnectWithWill)).end.discardsWill == false)
        #expect(machine.disconnectReceived(Disconnect()).end.discardsWill)
    }
}

@Suite("Keep alive [MQTT5-3.1.2-22]")
struct KeepAliveTests {
    @Test func silenceOfOneAndAHalfPeriodsEndsTheConnection() {
        var keepAlive = KeepAlive(seconds: 10, now: .zero)
        #expect(keepAlive.firstCheck == .zero + .seconds(15))
        keepAlive.heard(now: .zero + .seconds(6))
        #expect(keepAlive.timerFired(now: .zero + .seconds(15)) == .check(at: .zero + .seconds(21)))
        #expect(keepAlive.timerFired(now: .zero + .seconds(21)) == .close)
    }

    @Test func zeroSwitchesItOff() {
        let keepAlive = KeepAlive(seconds: 0, now: .zero)
        #expect(keepAlive.firstCheck == nil)
        #expect(keepAlive.timerFired(now: .zero + .seconds(1_000_000)) == .none)
    }
}

@Suite("QoS 2 messages on their way in (MQTT 5 §4.3.3)")
struct InboundFlightTests {
    @Test func aResendIsADuplicateUntilItsRelease() {
        var flight = InboundFlight()
        #expect(flight.publishReceived(7, receiveMaximum: 10) == .new)
        #expect(flight.publishReceived(7, receiveMaximum: 10) == .duplicate)
        #expect(flight.pubrelReceived(7) == true)
        #expect(flight.pubrelReceived(7) == false)
        #expect(flight.publishReceived(7, receiveMaximum: 10) == .new)
    }

    @Test func moreThanReceiveMaximumIsTooMany() {
        var flight = InboundFlight()
        #expect(flight.publishReceived(1, receiveMaximum: 2) == .new)
        #expect(flight.publishReceived(2, receiveMaximum: 2) == .new)
        #expect(flight.publishReceived(3, receiveMaximum: 2) == .overLimit)
        #expect(flight.publishReceived(2, receiveMaximum: 2) == .duplicate)
    }
}
