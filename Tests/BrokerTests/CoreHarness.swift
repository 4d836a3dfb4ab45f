import Broker
import Logging
import MQTTWire
import NIOCore
import Sessions
import Shadows
import Testing
import Timeline

/// A core on virtual time with clients that are bytes in and packets out: no socket, no loop.
final class CoreHarness {
    private(set) var time: VirtualTime
    private(set) var core: BrokerCore!
    private var freshIDs = 0

    /// - Parameter logger: `nil` for one that is silent.
    init(journal: (any Journal)? = nil, wall: WallTime = WallTime(secondsSinceEpoch: 1_700_000_000), logger: Logger? = nil) {
        self.time = VirtualTime(wall: wall)
        var silent = Logger(label: "test")
        silent.logLevel = .critical
        self.core = BrokerCore(
            shell: .init(
                now: { [unowned self] in self.time.now }, wallTime: { [unowned self] in self.time.wall }, scheduleEndOfTick: {},
                scheduleWake: { _ in },
                freshID: { [unowned self] in
                    self.freshIDs += 1
                    return "id\(self.freshIDs)"
                }), logger: logger ?? silent, journal: journal)
    }

    /// Lets everything happen that is due until now.
    func settle() {
        self.core.endTick()
        self.core.wake()
        self.core.endTick()
    }

    /// Moves time on, stopping at each deadline.
    func advance(by duration: Duration) {
        let end = self.time.now + duration
        while let next = self.core.nextDeadline, next <= end {
            self.time.advance(to: max(next, self.time.now))
            self.core.wake()
            self.core.endTick()
        }
        self.time.advance(to: end)
        self.settle()
    }

    func open(_ profile: ServiceProfile = .plain) -> TestClient {
        TestClient(self, profile)
    }

    /// A client that has connected; its CONNACK is checked and taken.
    func connected(
        _ id: String, _ profile: ServiceProfile = .plain, version: ProtocolVersion = .v5, clean: Bool = true, expiry: UInt32? = nil,
        keepAlive: UInt16 = 0, will: Will? = nil, receiveMaximum: UInt16? = nil
    ) -> TestClient {
        let client = self.open(profile)
        client.connect(
            Connect(
                protocolVersion: version, clientID: id, cleanStart: clean, keepAliveSeconds: keepAlive, will: will,
                sessionExpirySeconds: expiry,
                receiveMaximum: receiveMaximum))
        guard case .connack(let connack)? = client.next() else {
            Issue.record("\(id) got no CONNACK")
            return client
        }
        #expect(connack.reason == .success)
        client.sessionPresent = connack.sessionPresent
        return client
    }
}

/// The test's end of one connection.
final class TestClient: Link {
    private let harness: CoreHarness
    private(set) var connection: Connection?
    private var version = ProtocolVersion.v5
    private var received: [UInt8] = []
    private(set) var isClosed = false
    /// The core takes no bytes now.
    private(set) var isPaused = false
    private var kept: [UInt8] = []
    var sessionPresent = false
    var prefixBytes: Int { 0 }
    /// A client that does not read.
    var isWritable = true {
        didSet { if self.isWritable, let connection { self.harness.core.linkIsWritable(connection) } }
    }

    init(_ harness: CoreHarness, _ profile: ServiceProfile) {
        self.harness = harness
        self.connection = harness.core.accept(
            self, door: Door(name: "test", profile: profile), peer: "test", principal: nil)
    }

    func send(_ batch: ByteBuffer) -> ByteBuffer {
        self.received += Array(batch.readableBytesView)
        return batch
    }

    func close(_ end: String) {
        self.isClosed = true
    }

    func pauseReading() {
        self.isPaused = true
    }

    func resumeReading() {
        self.isPaused = false
        let bytes = self.kept
        self.kept = []
        self.bring(bytes)
    }

