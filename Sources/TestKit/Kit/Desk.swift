import Broker
import MQTTWire
import NIOCore
import Sessions
import Shadows
import Timeline

/// What a kit has where the core is, on its loop: the clients in the process, what has passed, who waits for what, and runs.
final class Desk {
    let core: BrokerCore
    let loop: any EventLoop
    let hosts: LocalClients
    private let options: Sundial.Options
    private let start: Instant
    /// What entered the broker.
    var inside: MessageLog
    /// Why the shadow service rejected what it last did.
    var rejection: ShadowError?
    private var seats: [ClientSeat] = []
    private var waits: [Int: PendingExpectation] = [:]
    var runs: [Int: RunEntry] = [:]
    private var lastNumber = 0
    /// Meanwhile the core is not idle.
    private var lookIsQueued = false {
        didSet {
            if self.lookIsQueued == oldValue { return }
            if self.lookIsQueued { self.core.workBegan() } else { self.core.workEnded() }
        }
    }
    private var hasLeft = false

    init(core: BrokerCore, loop: any EventLoop, options: Sundial.Options) {
        self.core = core
        self.loop = loop
        self.options = options
        self.hosts = LocalClients(of: core)
        self.start = core.instant
        self.inside = MessageLog(limit: options.recordLimit)
        self.hosts.onNews = { [weak self] in self?.lookSoon() }
        core.add(self)
    }

    /// On the kit's clock, since its start.
    var elapsed: Duration { self.core.instant - self.start }

    func checkOpen() throws {
        if self.hasLeft { throw SundialFailure.stopped }
    }

    /// Names a wait or a run.
    func nextNumber() -> Int {
        self.lastNumber += 1
        return self.lastNumber
    }

    /// Leaves nothing of the kit on the core.
    func leave() {
        self.hasLeft = true
        self.core.remove(self)
        for number in self.waits.keys { self.end(number) }
        for number in self.runs.keys { self.dropRun(number) }
        for seat in self.seats { seat.client.leave() }
        self.seats = []
    }

    // MARK: Clients

    /// A client that is not connected yet.
    func seat(_ name: String) throws -> ClientSeat {
        try self.checkOpen()
        let door = Door(name: "in the process", profile: self.options.rules.profile)
        let record = ClientRecord(limit: self.options.recordLimit) { [weak self] in self?.elapsed ?? .zero }
        let seat = ClientSeat(self.hosts.make(name, door: door) { record.took($0) }, record)
        self.seats.append(seat)
        return seat
    }

    // MARK: News

    /// Lets clients and runs do all there is to do at this instant, and looks who has what it waits for.
    func settle() {
        self.hosts.settle()
        if !self.runs.isEmpty, self.workOnRuns() { self.lookSoon() }
        for wait in self.waits.values { wait.look() }
    }

    /// The same, when what is going on now is done.
    func lookSoon() {
        if self.lookIsQueued { return }
        self.lookIsQueued = true
        self.loop.assumeIsolated().execute {
            self.lookIsQueued = false
            self.settle()
        }
    }

    // MARK: Waiting

    /// Begins to wait: ``wait(_:)`` by its number, until ``conclude(_:after:)`` or ``end(_:)``.
    func begin(_ awaited: Awaited, _ count: Count, in place: PendingExpectation.Place) throws -> Int {
        try self.checkOpen()
        let number = self.nextNumber()
        self.waits[number] = PendingExpectation(awaited, count, in: place, desk: self)
        return number
    }

    func wait(_ number: Int) -> PendingExpectation? { self.waits[number] }

    /// Ends a wait with what has come.
    ///
    /// - Throws: ``ExpectationFailure``
    func conclude(_ number: Int, after time: Duration) throws -> [Sundial.Message] {
        guard let wait = self.waits[number] else { throw SundialFailure.stopped }
        defer { self.end(number) }
        return try wait.conclude(after: time)
    }

    func end(_ number: Int) {
        self.waits.removeValue(forKey: number)?.giveUp()
    }
}

extension Desk: BrokerObserver {
    func published(_ message: ObservedMessage) {
        self.inside.add(
            Sundial.Message(
                topic: message.topic, payload: message.payload, qos: Int(message.qos.rawValue), retain: message.retain,
                publisher: message.publisher?.text, time: self.elapsed), cause: message.cause.rawValue)
        if !self.waits.isEmpty { self.lookSoon() }
    }

    func shadowAnswered(cause: CauseID, id: ShadowID, operation: ShadowTopic.Operation, result: Result<Int64?, ShadowError>) {
        if case .failure(let error) = result { self.rejection = error }
    }
}

@available(*, unavailable)
extension Desk: Sendable {}
