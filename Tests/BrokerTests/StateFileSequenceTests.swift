import Broker
import MQTTWire
import Sessions
import Testing
import Timeline

/// Random clients over a state file: after every commit the file says what the core knows, and so does a core made from it.
@Suite("The state file keeps up with anything")
struct StateFileSequenceTests {
    @Test(arguments: UInt64(1)...12)
    func theFileSaysWhatTheCoreKnows(seed: UInt64) throws {
        var scene = try Scene(seed: seed)
        for round in 1...12 {
            for _ in 0..<15 { try scene.step() }
            scene.state.commit()
            try #require(try scene.disagreement() == [], "seed \(seed), round \(round): \(scene.log.suffix(15))")
            guard round.isMultiple(of: 4) else { continue }
            scene.clients = [:]
            try scene.state.crash(downFor: .seconds(scene.pick(0...20)))
            try #require(try scene.disagreement() == [], "seed \(seed), after the crash of round \(round)")
        }
    }

    private struct Scene {
        let state: StateFileHarness
        var clients: [String: TestClient] = [:]
        var log: [String] = []
        private var numbers: SeededNumbers
        private var lastPacketID: UInt16 = 0

        init(seed: UInt64) throws {
            self.state = try StateFileHarness()
            self.numbers = SeededNumbers(seed: seed)
        }

        mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self.numbers) }

        /// Lines of either side that the other has not.
        func disagreement() throws -> [String] {
            let written = try self.state.written().lines
            let known = self.state.core.image.lines
            let strays = try self.state.strayMessages()
            return written.filter { !known.contains($0) }.map { "only written: \($0)" }
                + known.filter { !written.contains($0) }.map { "only known: \($0)" } + (strays == 0 ? [] : ["\(strays) stray messages"])
        }

        private mutating func chance(_ percent: Int) -> Bool { self.pick(1...100) <= percent }

        private mutating func qos() -> QoS { QoS(rawValue: UInt8(self.pick(0...2))) ?? .atMostOnce }

        mutating func step() throws {
            let name = "c\(self.pick(1...4))"
            switch self.pick(1...100) {
            case ...15: self.connect(name)
            case ...22: self.leave(name)
            case ...35: self.subscribe(name)
            case ...70: self.publish(name)
            case ...85: self.read(name)
            case ...95: self.shadow(name)
            default: self.state.harness.advance(by: .seconds(self.pick(1...30)))
            }
            if self.chance(30) { self.state.commit() }
        }

        private mutating func connect(_ name: String) {
            var will: Will?
            if self.chance(50) {
                will = Will(
                    topic: "w/\(name)", payload: Array(name.utf8), qos: self.qos(), retain: self.chance(30),
                    delayIntervalSeconds: self.chance(50) ? UInt32(self.pick(1...40)) : nil, contentType: "text/plain",
                    userProperties: [UserProperty(name: "a", value: "b")])
            }
            let expiry = UInt32(self.pick(0...3) * 50)
            self.log.append("connect \(name) \(expiry) \(will.map { "\($0)" } ?? "")")
            let client = self.state.harness.open()
            client.connect(
                Connect(
                    protocolVersion: .v5, clientID: name, cleanStart: self.chance(30), keepAliveSeconds: 0, will: will,
                    sessionExpirySeconds: expiry, receiveMaximum: UInt16(self.pick(1...3))))
            self.clients[name] = client
        }

        private mutating func leave(_ name: String) {
            guard let client = self.clients.removeValue(forKey: name), !client.isClosed else { return }
            self.log.append("leave \(name)")
            if self.chance(50) { client.vanish() } else { client.send(.disconnect(Disconnect())) }
        }

        private mutating func subscribe(_ name: String) {
            guard let client = self.clients[name], !client.isClosed else { return }
            let filter = ["a", "a/#", "w/+", "$share/g/a", "$aws/things/T/shadow/#"][self.pick(0...4)]
            self.log.append("subscribe \(name) \(filter)")
            if self.chance(25) {
                client.send(.unsubscribe(Unsubscribe(id: TestClient.id(9), filters: [filter])))
            } else {
                client.send(
                    .subscribe(
                        Subscribe(
                            id: TestClient.id(9),
                            filters: [Subscription(filter: filter, qos: self.qos(), retainAsPublished: self.chance(50))])))
            }
        }

        private mutating func publish(_ name: String) {
            guard let client = self.clients[name], !client.isClosed else { return }
            self.lastPacketID += 1
            let topic = ["a", "a/b", "a/c"][self.pick(0...2)]
            let qos = self.qos()
            self.log.append("publish \(name) \(topic) \(self.lastPacketID) \(qos)")
            let expiry: UInt32? = self.chance(20) ? UInt32(self.pick(1...60)) : nil
            client.publish(
                topic, self.chance(10) ? "" : "\(self.lastPacketID)", qos: qos, retain: self.chance(20), id: self.lastPacketID,
                properties: PublishProperties(messageExpirySeconds: expiry))
        }

        /// Takes what came and acknowledges some of it.
        private mutating func read(_ name: String) {
            guard let client = self.clients[name], !client.isClosed else { return }
            self.log.append("read \(name)")
            while let packet = client.next() {
                guard self.chance(70) else { continue }
                switch packet {
                case .publish(let publish):
                    guard let id = publish.packetID else { continue }
                    client.send(publish.qos == .exactlyOnce ? .pubrec(Pubrec(id: id)) : .puback(Puback(id: id)))
                case .pubrec(let ack): client.send(.pubrel(Pubrel(id: ack.id)))
                case .pubrel(let release): client.send(.pubcomp(Pubcomp(id: release.id)))
                default: continue
                }
            }
        }

        private mutating func shadow(_ name: String) {
            guard let client = self.clients[name], !client.isClosed else { return }
            let prefix = "$aws/things/T/shadow\(self.chance(50) ? "" : "/name/n")"
            self.log.append("shadow \(name) \(prefix)")
            if self.chance(15) {
                client.publish("\(prefix)/delete")
            } else {
                client.publish(
                    "\(prefix)/update", #"{"state":{"desired":{"a":\#(self.pick(1...3))},"reported":{"a":\#(self.pick(1...3)),"b":null}}}"#)
            }
        }
    }
}
