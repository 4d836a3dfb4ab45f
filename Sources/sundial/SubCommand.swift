import ArgumentParser
import MQTTClient
import MQTTWire

/// `sundial sub`: subscribes and prints, as `mosquitto_sub` does.
struct SubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sub", abstract: "Subscribe, and print each message on a line.",
        discussion: """
            Examples:
              sundial sub -v -t 'hello/#'
              sundial sub --sign -v -t '$aws/things/lamp/shadow/name/+/update/accepted'
              sundial sub --url "$(sundial sign)" -t hello/world -C 1 -W 10
              sundial sub -i kitchen -c -q 1 -t orders
              sundial sub -t mars --will-topic HQ/die --will-payload 'lost contact'

            Exit status: 0 the count of -C was reached, 1 the connection ended or a filter was refused, 2 bad arguments, 3 could not \
            connect, 4 the time of -W was over, 130 interrupted.
            """,
        helpNames: .long)

    @OptionGroup var connection: ConnectionOptions

    @Option(name: [.short, .long], help: ArgumentHelp("Topic filter; may be given more than once.", valueName: "filter"))
    var topic: [String]

    @Option(name: [.short, .long], help: ArgumentHelp("Highest quality of service to receive.", valueName: "0|1|2"))
    var qos = QoSArgument(.atMostOnce)

    @Flag(name: [.short, .long], help: "Print the topic before each message.")
    var verbose = false

    @Option(name: [.customShort("C"), .long], help: ArgumentHelp("End after so many messages.", valueName: "number"))
    var count: Int?

    @Option(name: [.customShort("W"), .long], help: ArgumentHelp("End after so many seconds, with status 4.", valueName: "seconds"))
    var timeout: Double?

    @Flag(
        name: [.customShort("c"), .customLong("disable-clean-session")],
        help: "Keep the session: what is missed while away comes later. Needs -i.")
    var keepsSession = false

    @Flag(name: [.customShort("N"), .long], help: "Print no line end after a message.")
    var noNewline = false

    private enum Ending: Sendable {
        case counted
        case readerGone
        case connectionEnded
        case timedOut
        case interrupted
    }

    func validate() throws {
        if self.topic.isEmpty { throw ValidationError("There is nothing to subscribe to: give -t FILTER.") }
        if self.keepsSession, self.connection.id == nil {
            throw ValidationError("-c keeps a session under its client id; give one with -i.")
        }
        if let count, count < 1 { throw ValidationError("-C \(count) is no count; give 1 or more.") }
        if let timeout, !(timeout > 0 && timeout < 1e9) {
            throw ValidationError("-W \(timeout) is no time to wait; give seconds, more than 0.")
        }
    }

    func run() async throws {
        let signals = StopSignals()
        var configuration = try self.connection.configuration(for: "sub")
        configuration.cleanStart = !self.keepsSession
        if self.keepsSession, configuration.version == .v5 { configuration.sessionExpirySeconds = .max }
        do {
            try await self.listen(configuration, signals)
        } catch let error as MQTTClientError {
            throw Complaint(error)
        }
    }

    private func listen(_ configuration: MQTTClientConfiguration, _ signals: StopSignals) async throws {
        let client = try await ConnectionOptions.connect(configuration)
        let answer = try await client.subscribe(self.topic.map { Subscription(filter: $0, qos: self.qos.qos) })
        for (filter, reason) in zip(self.topic, answer.reasons) where reason.isError {
            throw Complaint("the subscription to '\(filter)'", refused: reason, answer.reasonString)
        }
        let ending = await self.firstEnding(client, signals)
        if case .connectionEnded = ending {
            throw Complaint(await client.end.error)
        }
        await client.disconnect()
        switch ending {
        case .counted, .readerGone, .connectionEnded: return
        case .timedOut: throw ExitStatus.timedOut.exitCode
        case .interrupted: throw ExitStatus.interrupted.exitCode
        }
    }

    private func firstEnding(_ client: MQTTClient, _ signals: StopSignals) async -> Ending {
        await withTaskGroup(of: Ending.self) { group in
            group.addTask { await self.printMessages(of: client) }
            group.addTask {
                _ = await signals.first()
                return .interrupted
            }
            if let timeout {
                group.addTask {
                    try? await Task.sleep(for: .seconds(timeout))
                    return .timedOut
                }
            }
            let first = await group.next() ?? .connectionEnded
            group.cancelAll()
            return first
        }
    }

    private func printMessages(of client: MQTTClient) async -> Ending {
        var printed = 0
        for await message in client.messages {
            guard StandardStream.output.write(self.line(for: message)) else { return .readerGone }
            printed += 1
            if printed == self.count { return .counted }
        }
        return .connectionEnded
    }

    private func line(for message: ReceivedMessage) -> [UInt8] {
        var line: [UInt8] = []
        if self.verbose { line += Array("\(message.topic) ".utf8) + (message.payload.isEmpty ? Array("(null)".utf8) : []) }
        line += message.payload
        if !self.noNewline { line.append(UInt8(ascii: "\n")) }
        return line
    }
}
