import Glibc
import Testing

/// Debian's `mosquitto_pub` and `mosquitto_sub` on the plain door.
@Suite struct MosquittoClientTests {
    static let versions = ["mqttv31", "mqttv311", "mqttv5"]

    @Test(arguments: Self.versions, ["0", "1", "2"])
    func aMessageArrivesAtItsQoS(version: String, qos: String) async throws {
        try await SundialProcess.run { sundial in
            let subscriber = try await self.subscribed(sundial, version, ["-t", "a/b", "-q", qos, "-C", "1", "-F", "%q %r %t %p"])
            try await self.publish(sundial, version, ["-t", "a/b", "-q", qos, "-m", "hello  world"])
            try await subscriber.end()
            #expect(subscriber.lines.contains("\(qos) 0 a/b hello  world"))
        }
    }

    @Test(arguments: Self.versions)
    func aRetainedMessageAwaitsSubscribersUntilItIsDeleted(version: String) async throws {
        try await SundialProcess.run { sundial in
            try await self.publish(sundial, version, ["-t", "kept/1", "-r", "-q", "1", "-m", "first"])
            try await self.publish(sundial, version, ["-t", "kept/1", "-r", "-q", "1", "-m", "second"])
            let early = try await self.subscribed(sundial, version, ["-t", "kept/+", "-C", "1", "-F", "%r %t %p"])
            try await early.end()
            #expect(early.lines.contains("1 kept/1 second"))

            try await self.publish(sundial, version, ["-t", "kept/1", "-r", "-n"])
            let late = try await self.subscribed(sundial, version, ["-t", "kept/+", "-C", "1", "-F", "%r %t %p"])
            try await self.publish(sundial, version, ["-t", "kept/2", "-m", "live"])
            try await late.end()
            #expect(late.lines.filter { $0.contains("kept/") && !$0.hasPrefix("Client") } == ["0 kept/2 live"])
        }
    }

    @Test(arguments: Self.versions)
    func wildcardsMatchWhatTheyShould(version: String) async throws {
        try await SundialProcess.run { sundial in
            let subscriber = try await self.subscribed(
                sundial, version, ["-t", "a/+/c", "-t", "deep/#", "-t", "+/end", "-F", "%t"])
            for topic in ["a/b/c", "a/b/c/d", "a//c", "deep", "deep/er/still", "$private/end", "a/b", "the/end"] {
                try await self.publish(sundial, version, ["-t", topic, "-m", "x"])
            }
            try await subscriber.process.output.line("the/end") { $0 == "the/end" }
            #expect(subscriber.received == ["a/b/c", "a//c", "deep", "deep/er/still", "the/end"])
            try await subscriber.kill()
        }
    }

    @Test(arguments: Self.versions)
    func aWillIsSentForAnUncleanEndOnly(version: String) async throws {
        try await SundialProcess.run { sundial in
            let watcher = try await self.subscribed(sundial, version, ["-t", "wills/#", "-F", "%t %p"])
            try await self.publish(
                sundial, version,
                ["-t", "x", "-m", "x", "--will-topic", "wills/polite", "--will-payload", "gone", "--will-qos", "1"])
            let killed = try await self.subscribed(
                sundial, version, ["-t", "x", "--will-topic", "wills/killed", "--will-payload", "gone", "--will-qos", "1"])
            try await killed.kill()
            try await watcher.process.output.line(containing: "wills/killed gone")
            #expect(watcher.received == ["wills/killed gone"])
            try await watcher.kill()
        }
    }

    /// MQTT 5 §3.1.4, §3.14.2.1 (0x8E): the newcomer stays, the old connection is closed and its will is sent.
    @Test(arguments: Self.versions)
    func aSecondClientTakesTheClientIDOver(version: String) async throws {
        try await SundialProcess.run { sundial in
            let watcher = try await self.subscribed(sundial, version, ["-t", "wills/#", "-F", "%t %p"])
            let first = try await self.subscribed(
                sundial, version, ["-i", "twin", "-t", "x", "--will-topic", "wills/twin", "--will-payload", "pushed out"])
            try await self.publish(sundial, version, ["-i", "twin", "-t", "news", "-m", "I am the twin now"])
            try await watcher.process.output.line(containing: "wills/twin pushed out")
            try await sundial.log.line(containing: "client id taken over")
            try await first.kill()
            try await watcher.kill()
        }
    }

    private func subscribed(_ sundial: SundialProcess, _ version: String, _ arguments: [String]) async throws -> Client {
        let client = try Client.mosquitto("sub", sundial, ["-V", version, "-d"] + arguments)
        try await client.process.output.line(containing: "Subscribed (mid: 1)")
        return client
    }

    private func publish(_ sundial: SundialProcess, _ version: String, _ arguments: [String]) async throws {
        try await Client.mosquitto("pub", sundial, ["-V", version] + arguments).end()
    }
}

extension Client {
    /// What `mosquitto_sub -d` received, without its own remarks.
    fileprivate var received: [String] {
        self.lines.filter { !$0.hasPrefix("Client ") && !$0.hasPrefix("Subscribed ") }
    }
}
