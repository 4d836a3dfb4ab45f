package import Logging
import MQTTWire
import NIOCore
import Sessions
package import Shadows
package import SigV4
package import Timeline
import Topics

/// Everything the broker knows, and what it does: sessions, subscriptions, retained messages, shadows and one deadline queue.
///
/// A plain object owned by one event loop (or one simulation): no lock, no task, no globals. Connections bring bytes by
/// `received`; what they are to send is collected and leaves in `endTick`, once per connection.
package final class BrokerCore {
    /// What the core needs of its surroundings.
    package struct Shell {
        /// The monotonic clock, read once per tick.
        package var now: () -> Instant
        package var wallTime: () -> WallTime
        /// Real time, by which peers at the other end of a socket live; `nil` while `now` is just that.
        package var realNow: (() -> Instant)?
        /// The date by which signatures are judged; `nil` while it is `wallTime`.
        package var signatureTime: (() -> WallTime)?
        /// Asks for `endTick` to be called when this tick's events have been handled.
        package var scheduleEndOfTick: () -> Void
        /// Asks for `wake` to be called at this instant; replaces what was asked before.
        package var scheduleWake: (Instant) -> Void
        /// Asks for `realWake` to be called at this instant of real time; replaces what was asked before.
        package var scheduleRealWake: (Instant) -> Void
        /// A new UUID, for client ids the broker makes up and for trace ids.
        package var freshID: () -> String

        package init(
            now: @escaping () -> Instant, wallTime: @escaping () -> WallTime, scheduleEndOfTick: @escaping () -> Void,
            scheduleWake: @escaping (Instant) -> Void, scheduleRealWake: @escaping (Instant) -> Void = { _ in },
            freshID: @escaping () -> String
        ) {
            self.now = now
            self.wallTime = wallTime
            self.scheduleEndOfTick = scheduleEndOfTick
            self.scheduleWake = scheduleWake
            self.scheduleRealWake = scheduleRealWake
            self.freshID = freshID
        }
    }

    var shell: Shell
    var logger: Logger
    package internal(set) var counters = Counters()
    var observers: [any BrokerObserver] = []
    /// Whether there are any; asked for each message.
    var isObserved = false
    /// Who has something to end before the clients are sent away.
    var farewells: [() -> Void] = []

    /// The time of day.
    package var wallTime: WallTime { self.shell.wallTime() }
    /// What the monotonic clock shows at this moment, which may be later than ``now``.
    package var instant: Instant { self.shell.now() }
    /// The time of this tick.
    package internal(set) var now: Instant
    /// Real time in this tick.
    var realNow: Instant
    /// Whether something has happened that ``endTick()`` has not ended.
    private(set) var tickIsOpen = false
    private var dirty: [Connection] = []
    private var memory: [ByteBuffer] = []
    private var scratch = ByteBuffer()
    private var scheduledWake: Instant?
    var scheduledRealWake: Instant?

    var connectionCount: UInt64 = 0
    var connections: [ObjectIdentifier: Connection] = [:]
    var sessions: [ClientID: ClientSession] = [:]
    var sessionsBySlot: [ClientSession?] = []
    var freeSlots: [Int] = []
    var subscriptions = SubscriptionIndex<Int, SubscriptionOptions>()
    /// Changes when a filter with wildcards comes or goes: every cached route is then stale.
    var routeStamp: UInt64 = 1
    var topics = TopicTable()
    let topicSeed: UInt64
    /// Where the turns of a new route's shares begin, so that a rebuilt route does not always begin with the same member.
    var shareTurn: UInt = 0
    var retained = RetainedIndex<RetainedMessage>()
    /// When retained messages that have expired are looked for next, and were last.
    var nextSweep: (token: CoreDeadlines.Token, due: Instant)?
    var lastSweep: Instant
    var deadlines = CoreDeadlines()
    /// What waits for real time, whatever the service's time does.
    var realDeadlines = CoreDeadlines()
    let networkKeepAlive: TimeLine
    /// Set while somebody may want to know whether the broker is idle.
    var idleWatch: IdleWatch?
    var workInProcess = 0
    var waitingForTime = 0
    var things = ThingRegistry()
    var departed = DepartedClients()
    var awaitedConfirmations: [AwaitedConfirmation: (DirectDelivery) -> Void] = [:]
    /// Follows the next message that is routed.
    var deliveryWatch: DeliveryWatch?
    var watchedDeliveries: [DeliveryWatch.Key: DeliveryWatch] = [:]
    var shadows: ShadowStore
    package internal(set) var history: ShadowHistory
    var forgettingTimer: CoreDeadlines.Token?
    var gate: CommitGate
    var shadowLoad = ShadowLoad()
    var connectRates = QuotaTable<ClientID, QuotaMeter>()
    /// The latest change of a shadow in the group that is being committed.
    var shadowSerialUnderWay: UInt64 = 0
    /// Messages that are routed now leave when the journal has what is appended meanwhile.
    var holdsDeliveries = false
    var lastSessionNumber: UInt64 = 0
    var fanout = FanoutTemplates()
    var verifier: SigV4Verifier
    /// For requests of the control plane, which are signed for another service.
    var controlVerifier: SigV4Verifier
    var lastCause: UInt64 = 0

    /// - Parameters:
    ///   - topicSeed: makes hash values unpredictable to clients; any number.
    ///   - journal: `nil` keeps everything in memory only.
    ///   - networkKeepAlive: what the keep alive of network clients is measured by.
    package init(
        shell: Shell, logger: Logger, topicSeed: UInt64 = 0, journal: (any Journal)? = nil, shadowRules: ShadowRules = .aws,
        historyLimits: ShadowHistory.Limits = .init(), networkKeepAlive: TimeLine = .real,
        verifier: SigV4Verifier = SigV4Verifier(credentials: CredentialSet([]), policy: .off)
    ) {
        self.shell = shell
        self.logger = logger
        self.topicSeed = topicSeed
        self.now = shell.now()
        self.realNow = self.now
        self.networkKeepAlive = networkKeepAlive
        self.lastSweep = self.now
        self.shadows = ShadowStore(rules: shadowRules)
        self.history = ShadowHistory(limits: historyLimits)
        self.gate = CommitGate(journal: journal)
        self.verifier = verifier
        self.controlVerifier = verifier.accepting(services: SigV4Verifier.controlServices)
    }

    // MARK: Ticks

    /// Begins a tick if none is open: reads the clock once and asks for its end.
    @inline(__always)
    package func beginTick() {
        if self.tickIsOpen { return }
        self.tickIsOpen = true
        self.now = self.shell.now()
        if self.shell.realNow == nil { self.realNow = self.now } else { self.beginTickBesideRealTime() }
        self.shell.scheduleEndOfTick()
    }

    /// Ends the tick: commits the journal group, writes every dirty connection once and closes those that are done.
    package func endTick() {
        self.commit()
        var index = 0
        while index < self.dirty.count {
            self.flush(self.dirty[index])
            index += 1
        }
        self.dirty.removeAll(keepingCapacity: true)
        // A link that failed while it was written to may have left entries of its session.
        self.commit()
        self.shadowLoad.answersLeft()
        self.tickIsOpen = false
        self.armTimer()
    }

    /// Runs every timer that is due.
    package func wake() {
        self.beginTick()
        self.scheduledWake = nil
        while let timer = self.deadlines.popDue(now: self.now) { self.fire(timer) }
    }

    /// When `wake` is next needed; `nil` while nothing waits.
    package var nextDeadline: Instant? { self.deadlines.next }

    /// Calls `body` at an instant, on the core's loop, unless ``cancel(_:)`` comes first.
    ///
    /// - Parameter kind: what goes first of what falls due at the same instant.
    @discardableResult
    package func schedule(at instant: Instant, kind: DeadlineKind = .plan, _ body: @escaping () -> Void) -> DeadlineToken {
        self.beginTick()
        return self.deadlines.schedule(.call(body), at: instant, kind: kind)
    }

    /// After it fell due or was cancelled, a token names nothing.
    package func cancel(_ token: DeadlineToken) {
        self.deadlines.cancel(token)
    }

    private func armTimer() {
        guard let next = self.deadlines.next else { return }
        if let scheduledWake, scheduledWake <= next { return }
        self.scheduledWake = next
        self.shell.scheduleWake(next)
    }

    func fire(_ timer: CoreTimer) {
        switch timer {
        case .connectTimeout(let connection):
            connection.timer = nil
            if connection.machine.phase == .awaitingConnect { self.end(connection, .neverConnected) }
        case .keepAlive(let connection):
            connection.timer = nil
            switch connection.machine.keepAlive.timerFired(now: self.now(on: connection.keepAliveLine)) {
            case .none: break
            case .check(let instant): connection.timer = self.schedule(.keepAlive(connection), at: instant, on: connection.keepAliveLine)
            case .close: self.end(connection, .silent)
            }
        case .throughput(let connection):
            connection.delayTimer = nil
            self.delayIsOver(connection)
        case .sessionExpiry(let session):
            session.expiryTimer = nil
            self.logger.record(.debug, "session expired", [.client: "\(session.clientID)"])
            self.remove(session)
        case .will(let session):
            session.willTimer = nil
            self.publishPendingWill(of: session)
        case .forgetDeletedShadows:
            self.forgetDeletedShadows()
        case .sweepRetained:
            self.sweepRetained()
        case .call(let body):
            body()
        }
    }

    // MARK: Outbound bytes

    /// Makes room for bytes towards a connection and sees to it that they leave at the end of the tick.
    @inline(__always)
    func opened(_ connection: Connection) {
        if connection.out.isEmpty { connection.out.open(self.memory.popLast() ?? ByteBuffer()) }
        if !connection.isDirty {
            connection.isDirty = true
            self.dirty.append(connection)
        }
    }

    /// Appends one packet towards a connection.
    @inline(__always)
    func send(to connection: Connection, _ body: (inout ByteBuffer) -> Void) {
        self.opened(connection)
        connection.out.append(body)
    }

    /// The link can take bytes again.
    package func linkIsWritable(_ connection: Connection) {
        self.beginTick()
        guard !connection.isDirty, !connection.out.isEmpty || connection.closeText != nil else { return }
        connection.isDirty = true
        self.dirty.append(connection)
    }

    func markForClosing(_ connection: Connection, text: String) {
        guard connection.closeText == nil else { return }
        connection.closeText = text
        if !connection.isDirty {
            connection.isDirty = true
            self.dirty.append(connection)
        }
    }

    private func flush(_ connection: Connection) {
        connection.isDirty = false
        if !connection.out.isEmpty {
            // A client that does not read keeps its bytes here, where their number is bounded, and loses them at its end: they would
            // only be copied to a link that closes.
            guard connection.link.isWritable else {
                guard let text = connection.closeText else { return }
                _ = connection.out.take()
                connection.link.close(text)
                return
            }
            if self.idleWatch != nil { self.idleWatch?.sent(to: connection.number, at: self.realNow) }
            var memory = connection.link.send(connection.out.take())
            if self.memory.count < 64, memory.capacity <= 256 * 1024 {
                memory.clear()
                self.memory.append(memory)
            }
            // Messages that waited for these bytes to leave have nobody else to call them.
            if connection.closeText == nil, let session = connection.session, session.state.outbound.hasBacklog {
                self.sendWaiting(of: session)
            }
        }
        if let text = connection.closeText { connection.link.close(text) }
    }

    /// Memory for unmasking WebSocket frames; one for the loop, since it is used within one call.
    func borrowScratch() -> ByteBuffer {
        let borrowed = self.scratch
        self.scratch = ByteBuffer()
        return borrowed
    }

    func giveBack(scratch: ByteBuffer) {
        if scratch.capacity <= 1024 * 1024 { self.scratch = scratch }
    }

    // MARK: Causes

    @inline(__always)
    func nextCause() -> CauseID {
        self.lastCause &+= 1
        return CauseID(rawValue: self.lastCause)
    }

    /// The cause given to the latest packet or request that came in.
    package var latestCause: CauseID { CauseID(rawValue: self.lastCause) }

    /// Counts what was given to the journal: two readings differ if something in between has to be kept.
    package var journalledCount: UInt64 { self.gate.entryCount }

    /// What both clocks show in this tick.
    package var clock: ClockReading { ClockReading(now: self.now, wall: self.shell.wallTime()) }
}