    /// Gives bytes to the core; while it pauses, those that it does not use are kept.
    @discardableResult
    private func bring(_ bytes: [UInt8]) -> Int {
        guard let connection else { return 0 }
        let used = bytes.withUnsafeBytes { self.harness.core.received($0, on: connection) }
        if self.isPaused { self.kept += bytes[used...] }
        return used
    }

    /// Sends raw bytes; returns how many were used.
    @discardableResult
    func raw(_ bytes: [UInt8]) -> Int {
        let used = self.bring(bytes)
        self.harness.settle()
        return used
    }

    func connect(_ connect: Connect) {
        self.version = connect.protocolVersion
        self.send(.connect(connect))
    }

    func send(_ packet: AnyPacket) {
        var buffer = ByteBuffer()
        packet.write(to: &buffer, version: self.version)
        self.raw(Array(buffer.readableBytesView))
    }

    func subscribe(_ filters: String..., qos: QoS = .atLeastOnce) {
        self.subscribe(filters.map { Subscription(filter: $0, qos: qos) })
    }

    /// Subscribes and takes the SUBACK.
    func subscribe(_ filters: [Subscription]) {
        self.send(.subscribe(Subscribe(id: Self.id(900), filters: filters)))
        guard case .suback? = self.next() else {
            Issue.record("no SUBACK")
            return
        }
    }

    func publish(
        _ topic: String, _ payload: String = "", qos: QoS = .atMostOnce, retain: Bool = false, id: UInt16 = 1, isDuplicate: Bool = false,
        properties: PublishProperties = PublishProperties()
    ) {
        self.send(
            .publish(
                OutgoingPublish(
                    topic: topic, payload: payload, qos: qos, retain: retain, isDuplicate: isDuplicate,
                    packetID: qos == .atMostOnce ? nil : Self.id(id), properties: properties)))
    }

    /// The connection breaks without a word.
    func vanish() {
        guard let connection else { return }
        self.connection = nil
        self.harness.core.linkClosed(connection, .lost)
        self.harness.settle()
    }

    /// The next packet that came, if any.
    func next() -> AnyPacket? {
        do {
            let decoded = try self.received.withUnsafeBytes { try AnyPacket.decodeFirst(of: $0, version: self.version) }
            guard let decoded else { return nil }
            self.received.removeFirst(decoded.bytes)
            return decoded.packet
        } catch {
            Issue.record("the broker sent what is not a packet: \(error)")
            return nil
        }
    }

    /// Everything that came, as short text: `PUBLISH a/b "x" q1`.
    func all() -> [String] {
        var list: [String] = []
        while let packet = self.next() { list.append(Self.text(packet)) }
        return list
    }

    func acknowledge(_ id: UInt16) {
        self.send(.puback(Puback(id: Self.id(id))))
    }

    static func id(_ number: UInt16) -> PacketID {
        guard let id = PacketID(number) else { preconditionFailure("0 is no packet id") }
        return id
    }

    static func text(_ packet: AnyPacket) -> String {
        switch packet {
        case .publish(let publish):
            let flags = (publish.isDuplicate ? " dup" : "") + (publish.retain ? " retain" : "")
            return "PUBLISH \(publish.topicText) \"\(publish.payloadText)\" q\(publish.qos.rawValue)\(flags)"
        case .puback(let ack): return "PUBACK \(ack.id)"
        case .pubrec(let ack): return "PUBREC \(ack.id)"
        case .pubrel(let ack): return "PUBREL \(ack.id)"
        case .pubcomp(let ack): return "PUBCOMP \(ack.id) \(ack.reason.rawValue)"
        case .suback(let ack): return "SUBACK \(ack.reasons.map(\.rawValue))"
        case .unsuback(let ack): return "UNSUBACK \(ack.reasons.map(\.rawValue))"
        case .disconnect(let disconnect): return "DISCONNECT 0x\(String(disconnect.reason.rawValue, radix: 16))"
        case .connack(let connack): return "CONNACK \(connack.reason.rawValue) \(connack.sessionPresent)"
        default: return packet.type.name
        }
    }
}
