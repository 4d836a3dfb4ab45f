import CBench
import Glibc

/// One scenario against one server: opens the links, keeps the windows full, and accounts for every message.
///
/// One thread, one epoll, one large read and one write per ready link and turn.
struct LoadRun: ~Copyable {
    private let scenario: Scenario
    private let server: ServerProcess
    private let layout: MessageLayout
    private let epoll: Int32
    private let links: UnsafeMutablePointer<Link>
    private let linkCount: Int
    private let publishers: UnsafeMutablePointer<Publisher>
    private let publisherCount: Int
    /// Links up to this index, exclusive, are subscribers; publishers follow (the shadow client is both).
    private let subscriberCount: Int
    private let streamIsSubscriber: Bool
    /// Set when the messages are shadow updates, whose streams are their things.
    private let shadows: ShadowLayout?
    private let streamCount: Int
    private let scratch: UnsafeMutableRawBufferPointer
    private var ledger: DeliveryLedger
    private var versions: VersionLedger
    private var ready: IndexSet
    private var dirty: IndexSet
    private var latency: LatencySamples
    private var rejected = 0
    private var now: Int64 = 0
    private var isSending = true
    private var isMeasuring = false
    private let intervalNanoseconds: Int64?

    /// Bytes a publisher may leave unsent before it waits for the socket.
    private static let outboundLimit = 1 << 20
    /// How long stragglers are awaited after the last message was sent.
    private static let drainNanoseconds: Int64 = 3_000_000_000

    init(_ scenario: Scenario, endpoint: Endpoint, server: ServerProcess) throws(BenchFailure) {
        let tls = endpoint.transport.isEncrypted ? try TLSContext() : nil
        let epoll = epoll_create1(0)
        guard epoll >= 0 else { throw .system("epoll_create1") }
        let links = try LinkSet.open(scenario, endpoint: endpoint, tls: tls)
        self.epoll = epoll
        self.links = links
        self.scenario = scenario
        self.server = server
        let shadows = scenario.isShadow ? ShadowLayout(thingCount: scenario.thingCount) : nil
        self.shadows = shadows
        self.layout = shadows.map { .shadow($0) } ?? .binary
        self.subscriberCount = scenario.subscriberCount
        self.publisherCount = scenario.publisherCount
        self.linkCount = scenario.connectionCount
        self.streamCount = max(scenario.subscriberCount, scenario.publisherCount, scenario.thingCount)
        if case .fanOut = scenario.shape { self.streamIsSubscriber = true } else { self.streamIsSubscriber = false }
        let rate = scenario.messagesPerSecond
        self.intervalNanoseconds = rate.map { 1_000_000_000 * Int64(scenario.publisherCount) / Int64($0) }
        self.publishers = .allocate(capacity: self.publisherCount)
        for index in 0..<self.publisherCount {
            let payload = self.layout.payload(publisher: index)
            let topic = scenario.topic(ofPublisher: index)
            let packet = PacketBytes.publish(topic: topic, qos: scenario.qos, payload: payload)
            let subscribers = self.streamIsSubscriber ? self.subscriberCount : 1
            (self.publishers + index).initialize(
                to: Publisher(
                    link: scenario.isShadow ? 0 : self.subscriberCount + index,
                    window: scenario.window,
                    awaited: subscribers + (scenario.qos > 0 ? 1 : 0),
                    packet: packet,
                    packetIDOffset: scenario.qos > 0 ? packet.count - payload.count - 2 : nil,
                    layout: self.layout))
        }
        self.scratch = .allocate(byteCount: 1 << 19, alignment: 64)
        self.ledger = DeliveryLedger(streams: self.streamCount)
        self.versions = VersionLedger(streams: self.streamCount)
        self.ready = IndexSet(capacity: self.publisherCount)
        self.dirty = IndexSet(capacity: self.linkCount)
        self.latency = LatencySamples(isRecording: scenario.isLatency)
        for index in 0..<self.linkCount { self.watch(index, EPOLL_CTL_ADD) }
    }

    deinit {
        self.links.deinitialize(count: self.linkCount).deallocate()
        self.publishers.deinitialize(count: self.publisherCount).deallocate()
        self.scratch.deallocate()
        close(self.epoll)
    }

