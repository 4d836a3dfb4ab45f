/// Two well-behaved clients on the MQTT door: what one publishes must keep reaching the other.
///
/// Only to be used inside ``Workshop/blocking(_:)``.
final class Bystander {
    private let subscriber: RawSocket
    private let publisher: RawSocket
    private var count = 0

    init(_ doors: Doors) throws {
        self.subscriber = try RawSocket(port: doors.mqtt.port)
        self.publisher = try RawSocket(port: doors.mqtt.port)
        for (socket, name) in [(self.subscriber, "watcher"), (self.publisher, "talker")] {
            socket.send(PacketText.connect("bystander-\(name)"))
            try RawSocket.check(try socket.receive(4) == [0x20, 2, 0, 0], "the bystander's CONNACK")
        }
        self.subscriber.send(PacketText.subscribe("bystander"))
        try RawSocket.check(try self.subscriber.receive(5) == [0x90, 3, 0, 1, 0], "the bystander's SUBACK")
    }

    /// Sends one message through, and throws when it does not arrive as it was sent.
    func check() throws {
        self.count += 1
        let message = PacketText.publish("bystander", "message \(self.count)")
        self.publisher.send(message)
        let arrived = try self.subscriber.receive(message.count)
        try RawSocket.check(arrived == message, "the bystander's message \(self.count): \(arrived)")
    }
}
