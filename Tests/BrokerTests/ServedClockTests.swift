import Broker
import JSON
import Logging
import MQTTWire
import NIOCore
import Sessions
import Shadows
import SigV4
import Testing
import Timeline
import Topics

/// A broker with a door, lent to one test.
enum ServedBroker {
    static func with(
        _ kind: ClockKind, keeper: (any StateKeeper)? = nil, _ adjust: (inout BrokerConfiguration.Clock) -> Void = { _ in },
        isolation: isolated (any Actor)? = #isolation, _ body: (Broker) async throws -> Void
    ) async throws {
        var configuration = BrokerConfiguration(
            listeners: [.init(name: "mqtt", speaks: .mqtt, usesTLS: false, hosts: ["127.0.0.1"], port: 0, profile: .plain)],
            credentials: CredentialSet())
        configuration.clock.kind = kind
        adjust(&configuration.clock)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let broker = try await Broker.start(configuration, logger: logger, keeper: keeper) { $0.eventLoop.makeSucceededVoidFuture() }
        do {
            try await body(broker)
            await broker.stop()
        } catch {
            await broker.stop()
            throw error
        }
    }
}

/// One clock for the whole of a served broker, with clients over real sockets. Source: scheduler §8.
@Suite(.timeLimit(.minutes(5))) struct ServedClockTests {
    private static let will = Will(topic: "will", payload: Array("gone".utf8), qos: .atLeastOnce, delayIntervalSeconds: 3600)

    /// Somebody whose will is to be said an hour after it is lost.
    private func loseSomebody(_ broker: Broker, _ id: String = "mars", will: Will = Self.will) async throws {
        let (client, _) = try await SocketClient.connect(
            broker, Connect(protocolVersion: .v5, clientID: id, will: will, sessionExpirySeconds: 86_400))
        try await client.vanish()
    }

    private func watcher(_ broker: Broker, _ manner: SocketClient.Manner = .acknowledges()) async throws -> SocketClient {
        let (watcher, _) = try await SocketClient.connect(broker, Connect(protocolVersion: .v5, clientID: "hq"), manner)
        try await watcher.subscribe("will")
        return watcher
    }

    /// Waits for clients as long as a busy machine may let them take.
    private static func patiently(_ clock: inout BrokerConfiguration.Clock) {
        clock.idle.quiet = .milliseconds(500)
        clock.idle.stalled = .seconds(30)
    }

    // MARK: What goes by the clock

    @Test func aWillIsSaidWhenItsDelayHasBeenAdvancedOver() async throws {
        try await ServedBroker.with(.virtual(auto: false), Self.patiently) { broker in
            let watcher = try await self.watcher(broker)
            try await self.loseSomebody(broker)
            let before = try await broker.advance(by: .seconds(3599))
            #expect(before.nextDeadline == before.time + .seconds(1))
            #expect(try await watcher.acknowledged == 0)
            let after = try await broker.advance(by: .seconds(1))
            #expect(after.time - before.time == .seconds(1))
            // The advance ended when the watcher had acknowledged it.
            #expect(try await watcher.acknowledged == 1)
            #expect(await watcher.nextText() == "PUBLISH will \"gone\" q1")
        }
    }

    @Test func aSessionIsThereUntilItsExpiryHasBeenAdvancedOver() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            let connect = Connect(protocolVersion: .v5, clientID: "c", cleanStart: false, sessionExpirySeconds: 3600)
            for (seconds, isPresent) in [(0, false), (3599, true), (3600, false)] {
                try await broker.advance(by: .seconds(seconds))
                let (client, connack) = try await SocketClient.connect(broker, connect)
                #expect(connack.sessionPresent == isPresent, "after \(seconds) s")
                try await client.vanish()
            }
        }
    }

    @Test func aMessageExpiresWhileItsReceiverIsAway() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            let connect = Connect(protocolVersion: .v5, clientID: "c", cleanStart: false, sessionExpirySeconds: 86_400)
            let (away, _) = try await SocketClient.connect(broker, connect)
            try await away.subscribe("t")
            try await away.vanish()
            try await broker.clock.runUntilIdle()
            let topic = try TopicName("t")
            try await broker.submit { core in
                for (payload, seconds) in [("short", UInt32(60)), ("long", 600)] {
                    core.inject(
                        topic: topic, payload: Array(payload.utf8), qos: .atLeastOnce, retain: false,
                        properties: PublishProperties(messageExpirySeconds: seconds))
                }
            }
            try await broker.advance(by: .seconds(61))
            let (back, _) = try await SocketClient.connect(broker, connect)
            #expect(await back.nextText() == "PUBLISH t \"long\" q1")
        }
    }

    @Test func aShadowIsStampedWithTheTimeOfTheService() async throws {
        let start = try #require(WallTime(iso8601: "2030-01-01T00:00:00Z"))
        try await ServedBroker.with(.virtual(auto: false)) {
            $0.start = start
        } _: { broker in
            try await broker.clock.advance(to: start + .seconds(86_400))
            let id = ShadowID(thing: try #require(ThingName("lamp")))
            let outcome = try await broker.submit { core in
                core.shadow(.update, id, payload: Array(#"{"state":{"reported":{"on":true}}}"#.utf8), from: .unnamed)
            }
            let accepted = try JSONValue(parsing: try #require(outcome.messages.first).payload)
            #expect(accepted["timestamp"]?.int64 == 1_893_542_400)
            #expect(accepted["metadata"]?["reported"]?["on"]?["timestamp"]?.int64 == 1_893_542_400)
        }
    }

    // MARK: What stays real

    @Test func theKeepAliveOfANetworkClientGoesByRealTime() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            let (patient, _) = try await SocketClient.connect(
                broker, Connect(protocolVersion: .v5, clientID: "patient", keepAliveSeconds: 60))
            try await broker.advance(by: .seconds(86_400))
            try await patient.send(.pingreq(Pingreq()))
            #expect(await patient.nextText() == "PINGRESP")
            // One that is silent is found out though the clock stands still.
            let (silent, _) = try await SocketClient.connect(broker, Connect(protocolVersion: .v5, clientID: "silent", keepAliveSeconds: 1))
            #expect(await silent.nextText() == "DISCONNECT 0x8d")
            #expect(await silent.next() == nil)
        }
    }

    @Test func theSwitchPutsTheKeepAliveOfNetworkClientsOnTheClock() async throws {
        try await ServedBroker.with(.virtual(auto: false)) {
            $0.virtualKeepAlive = true
        } _: { broker in
            let (client, _) = try await SocketClient.connect(broker, Connect(protocolVersion: .v5, clientID: "c", keepAliveSeconds: 60))
            try await broker.advance(by: .seconds(89))
            try await client.send(.pingreq(Pingreq()))
            #expect(await client.nextText() == "PINGRESP")
            try await broker.advance(by: .seconds(86_400))
            #expect(await client.nextText() == "DISCONNECT 0x8d")
        }
    }

    @Test(arguments: [false, true])
    func theAgeOfSignaturesGoesByRealTimeUnlessSwitched(virtualSignature: Bool) async throws {
        try await ServedBroker.with(.virtual(auto: false)) {
            $0.virtualSignature = virtualSignature
        } _: { broker in
            let state = try await broker.advance(by: .seconds(86_400))
            let judged = try await broker.submit { $0.signatureTime }
            #expect(virtualSignature ? judged == state.time : judged - Broker.systemWallTime() < .seconds(3600))
        }
    }

    // MARK: Idle

    @Test func aReceiverThatTakesAWhileToAnswerIsWaitedFor() async throws {
        try await ServedBroker.with(.virtual(auto: false), Self.patiently) { broker in
            let watcher = try await self.watcher(broker, .acknowledges(after: .milliseconds(300)))
            try await self.loseSomebody(broker)
            try await broker.advance(by: .seconds(3600))
            #expect(try await watcher.acknowledged == 1)
        }
    }

    @Test func aReceiverThatNeverAnswersIsNotWaitedForLong() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            let watcher = try await self.watcher(broker, .ignores)
            for number in 1...3 { try await self.loseSomebody(broker, "mars \(number)") }
            let state = try await broker.advance(by: .seconds(7200))
            #expect(state.nextDeadline != nil)
            for _ in 1...3 { #expect(await watcher.nextText() == "PUBLISH will \"gone\" q1") }
        }
    }

    @Test func whatAClientDoesAboutItIsPartOfTheAdvance() async throws {
        try await ServedBroker.with(.virtual(auto: false), Self.patiently) { broker in
            _ = try await self.watcher(broker, .reacts(topic: "reaction"))
            var will = Self.will
            will.qos = .atMostOnce
            try await self.loseSomebody(broker, will: will)
            try await broker.advance(by: .seconds(3600))
            let topic = try TopicName("reaction")
            let reaction = try await broker.submit { $0.retainedMessage(at: topic) }
            #expect(reaction?.message.payload == Array("gone".utf8))
        }
    }

    @Test func aBrokerThatIsNeverIdleSaysWhoKeepsItBusy() async throws {
        try await ServedBroker.with(.virtual(auto: false)) {
            $0.idle.quiet = .seconds(1)
            $0.idle.patience = .milliseconds(300)
        } _: { broker in
            let (_, _) = try await SocketClient.connect(broker, Connect(protocolVersion: .v5, clientID: "quiet"))
            let (flood, _) = try await SocketClient.connect(broker, Connect(protocolVersion: .v5, clientID: "flood"))
            let flooding = Task { [flood = flood.sender] in
                while !Task.isCancelled { try await flood(.publish(OutgoingPublish(topic: "t", payload: "x"))) }
            }
            let before = try await broker.clock.state()
            let error = await #expect(throws: ClockError.self) { try await broker.advance(by: .seconds(3600)) }
            flooding.cancel()
            guard case .stall(let at, let why)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(at == before.time)
            #expect(why.hasPrefix("the broker does not become idle: client flood (127.0.0.1:"))
            #expect(try await broker.clock.state() == before)
        }
    }

    // MARK: Kinds

    @Test func aScaledClockBringsAWillThatMuchSooner() async throws {
        try await ServedBroker.with(.scaled(try #require(TimeFactor("60")))) { broker in
            let watcher = try await self.watcher(broker)
            var will = Self.will
            will.delayIntervalSeconds = 60
            let before = try await broker.clock.state()
            try await self.loseSomebody(broker, will: will)
            #expect(await watcher.nextText() == "PUBLISH will \"gone\" q1")
            let after = try await broker.clock.state()
            #expect(after.instant - before.instant >= .seconds(60))
            #expect(after.time - before.time == after.instant - before.instant)
        }
    }

    @Test func anAutoClockMovesWhileSomebodyWaitsAndStandsStillOtherwise() async throws {
        try await ServedBroker.with(.virtual(auto: true)) { broker in
            let watcher = try await self.watcher(broker)
            try await self.loseSomebody(broker)
            let before = try await broker.clock.state()
            #expect(before.waiting == 0)
            try await broker.clock.whileMoving {
                #expect(await watcher.nextText() == "PUBLISH will \"gone\" q1")
                let waiting = try await broker.clock.state().waiting
                #expect(waiting == 1)
            }
            let after = try await broker.clock.state()
            #expect(after.time - before.time >= .seconds(3600))
            #expect(after.waiting == 0)
            try await self.loseSomebody(broker)
            // By hand it moves as ever; on its own it would have been there already.
            try await broker.clock.runUntilIdle()
            #expect(try await broker.clock.state().time == after.time)
            try await broker.advance(by: .seconds(3600))
            #expect(await watcher.nextText() == "PUBLISH will \"gone\" q1")
        }
    }

    @Test func timeNeverJumpsWhenItsKindChanges() async throws {
        try await ServedBroker.with(.real) { broker in
            let watcher = try await self.watcher(broker)
            let real = try await broker.clock.state()
            let frozen = try await broker.clock.change(to: .virtual(auto: false))
            #expect(frozen.instant >= real.instant)
            #expect(try await broker.clock.state() == frozen)
            try await self.loseSomebody(broker)
            try await broker.advance(by: .seconds(3600 - 10))
            // Ten seconds are left, a hundredth of a second in real time.
            let scaled = try await broker.clock.change(to: .scaled(try #require(TimeFactor("1000"))))
            #expect(scaled.time - frozen.time >= .seconds(3590))
            #expect(await watcher.nextText() == "PUBLISH will \"gone\" q1")
            let slower = try await broker.clock.change(to: .scaled(.one))
            #expect(slower.instant >= scaled.instant)
            #expect(slower.kind == .scaled(.one))
            await #expect(throws: ClockError.wouldJump) { try await broker.clock.change(to: .real) }
            await #expect(throws: ClockError.movesByItself(.scaled(.one))) { try await broker.advance(by: .seconds(1)) }
        }
    }
}