    /// Warms up, measures for `seconds`, stops sending, waits for the rest, and counts.
    mutating func run(seconds: Double, warmUpSeconds: Double) throws(BenchFailure) -> LoadResult {
        for index in 0..<self.publisherCount { self.ready.insert(index) }
        self.now = monotonicNanoseconds()
        for index in 0..<self.publisherCount { self.publishers[index].dueAt = self.now }
        try self.turn(until: self.now + Int64(warmUpSeconds * 1e9))

        let before = try LoadReading(self.server, delivered: self.ledger.delivered)
        self.isMeasuring = true
        try self.turn(until: self.now + Int64(seconds * 1e9))
        let after = try LoadReading(self.server, delivered: self.ledger.delivered)
        self.isMeasuring = false

        self.isSending = false
        let drainEnd = self.now + Self.drainNanoseconds
        while !self.isComplete, self.now < drainEnd { try self.turn(until: self.now + 1_000_000) }
        return LoadResult(
            scenario: self.scenario.name, isUpdate: self.scenario.isShadow, from: before, to: after,
            faults: LoadFaults(
                lost: self.lost, unacknowledged: self.unacknowledged, duplicates: self.ledger.duplicates,
                outOfOrder: self.ledger.outOfOrder, unevenVersions: self.versions.uneven, rejected: self.rejected),
            medianLatencyNanoseconds: self.latency.median)
    }

    private var isComplete: Bool {
        for index in 0..<self.publisherCount where self.publishers[index].completed < self.publishers[index].next { return false }
        return true
    }

    private var lost: Int {
        (0..<self.streamCount).reduce(0) { $0 + self.ledger.lost(of: self.sent(on: $1), on: $1) }
    }

    private func sent(on stream: Int) -> UInt64 {
        if let shadows = self.shadows { return shadows.sent(of: self.publishers[0].next, to: stream) }
        return self.publishers[self.streamIsSubscriber ? 0 : stream].next
    }

    /// Messages not completed though everything arrived: the acknowledgement is missing.
    private var unacknowledged: Int {
        let open = (0..<self.publisherCount).reduce(0) { $0 + Int(self.publishers[$1].next - self.publishers[$1].completed) }
        return self.scenario.qos > 0 ? max(0, open - self.lost) : 0
    }

