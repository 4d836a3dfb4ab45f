import MQTTWire
import Timeline

@testable import MQTTClient

/// A machine beyond its CONNACK, and the instants of a test.
enum MachineFixture {
    static let start = Instant.zero + .seconds(100)

    static func at(_ seconds: Int64) -> Instant { Self.start + .seconds(seconds) }

    static func call(_ number: UInt64) -> ClientMachine.CallID { ClientMachine.CallID(number: number) }

    static func machine(
        _ version: ProtocolVersion = .v5, connack: Connack = Connack(), _ change: (inout ClientMachineSettings) -> Void = { _ in }
    ) -> ClientMachine {
        var settings = ClientMachineSettings(
            connect: Connect(
                protocolVersion: version, clientID: "sundial-test", keepAliveSeconds: 60, topicAliasMaximum: version == .v5 ? 2 : nil))
        change(&settings)
        var machine = ClientMachine(settings)
        _ = machine.opened(now: Self.start)
        _ = machine.received(.connack(connack), now: Self.start)
        return machine
    }

    static func id(_ number: UInt16) -> PacketID {
        guard let id = PacketID(number) else { preconditionFailure("packet id \(number)") }
        return id
    }

    static func publish(_ qos: QoS, topic: String = "a/b", id: UInt16? = nil, properties: PublishProperties = .init()) -> OutgoingPublish {
        OutgoingPublish(topic: Array(topic.utf8), payload: [1, 2], qos: qos, packetID: id.flatMap { PacketID($0) }, properties: properties)
    }

    static func message(_ qos: QoS, topic: String = "a/b") -> ClientPublish {
        ClientPublish(topic: topic, payload: [1, 2], qos: qos)
    }

    static func delivered(_ qos: QoS, topic: String = "a/b", at: Instant, properties: PublishProperties = .init()) -> ClientMachine.Action {
        .deliver(ReceivedMessage(topic: topic, payload: [1, 2], qos: qos, properties: properties, receivedAt: at))
    }
}
