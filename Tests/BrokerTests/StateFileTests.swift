import Broker
import MQTTWire
import Sessions
import Shadows
import Testing
import Timeline
import Topics

@Suite("What survives the end of a process (DESIGN §6)")
struct StateFileTests {
    private static let update = "$aws/things/T/shadow/update"

    private static func reported(_ value: Int) -> String { #"{"state":{"reported":{"a":\#(value)}}}"# }

    private static func id(_ number: UInt16) -> PacketID { TestClient.id(number) }

    @Test func shadowsGoOnWithTheirVersionsMetadataAndHistory() throws {
        let scene = try StateFileHarness()
        for value in 1...3 { scene.harness.connected("c").publish(Self.update, Self.reported(value)) }
        scene.commit()
        try scene.crash(downFor: .seconds(100))
        let client = scene.harness.connected("c", .aws)
        client.subscribe("$aws/things/T/shadow/+/accepted", qos: .atMostOnce)
        client.publish("$aws/things/T/shadow/get")
        client.publish(Self.update, Self.reported(4))
        scene.commit()
        let answers = client.all()
        #expect(answers[0].contains(#""reported":{"a":{"timestamp":1700000000}}},"version":3,"timestamp":1700000100"#))
        #expect(answers[1].contains(#""version":4"#))
        let thing = try #require(ThingName("T"))
        #expect(scene.core.image.shadows.filter { $0.id == ShadowID(thing: thing) }.map(\.version) == [1, 2, 3, 4])
        #expect(scene.core.image.shadows.map(\.origin.clientID) == ["c", "c", "c", "c"])
    }

    @Test func theVersionOfADeletedShadowIsRememberedFor48HoursAlsoWhileDown() throws {
        for (hours, version) in [(47, 3), (49, 1)] {
            let scene = try StateFileHarness()
            let client = scene.harness.connected("c")
            client.publish(Self.update, Self.reported(1))
            client.publish("$aws/things/T/shadow/delete")
            scene.commit()
            try scene.crash(downFor: .seconds(hours * 3600))
            let later = scene.harness.connected("d")
            later.subscribe("\(Self.update)/accepted", qos: .atMostOnce)
            later.publish(Self.update, Self.reported(2))
            scene.commit()
            #expect(later.all().first?.contains("\"version\":\(version),") == true)
        }
    }

    @Test func whatWasNotCommittedWasNotPromised() throws {
        let scene = try StateFileHarness()
        let client = scene.harness.connected("c")
        client.subscribe("\(Self.update)/accepted", qos: .atMostOnce)
        client.publish(Self.update, Self.reported(1), qos: .atLeastOnce)
        #expect(client.all().isEmpty, "nothing is promised before the journal has it")
    }

    @Test func retainedMessagesStayAndCountDownTheirExpiry() throws {
        let scene = try StateFileHarness()
        let client = scene.harness.connected("c")
        client.publish("for/ever", "1", retain: true)
        client.publish("for/a/while", "2", retain: true, properties: PublishProperties(messageExpirySeconds: 100))
        client.publish("gone", "3", retain: true)
        client.publish("gone", "", retain: true)
        scene.commit()
        try scene.crash(downFor: .seconds(40))
        let reader = scene.harness.connected("r")
        reader.subscribe("for/#", "gone", qos: .atMostOnce)
        var found: [String: UInt32?] = [:]
        while case .publish(let publish)? = reader.next() { found[publish.topicText] = publish.properties.messageExpirySeconds }
        #expect(found == ["for/ever": nil, "for/a/while": 60])
        try scene.crash(downFor: .seconds(61))
        #expect(scene.core.image.retained.map(\.topic.string) == ["for/ever"])
    }

    @Test func retainedMessagesThatExpireLeaveMemoryAndFile() throws {
        let scene = try StateFileHarness()
        let client = scene.harness.connected("c")
        for number in 1...50 {
            client.publish("t/\(number)", "1", retain: true, properties: PublishProperties(messageExpirySeconds: UInt32(number)))
        }
        client.publish("stays", "1", retain: true)
        scene.commit()
        scene.harness.advance(by: .seconds(35))
        scene.commit()
        #expect(scene.core.image.retained.count == 1 + 20, "looked for every ten seconds")
        scene.harness.advance(by: .seconds(30))
        scene.commit()
        #expect(scene.core.image.retained.map(\.topic.string) == ["stays"])
        #expect(try scene.written().retained.map(\.topic.string) == ["stays"])
    }

    @Test func aKeptSessionGetsWhatWaitedForIt() throws {
        let scene = try StateFileHarness()
        let client = scene.harness.connected("c", expiry: 1000)
        client.send(.subscribe(Subscribe(id: Self.id(1), filters: [Subscription(filter: "q/#", qos: .atLeastOnce)])))
        scene.commit()
        client.vanish()
        let publisher = scene.harness.connected("p")
        for number in 1...3 { publisher.publish("q/\(number)", "\(number)", qos: .atLeastOnce, id: UInt16(number)) }
        scene.commit()
        #expect(publisher.all() == ["PUBACK 1", "PUBACK 2", "PUBACK 3"])
        try scene.crash()
        let again = scene.harness.connected("c", clean: false, expiry: 1000)
        #expect(again.sessionPresent)
        #expect(again.all() == (1...3).map { "PUBLISH q/\($0) \"\($0)\" q1" })
        scene.harness.connected("p").publish("q/4", "4", qos: .atLeastOnce)
        #expect(again.all() == ["PUBLISH q/4 \"4\" q1"], "its subscription is there")
    }

    @Test func whatWasSentAndNotAcknowledgedComesAgainAsADuplicate() throws {
        let scene = try StateFileHarness()
        let client = scene.harness.connected("c", expiry: 1000)
        client.send(.subscribe(Subscribe(id: Self.id(1), filters: [Subscription(filter: "q", qos: .atLeastOnce)])))
        scene.commit()
        _ = client.all()
        let publisher = scene.harness.connected("p")
        publisher.publish("q", "1", qos: .atLeastOnce, id: 1)
        publisher.publish("q", "2", qos: .atLeastOnce, id: 2)
        client.acknowledge(1)
        scene.commit()
        try scene.crash()
        #expect(scene.harness.connected("c", clean: false, expiry: 1000).all() == ["PUBLISH q \"2\" q1 dup"])
    }

    @Test func aQoS2MessageArrivesOnceWhereverTheCrashFalls() throws {
        for acknowledgements in 0...3 {
            let scene = try StateFileHarness()
            var client = scene.harness.connected("c", expiry: 1000)
            client.send(.subscribe(Subscribe(id: Self.id(1), filters: [Subscription(filter: "q", qos: .exactlyOnce)])))
            scene.commit()
            _ = client.all()
            scene.harness.connected("p").publish("q", "1", qos: .exactlyOnce)
            scene.commit()
            #expect(client.all() == ["PUBLISH q \"1\" q2"])
            if acknowledgements >= 1 { client.send(.pubrec(Pubrec(id: Self.id(1)))) }
            scene.commit()
            if acknowledgements >= 2 { #expect(client.all() == ["PUBREL 1"]) }
            if acknowledgements >= 3 { client.send(.pubcomp(Pubcomp(id: Self.id(1)))) }
            scene.commit()
            try scene.crash()
            client = scene.harness.connected("c", clean: false, expiry: 1000)
            scene.commit()
            let expected = [["PUBLISH q \"1\" q2 dup"], ["PUBREL 1"], ["PUBREL 1"], []][acknowledgements]
            #expect(client.all() == expected, "after \(acknowledgements) steps")
        }
    }

    @Test func aQoS2MessageFromAKeptSessionIsNotRoutedTwice() throws {
        let scene = try StateFileHarness()
        let client = scene.harness.connected("c", expiry: 1000)
        scene.commit()
        client.publish("q", "1", qos: .exactlyOnce, retain: true, id: 5)
        scene.commit()
        #expect(client.all() == ["PUBREC 5"])
        try scene.crash()
        let watcher = scene.harness.connected("w")
        watcher.subscribe([Subscription(filter: "q", qos: .atMostOnce, retainHandling: .doNotSend)])
        let again = scene.harness.connected("c", clean: false, expiry: 1000)
        again.publish("q", "1", qos: .exactlyOnce, retain: true, id: 5, isDuplicate: true)
        scene.commit()
        #expect(again.all() == ["PUBREC 5"])
        #expect(watcher.all() == [])
        again.send(.pubrel(Pubrel(id: Self.id(5))))
        scene.commit()
        #expect(again.all() == ["PUBCOMP 5 0"])
    }

    @Test func theWillOfAKeptSessionIsDueAfterACrash() throws {
        let scene = try StateFileHarness()
        let watcher = scene.harness.connected("w", expiry: 1000)
        watcher.send(.subscribe(Subscribe(id: Self.id(1), filters: [Subscription(filter: "will/#", qos: .atLeastOnce)])))
        _ = scene.harness.connected("now", expiry: 1000, will: Will(topic: "will/now", payload: [1], qos: .atLeastOnce))
        let delayed = Will(topic: "will/later", payload: [2], qos: .atLeastOnce, delayIntervalSeconds: 50)
        _ = scene.harness.connected("later", expiry: 1000, will: delayed)
        scene.harness.connected("gone", expiry: 1000, will: Will(topic: "will/gone", payload: [3], qos: .atLeastOnce))
            .send(.disconnect(Disconnect()))
        scene.commit()
        try scene.crash(downFor: .seconds(10))
        let again = scene.harness.connected("w", clean: false, expiry: 1000)
        #expect(again.all().map { $0.split(separator: " ")[1] } == ["will/now"])
        scene.harness.advance(by: .seconds(51))
        #expect(again.all().map { $0.split(separator: " ")[1] } == ["will/later"])
        scene.commit()
        try scene.crash()
        #expect(scene.core.image.sessions.allSatisfy { $0.will == nil })
    }

    @Test func aWillThatWaitedIsDueInWallTime() throws {
        let scene = try StateFileHarness()
        let will = Will(topic: "will", payload: [1], qos: .atLeastOnce, retain: true, delayIntervalSeconds: 100)
        scene.harness.connected("c", expiry: 1000, will: will).vanish()
        scene.commit()
        try scene.crash(downFor: .seconds(60))
        #expect(scene.core.image.retained.isEmpty)
        scene.harness.advance(by: .seconds(39))
        #expect(scene.core.image.retained.isEmpty)
        scene.harness.advance(by: .seconds(2))
        #expect(scene.core.image.retained.map(\.topic.string) == ["will"])
    }

    @Test func sessionsExpireWhileTheProcessIsDown() throws {
        let scene = try StateFileHarness()
        scene.harness.connected("short", expiry: 100).vanish()
        scene.harness.connected("long", expiry: 1000).vanish()
        _ = scene.harness.connected("there", expiry: 100)
        scene.commit()
        try scene.crash(downFor: .seconds(200))
        #expect(scene.core.image.sessions.map(\.clientID.text) == ["long", "there"], "the one that was there lost its connection now")
        scene.harness.advance(by: .seconds(101))
        #expect(scene.core.image.sessions.map(\.clientID.text) == ["long"])
        scene.commit()
        try scene.crash()
        #expect(scene.core.image.sessions.map(\.clientID.text) == ["long"])
    }

    @Test func aSessionOfAnotherProfileKeepsItsRules() throws {
        let scene = try StateFileHarness()
        let client = scene.harness.connected("c", .aws, expiry: 1000)
        client.send(.subscribe(Subscribe(id: Self.id(1), filters: [Subscription(filter: "a/#", qos: .atLeastOnce)])))
        scene.commit()
        try scene.crash()
        let again = scene.harness.connected("c", .aws, clean: false, expiry: 1000)
        #expect(again.sessionPresent)
        scene.harness.connected("p").publish("a", "parent", qos: .atLeastOnce)
        scene.harness.connected("p").publish("a/b", "child", qos: .atLeastOnce)
        #expect(again.all() == ["PUBLISH a/b \"child\" q1"])
    }

    @Test func causesGoOnCounting() throws {
        let scene = try StateFileHarness()
        scene.harness.connected("c").publish(Self.update, Self.reported(1))
        let cause = scene.core.latestCause
        scene.commit()
        try scene.crash()
        scene.harness.connected("c").publish(Self.update, Self.reported(2))
        #expect(scene.core.latestCause > cause)
    }

    @Test func anImageTakesThePlaceOfEverythingInTheFileToo() throws {
        let scene = try StateFileHarness()
        let client = scene.harness.connected("c", expiry: 1000)
        client.send(.subscribe(Subscribe(id: Self.id(1), filters: [Subscription(filter: "q", qos: .exactlyOnce)])))
        scene.commit()
        client.vanish()
        let publisher = scene.harness.connected("p")
        publisher.publish("q", "1", qos: .exactlyOnce, retain: true)
        publisher.publish(Self.update, Self.reported(1))
        scene.commit()
        let image = scene.core.image
        try scene.core.replace(with: StateImage())
        scene.harness.settle()
        #expect(publisher.isClosed)
        scene.commit()
        try scene.crash()
        #expect(scene.core.image.lines.isEmpty)
        try scene.core.replace(with: image)
        scene.harness.settle()
        scene.commit()
        #expect(scene.core.image.lines == image.lines)
        try scene.crash()
        #expect(scene.core.image.lines == image.lines)
    }
}
