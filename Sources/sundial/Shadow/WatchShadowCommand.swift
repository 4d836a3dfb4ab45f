import ArgumentParser
import JSON
import MQTTClient
import MQTTWire
import Shadows
import SigV4
import Timeline

/// `sundial shadow watch`: follows one shadow over MQTT.
struct WatchShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Print every change of a shadow until Ctrl-C.",
        discussion: """
            Follows update/documents and delete/accepted over a signed WebSocket. With --json each is printed on a line, as the service \
            sent it.

            Examples:
              sundial shadow watch lamp
              sundial shadow watch lamp --name kitchen --json
            """)

    @OptionGroup var shadow: ShadowOptions

    private enum Ending: Sendable {
        case readerGone
        case connectionEnded
        case interrupted
    }

    func run() async throws {
        let signals = StopSignals()
        let id = try self.shadow.id()
        let endpoint = try self.shadow.service.control.endpoint.place.endpoint()
        var configuration = MQTTClientConfiguration(endpoint: endpoint)
        configuration.clientID = "sundial-watch-\(BearerToken.fresh().prefix(8))"
        configuration.tls.trust = try self.shadow.service.control.endpoint.place.trust(endpoint)
        configuration.signing = .init(credentials: try self.shadow.service.keys.resolved(), region: self.shadow.service.keys.region)
        do {
            try await self.watch(id, configuration, signals)
        } catch let error as MQTTClientError {
            throw Complaint(error)
        }
    }

    private func watch(_ id: ShadowID, _ configuration: MQTTClientConfiguration, _ signals: StopSignals) async throws {
        let client = try await ConnectionOptions.connect(configuration)
        let topics = ["update/documents", "delete/accepted"].map { "\(id.topicPrefix)/\($0)" }
        let answer = try await client.subscribe(topics.map { Subscription(filter: $0, qos: .atLeastOnce) })
        for (topic, reason) in zip(topics, answer.reasons) where reason.isError {
            throw Complaint("the subscription to '\(topic)'", refused: reason, answer.reasonString)
        }
        StandardStream.error.write("watching \(id.text); Ctrl-C ends\n")
        let ending = await withTaskGroup(of: Ending.self) { group in
            group.addTask { await self.print(client.messages, of: id) }
            group.addTask {
                _ = await signals.first()
                return .interrupted
            }
            let first = await group.next() ?? .connectionEnded
            group.cancelAll()
            return first
        }
        if case .connectionEnded = ending { throw Complaint(await client.end.error) }
        await client.disconnect()
        if case .interrupted = ending { throw ExitStatus.interrupted.exitCode }
    }

    private func print(_ messages: some AsyncSequence<ReceivedMessage, Never> & Sendable, of id: ShadowID) async -> Ending {
        let text = ShadowText(style: .output)
        for await message in messages {
            let line = self.shadow.service.json ? "\(message.text)\n" : Self.text(of: message, id, text)
            guard StandardStream.output.write(line) else { return .readerGone }
        }
        return .connectionEnded
    }

    static func text(of message: ReceivedMessage, _ id: ShadowID, _ text: ShadowText) -> String {
        guard let document = try? JSONValue(parsing: message.payload, limits: JSONLimits(maximumDepth: 512)) else { return "" }
        let time = document["timestamp"]?.int64.map { "\(WallTime(secondsSinceEpoch: $0).iso8601.prefix(19))Z" } ?? ""
        guard let current = document["current"] else {
            return text.headline(id, version: document["version"]) + " deleted, \(time)\n"
        }
        let difference = ShadowDifference(
            from: document["previous"]?["state"]?.object ?? [:], to: current["state"]?.object ?? [:])
        return text.headline(id, version: current["version"]) + ", \(time)\n" + text.difference(difference)
    }
}
