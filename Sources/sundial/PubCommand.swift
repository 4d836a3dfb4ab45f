import ArgumentParser
import MQTTClient
import MQTTWire

/// `sundial pub`: publishes, as `mosquitto_pub` does.
struct PubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pub", abstract: "Publish a message, or one per line of standard input.",
        discussion: """
            Examples:
              sundial pub -t hello/world -m 'good morning'
              sundial pub --sign -t '$aws/things/lamp/shadow/name/kitchen/update' -m '{"state":{"reported":{"on":true}}}' -q 1
              sundial pub --url "$(sundial sign)" -t hello/world -m signed
              sensors | sundial pub -t temperature -l
              sundial pub -h localhost -p 8883 --cafile ca.pem -V mqttv5 -t photo -f cat.jpg

            Exit status: 0 delivered, 1 refused, 2 bad arguments, 3 could not connect, 4 timed out.
            """,
        helpNames: .long)

    @OptionGroup var connection: ConnectionOptions

    @Option(name: [.short, .long], help: ArgumentHelp("Topic to publish to.", valueName: "topic"))
    var topic: String

    @Option(name: [.short, .long], help: ArgumentHelp("The message.", valueName: "text"))
    var message: String?

    @Option(name: [.short, .long], help: ArgumentHelp("Send the bytes of a file.", valueName: "file"))
    var file: String?

    @Flag(name: [.customShort("n"), .long], help: "Send an empty message; with -r this clears a retained one.")
    var nullMessage = false

    @Flag(name: [.customShort("s"), .long], help: "Send standard input as one message.")
    var stdinFile = false

    @Flag(name: [.customShort("l"), .long], help: "Send each line of standard input as a message.")
    var stdinLine = false

    @Option(name: [.short, .long], help: ArgumentHelp("Quality of service.", valueName: "0|1|2"))
    var qos = QoSArgument(.atMostOnce)

    @Flag(name: [.short, .long], help: "Have the message retained.")
    var retain = false

    /// The largest payload MQTT can carry (MQTT 5 §2.1.4), less some room for the topic.
    private static let maximumPayloadBytes = 268_000_000
    /// Messages of `-l` whose acknowledgement is still to come.
    private static let pendingLimit = 64

    func validate() throws {
        let sources = [self.message != nil, self.file != nil, self.nullMessage, self.stdinFile, self.stdinLine].count { $0 }
        guard sources == 1 else {
            throw ValidationError(
                sources == 0 ? "There is nothing to send: give -m TEXT, -f FILE, -n, -s or -l." : "Give only one of -m, -f, -n, -s and -l.")
        }
    }

    func run() async throws {
        let payload = self.stdinLine ? nil : try self.payload()
        do {
            let client = try await ConnectionOptions.connect(self.connection.configuration(for: "pub"))
            if let payload {
                try Self.check(try await client.publish(self.packet(payload)))
            } else {
                try await self.publishLines(client)
            }
            await client.disconnect()
        } catch let error as MQTTClientError {
            throw Complaint(error)
        }
    }

    private func payload() throws(Complaint) -> [UInt8] {
        if let message { return Array(message.utf8) }
        if self.nullMessage { return [] }
        return try TextFile.bytes(self.file ?? "-", purpose: "message file", maximumBytes: Self.maximumPayloadBytes)
    }

    private func publishLines(_ client: MQTTClient) async throws {
        var pending: [PendingPublish] = []
        var lines = StandardInputLines(maximumBytes: Self.maximumPayloadBytes)
        while let line = try lines.next() {
            pending.append(client.publishing(self.packet(line)))
            if pending.count == Self.pendingLimit { try Self.check(try await pending.removeFirst().acknowledgement()) }
        }
        for publish in pending { try Self.check(try await publish.acknowledgement()) }
    }

    private func packet(_ payload: [UInt8]) -> ClientPublish {
        ClientPublish(topic: self.topic, payload: payload, qos: self.qos.qos, retain: self.retain)
    }

    private static func check(_ acknowledgement: PublishAcknowledgement) throws(Complaint) {
        guard acknowledgement.reason.isError else { return }
        throw Complaint("the message", refused: acknowledgement.reason, acknowledgement.reasonString)
    }
}
