import Foundation
import Testing

/// The command line of mqtt.js (Debian's node-mqtt) through every kind of door.
///
/// `mqtt subscribe` does not say when it is subscribed, so each topic first gets a retained message, which does.
@Suite struct MQTTCommandLineTests {
    static let schemes = ["mqtt", "mqtts", "ws", "wss"]
    static let marker = "you are subscribed"

    @Test(arguments: Self.schemes)
    func quotesAndSpacesArriveByteForByte(scheme: String) async throws {
        let topic = "it's/a \"quoted\"/ topic"
        let message = "  it's \"quoted\", with  spaces, \\, $HOME, `ticks`, ünïcødé ☀ and a trailing space "
        try await SundialProcess.run { sundial in
            let subscriber = try await self.subscribed(sundial, scheme, to: topic, ["-v"])
            try await self.publish(sundial, scheme, topic, message)
            let line = try await subscriber.process.output.line(containing: "quoted\", with")
            #expect(Array(line.utf8) == Array("\(topic) \(message)".utf8))
            try await subscriber.interrupt()
        }
    }

    @Test(arguments: ["mqtt", "mqtts", "ws", "wss"])
    func theLastWillIsReadWhenItsOwnerIsKilled(scheme: String) async throws {
        try await SundialProcess.run { sundial in
            let watcher = try await self.watcher(sundial)
            let owner = try await self.subscribed(
                sundial, scheme, to: "mars", ["--will-topic", "HQ/die", "--will-message", "lost contact"])
            try await owner.kill()
            try await watcher.process.output.line(containing: "HQ/die lost contact")
            try await watcher.kill()
        }
    }

    @Test func controlCIsAnUncleanEndToo() async throws {
        try await SundialProcess.run { sundial in
            let watcher = try await self.watcher(sundial)
            let owner = try await self.subscribed(
                sundial, "mqtt", to: "mars", ["--will-topic", "HQ/die", "--will-message", "lost contact"])
            try await owner.interrupt()
            try await watcher.process.output.line(containing: "HQ/die lost contact")
            try await watcher.kill()
        }
    }

    @Test(arguments: ["mqtt", "wss"])
    func aPublisherThatEndsByItselfLeavesNoWill(scheme: String) async throws {
        try await SundialProcess.run { sundial in
            let watcher = try await self.watcher(sundial)
            try await self.publish(
                sundial, scheme, "HQ/news", "all is well", ["--will-topic", "HQ/die", "--will-message", "lost contact"])
            try await self.publish(sundial, "mqtt", "HQ/end", "that is all")
            try await watcher.process.output.line(containing: "HQ/end that is all")
            #expect(watcher.lines == ["HQ/ready \(Self.marker)", "HQ/news all is well", "HQ/end that is all"])
            try await watcher.kill()
        }
    }

    @Test(arguments: ["mqtt", "wss"])
    func aKeptSessionGetsWhatItMissed(scheme: String) async throws {
        try await SundialProcess.run { sundial in
            let options = ["-q", "1", "--no-clean", "-i", "sleeper"]
            let asleep = try await self.subscribed(sundial, scheme, to: "night", options)
            try await asleep.interrupt()
            for number in 1...3 { try await self.publish(sundial, "mqtt", "night", "dream \(number)", ["-q", "1"]) }
            let awake = try await self.subscribed(sundial, scheme, to: "night", options)
            try await awake.process.output.line(containing: "dream 3")
            #expect(awake.lines.filter { $0.hasPrefix("dream") } == ["dream 1", "dream 2", "dream 3"])
            try await awake.interrupt()
        }
    }

    /// `mqtt subscribe -t 'HQ/+' -v` on the plain door, ready.
    private func watcher(_ sundial: SundialProcess) async throws -> Client {
        try await self.publish(sundial, "mqtt", "HQ/ready", Self.marker, ["-r"])
        let watcher = try Client.mqtt(["subscribe", "-t", "HQ/+", "-v"] + (try await self.door(sundial, "mqtt")))
        try await watcher.process.output.line(containing: "HQ/ready \(Self.marker)")
        return watcher
    }

    private func subscribed(
        _ sundial: SundialProcess, _ scheme: String, to topic: String, _ more: [String]
    ) async throws -> Client {
        try await self.publish(sundial, "mqtt", topic, Self.marker, ["-r"])
        let client = try Client.mqtt(["subscribe", "-t", topic] + (try await self.door(sundial, scheme)) + more)
        try await client.process.output.line(containing: Self.marker)
        return client
    }

    private func publish(
        _ sundial: SundialProcess, _ scheme: String, _ topic: String, _ message: String, _ more: [String] = []
    ) async throws {
        let words = ["publish", "-t", topic, "-m", message] + (try await self.door(sundial, scheme)) + more
        try await Client.mqtt(words).end()
    }

    /// The flags that lead to a door.
    private func door(_ sundial: SundialProcess, _ scheme: String) async throws -> [String] {
        let doors = sundial.doors
        let port: UInt16
        switch scheme {
        case "mqtt": port = doors.mqtt.port
        case "mqtts": port = doors.mqtts.port
        case "ws": port = doors.http.port
        default: port = doors.https.port
        }
        var words = ["-l", scheme, "-h", "localhost", "-p", "\(port)"]
        if scheme.hasSuffix("s"), scheme != "ws" { words += ["--ca", doors.ca] }
        if scheme.hasPrefix("ws") {
            let url = try #require(URLComponents(string: try await sundial.signedAddress(scheme)))
            words += ["--path", "/mqtt?\(url.percentEncodedQuery ?? "")"]
        }
        return words
    }
}
