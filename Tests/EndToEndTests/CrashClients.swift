import MQTTClient
import MQTTWire
import Testing

/// The clients of a crash test: writers that go on until their connection is gone, and the reader that checks.
struct CrashClients: Sendable {
    let port: UInt16
    let ledger: CrashLedger

    static let things = ["crash-1", "crash-2", "crash-3"]
    static let topics = ["kept/1", "kept/2"]
    static let queue = "queue/numbers"
    /// Messages a writer has under way.
    private static let window = 16

    private func connect(
        _ id: String, keepsSession: Bool = false, onMessage: (@Sendable (ReceivedMessage) -> Void)? = nil
    ) async throws -> MQTTClient {
        var configuration = MQTTClientConfiguration(endpoint: try ClientEndpoint(parsing: "mqtt://127.0.0.1:\(self.port)"))
        configuration.version = .v5
        configuration.clientID = id
        configuration.cleanStart = !keepsSession
        configuration.sessionExpirySeconds = keepsSession ? 3600 : nil
        configuration.onMessage = onMessage
        return try await MQTTClient.connect(configuration)
    }

    // MARK: Writing

    /// Runs every writer, and a subscriber that is there all the time, until `body` ends; by then their connections are gone.
    func whileWriting(_ body: () async throws -> Void) async throws {
        let online = try await self.connect(Subscriber.online)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thing in Self.things { group.addTask { await self.updateShadow(of: thing) } }
            for topic in Self.topics { group.addTask { await self.publish(to: topic, retain: true) } }
            group.addTask { await self.publish(to: Self.queue, retain: false) }
            try await body()
            try await group.waitForAll()
        }
        await online.drop()
    }

    /// Every update writes one number into both sections; the version tells which.
    private func updateShadow(of thing: String) async {
        // The process may be gone before everybody is connected.
        let connected = try? await self.connect("writer-\(thing)") { message in
            guard let version = Self.number(after: "\"version\":", in: message.text) else { return }
            self.ledger.acknowledged(version, on: thing)
        }
        let prefix = "$aws/things/\(thing)/shadow/update"
        guard let client = connected,
            (try? await client.subscribe([Subscription(filter: "\(prefix)/accepted", qos: .atLeastOnce)])) != nil
        else { return }
        let padding = String(repeating: "x", count: 200)
        await self.write(on: thing) { number in
            client.publishing(
                ClientPublish(
                    topic: prefix,
                    payload: Array(
                        #"{"state":{"desired":{"n":\#(number)},"reported":{"n":\#(number),"padding":"\#(padding)"}}}"#.utf8),
                    qos: .atLeastOnce))
        }
        await client.drop()
    }

    private func publish(to topic: String, retain: Bool) async {
        guard let client = try? await self.connect("writer-\(topic)") else { return }
        await self.write(on: topic) { number in
            client.publishing(ClientPublish(topic: topic, payload: Array("\(number)".utf8), qos: .atLeastOnce, retain: retain))
        } acknowledged: { number in
            self.ledger.acknowledged(number, on: topic)
        }
        await client.drop()
    }

    /// Sends numbers with a window until the connection is gone.
    private func write(
        on name: String, _ send: (Int) -> PendingPublish, acknowledged: (Int) -> Void = { _ in }
    ) async {
        var underWay: [(number: Int, publish: PendingPublish)] = []
        var number = self.ledger[name].sent
        while true {
            while underWay.count < Self.window {
                number += 1
                self.ledger.sent(number, on: name)
                underWay.append((number, send(number)))
            }
            let first = underWay.removeFirst()
            guard (try? await first.publish.acknowledgement()) != nil else { return }
            acknowledged(first.number)
        }
    }

    // MARK: Reading

    /// A kept session, what it is subscribed to, and the stream whose numbers it is to see.
    private struct Subscriber {
        let id: String
        let filter: String
        let stream: String

        static let online = Subscriber(id: "online", filter: CrashClients.queue, stream: CrashClients.queue)
        static let away = Subscriber(id: "away", filter: CrashClients.queue, stream: CrashClients.queue)
        /// A device that is off while its shadow is updated: the answers wait for it.
        static let device = Subscriber(
            id: "device", filter: "$aws/things/\(CrashClients.things[0])/shadow/update/accepted", stream: CrashClients.things[0])
        static let all = [Self.online, Self.away, Self.device]

        var marker: String { "marker/\(self.id)" }
    }

    private func connect(_ subscriber: Subscriber) async throws -> MQTTClient {
        let client = try await self.connect(subscriber.id, keepsSession: true) { message in
            guard let number = Int(message.text) ?? Self.number(after: "\"version\":", in: message.text) else { return }
            self.ledger.seen(number, on: message.topic == subscriber.marker ? subscriber.marker : subscriber.id)
        }
        if !client.grant.sessionPresent {
            #expect(self.ledger[subscriber.stream].acknowledged == 0, "\(subscriber.id)'s session is lost")
            _ = try await client.subscribe(
                [subscriber.filter, subscriber.marker].map { Subscription(filter: $0, qos: .atLeastOnce) })
        }
        return client
    }

    /// Makes the kept sessions, before anything is written.
    func subscribe() async throws {
        for subscriber in Subscriber.all { try await self.connect(subscriber).disconnect() }
    }

    /// Everything acknowledged is there, and nothing torn; the numbers then go on from what is there.
    ///
    /// - Parameter number: of the check; counts up.
    func check(_ number: Int) async throws {
        let comment: Comment = "check \(number)"
        for subscriber in Subscriber.all {
            let client = try await self.connect(subscriber)
            // Messages come in order: before this one comes everything that waits.
            _ = try await client.publish(ClientPublish(topic: subscriber.marker, payload: Array("\(number)".utf8), qos: .atLeastOnce))
            await self.ledger.waitUntilSeen(number, on: subscriber.marker)
            await client.disconnect()
            let line = self.ledger[subscriber.stream]
            #expect(line.promised.subtracting(self.ledger[subscriber.id].seen) == [], comment)
            #expect(self.ledger[subscriber.id].seen.allSatisfy { $0 <= line.sent }, comment)
        }
        for topic in Self.topics { try await self.checkRetained(topic, comment) }
        for thing in Self.things { try await self.checkShadow(of: thing, comment) }
    }

    private func checkRetained(_ topic: String, _ comment: Comment) async throws {
        let line = self.ledger[topic]
        let marker = "marker"
        let client = try await self.connect("checker")
        _ = try await client.subscribe([topic, marker].map { Subscription(filter: $0, qos: .atLeastOnce) })
        // Retained messages come with the subscription: none comes after this one.
        _ = try await client.publish(ClientPublish(topic: marker, payload: [], qos: .atLeastOnce))
        let message = await client.messages.first { _ in true }
        await client.disconnect()
        guard let message, message.topic == topic else {
            #expect(line.acknowledged == 0, comment)
            return
        }
        let number = try #require(Int(message.text), comment)
        #expect((line.acknowledged...line.sent).contains(number), comment)
        self.ledger.goOn(from: number, on: topic)
    }

    private func checkShadow(of thing: String, _ comment: Comment) async throws {
        let line = self.ledger[thing]
        let get = "$aws/things/\(thing)/shadow/get"
        let client = try await self.connect("checker")
        _ = try await client.subscribe([Subscription(filter: "\(get)/+", qos: .atLeastOnce)])
        _ = try await client.publish(ClientPublish(topic: get, payload: [], qos: .atLeastOnce))
        let answer = try #require(await client.messages.first { _ in true }, comment)
        await client.disconnect()
        if answer.topic == "\(get)/rejected" {
            #expect(line.acknowledged == 0, comment)
            return
        }
        let version = try #require(Self.number(after: "\"version\":", in: answer.text), comment)
        #expect((line.acknowledged...line.sent).contains(version), comment)
        #expect(answer.text.contains("\"desired\":{\"n\":\(version)},\"reported\":{\"n\":\(version),\"padding\""), comment)
        #expect(!answer.text.contains("delta"), comment)
        self.ledger.goOn(from: version, on: thing)
    }

    private static func number(after words: String, in text: String) -> Int? {
        guard let range = text.firstRange(of: words) else { return nil }
        return Int(text[range.upperBound...].prefix(while: \.isNumber))
    }
}