    private mutating func turn(until end: Int64) throws(BenchFailure) {
        let timeout: Int32 = self.intervalNanoseconds == nil ? 1 : 0
        try withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 256) { events throws(BenchFailure) in
            while self.now < end {
                self.pumpAndFlush()
                let count = epoll_wait(self.epoll, events.baseAddress, 256, timeout)
                self.now = monotonicNanoseconds()
                guard count > 0 else { continue }
                for position in 0..<Int(count) {
                    let event = events[position]
                    let index = Int(event.data.u32)
                    if event.events & EPOLLOUT.rawValue != 0 { self.dirty.insert(index) }
                    if event.events & ~EPOLLOUT.rawValue != 0 { try self.read(index) }
                }
            }
        }
    }

    @inline(__always)
    private mutating func pumpAndFlush() {
        if self.isSending { self.pump() }
        while let index = self.dirty.popLast() {
            let wasBlocked = self.links[index].isBlocked
            _ = self.links[index].flush()
            let isBlocked = self.links[index].isBlocked
            if isBlocked != wasBlocked { self.watch(index, EPOLL_CTL_MOD) }
            if wasBlocked, !isBlocked, index >= self.subscriberCount { self.ready.insert(index - self.subscriberCount) }
        }
    }

    @inline(__always)
    private mutating func pump() {
        guard let interval = self.intervalNanoseconds else {
            while let index = self.ready.popLast() { self.fill(index) }
            return
        }
        for index in 0..<self.publisherCount where self.publishers[index].dueAt <= self.now && self.publishers[index].maySend {
            self.send(index)
            self.publishers[index].dueAt += interval
        }
    }

    @inline(__always)
    private mutating func fill(_ index: Int) {
        let link = self.publishers[index].link
        while self.publishers[index].maySend {
            guard self.links[link].outbound.pendingBytes < Self.outboundLimit else { return }
            self.send(index)
        }
    }

    @inline(__always)
    private mutating func send(_ index: Int) {
        let link = self.publishers[index].link
        let place = self.links[link].outbound.reserve(self.publishers[index].templateBytes)
        self.publishers[index].writeNext(to: place, now: self.latency.isRecording ? monotonicNanoseconds() : 0)
        self.dirty.insert(link)
    }

    @inline(__always)
    private mutating func read(_ index: Int) throws(BenchFailure) {
        while true {
            switch self.links[index].receive(into: self.scratch) {
            case .bytes(let count, let mayHaveMore):
                let used = self.packets(count, from: index)
                self.links[index].keep(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(self.scratch)[used..<count]))
                if !mayHaveMore { return }
            case .nothing:
                return
            case .closed:
                throw BenchFailure("\(self.scenario.name): the server closed connection \(index)")
            }
        }
    }

    /// - Returns: how many of the `count` bytes were whole packets.
    @inline(__always)
    private mutating func packets(_ count: Int, from index: Int) -> Int {
        guard let base = self.scratch.baseAddress else { return 0 }
        var position = 0
        while let extent = PacketExtent(base + position, count: count - position) {
            let body = UnsafeRawPointer(base + position + extent.headerBytes)
            switch extent.first >> 4 {
            case 3: self.published(extent, body, on: index)
            case 4: self.acknowledged(UInt16(bigEndian: body.loadUnaligned(as: UInt16.self)), on: index)
            default: break
            }
            position += extent.totalBytes
        }
        return position
    }

    @inline(__always)
    private mutating func published(_ extent: PacketExtent, _ body: UnsafeRawPointer, on index: Int) {
        let topicBytes = Int(UInt16(bigEndian: body.loadUnaligned(as: UInt16.self)))
        var offset = 2 + topicBytes
        if extent.first & 0x06 != 0 {
            let acknowledgement = self.links[index].outbound.reserve(4)
            acknowledgement.storeBytes(of: 0x40, as: UInt8.self)
            (acknowledgement + 1).storeBytes(of: 2, as: UInt8.self)
            (acknowledgement + 2).storeBytes(of: (body + offset).loadUnaligned(as: UInt16.self), as: UInt16.self)
            self.dirty.insert(index)
            offset += 2
        }
        let payloadBytes = extent.totalBytes - extent.headerBytes - offset
        if let shadows = self.shadows {
            let topic = UnsafeRawBufferPointer(start: body + 2, count: topicBytes)
            self.answered(shadows.read(topic: topic, payload: UnsafeRawBufferPointer(start: body + offset, count: payloadBytes)))
            return
        }
        guard let message = MessageLayout.read(body + offset, count: payloadBytes), message.publisher < self.publisherCount else {
            self.rejected += 1
            return
        }
        let stream = self.streamIsSubscriber ? index : message.publisher
        guard self.ledger.received(message.sequence, on: stream) == .first else { return }
        if self.isMeasuring, self.latency.isRecording { self.latency.add(monotonicNanoseconds() - message.sentAt) }
        if self.publishers[message.publisher].arrived(message.sequence) { self.ready.insert(message.publisher) }
    }

    /// An answer to a shadow update; nil when it is not the `accepted` of one of ours.
    @inline(__always)
    private mutating func answered(_ answer: ShadowLayout.Answer?) {
        guard let answer else {
            self.rejected += 1
            return
        }
        self.versions.received(answer.version, on: answer.thing)
        guard self.ledger.received(answer.sequenceOfThing, on: answer.thing) == .first else { return }
        if self.publishers[0].arrived(answer.sequence) { self.ready.insert(0) }
    }

    @inline(__always)
    private mutating func acknowledged(_ packetID: UInt16, on index: Int) {
        let publisher = self.shadows != nil ? 0 : index - self.subscriberCount
        guard publisher >= 0, publisher < self.publisherCount else { return }
        if self.publishers[publisher].acknowledged(packetID) { self.ready.insert(publisher) }
    }

    private func watch(_ index: Int, _ operation: Int32) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (self.links[index].isBlocked ? EPOLLOUT.rawValue : 0)
        event.data.u32 = UInt32(index)
        epoll_ctl(self.epoll, operation, self.links[index].descriptor, &event)
    }
}
