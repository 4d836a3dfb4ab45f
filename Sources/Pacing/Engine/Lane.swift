import Timeline

/// A serial queue of steps with what the timing rule needs to know about it. Source: scheduler §4, §5.
struct Lane: Sendable {
    private struct Entry {
        var number: StepNumber
        var planned: Duration
        var order: Duration
        /// Its place among the dispatches of the lane, when it was dispatched before and comes again.
        var turn: Int?
    }

    let key: String
    private(set) var settings: LaneSettings
    /// Scaled by the plan's speed.
    private(set) var minGap = Duration.zero
    private(set) var settle: Duration?
    private(set) var slots = 1

    private var entries: [Entry] = []
    private var head = 0
    /// Dispatches of steps, retries not counted.
    private var turns = 0

    /// Scenario time by which what waits here comes later than planned: late policy `shift`, and pauses of this lane.
    var shift = Duration.zero
    var pausedSince: Instant?
    var pauses: [WaitInterval] = []
    /// Since when the step now at the head is there.
    var headSince = Instant.zero
    var lastDispatch: Instant?
    /// When the last dispatch was asked for; it counts as dispatched when the shell has sent it.
    var lastAsked: Instant?
    /// The step that was asked for and not yet sent. Nothing overtakes it, whatever slots there are: with two publishers
    /// the later packet could otherwise go out first.
    private(set) var unsent: StepNumber?
    /// Until when the last one was not sent, or would never be.
    private var unsentUntil: Instant?
    /// When gap and settle would have ended if the settings had not changed while they held.
    private var formerGapEnd: Instant?
    private var formerSettleEnd: Instant?
    /// When a step of this lane last settled or failed.
    private(set) var lastEnd: Instant?
    /// Since when `settle` has held without a break.
    private(set) var settlingSince: Instant?
    private(set) var inFlight = 0
    /// The last time all slots were taken, and when one came free again.
    private(set) var fullSince: Instant?
    private(set) var freedAt: Instant?
    /// Why nothing more is dispatched here.
    var stopped: String?
    var timer: DeadlineToken?
    var timerAt: Instant?

    init(key: String, settings: PlanSettings, speed: Speed) {
        self.key = key
        self.settings = LaneSettings()
        self.use(settings, speed: speed, now: .zero)
    }

    /// The lane's settings as the plan now has them, at this speed.
    mutating func use(_ settings: PlanSettings, speed: Speed, now: Instant) {
        if let end = self.gapEnd { self.formerGapEnd = min(end, now) }
        if let end = self.settleEnd { self.formerSettleEnd = min(end, now) }
        self.settings = settings.lane(self.key)
        let gap = self.settings.minGap ?? .zero
        self.minGap = gap == .zero ? .zero : max(speed.scaled(gap), settings.wallFloor)
        self.settle = self.settings.settle.map { speed.scaled($0) }
        let wasFull = self.inFlight >= self.slots
        self.slots = self.settings.slots ?? 1
        let isFull = self.inFlight >= self.slots
        if isFull, !wasFull { self.fullSince = now }
        if wasFull, !isFull { self.freedAt = now }
    }

    /// Whether the lane serves one step only and can be forgotten after it.
    var isPrivateToStep: Bool { self.key.hasPrefix("step:") }

    var isIdle: Bool { self.head == self.entries.count && self.inFlight == 0 && self.pausedSince == nil }

    var first: StepNumber? { self.head < self.entries.count ? self.entries[self.head].number : nil }

    var waitingCount: Int { self.entries.count - self.head }

    var waiting: [StepNumber] { self.entries[self.head...].map(\.number) }

    /// Puts a step behind those whose order is no later, and behind those planned no later: times that go backwards are sorted, and
    /// nothing else is. Source: scheduler §9 G1, §19.
    ///
    /// - Parameter order: see ``LiveStep/order``.
    /// - Returns: its order, which is no earlier than that of what it stands behind.
    mutating func insert(_ number: StepNumber, planned: Duration, order: Duration) -> Duration {
        var place = self.entries.count
        while place > self.head {
            let before = self.entries[place - 1]
            guard before.turn == nil, before.planned > planned, before.order > order else { break }
            place -= 1
        }
        let order = place > self.head ? max(order, self.entries[place - 1].order) : order
        while place < self.entries.count, self.entries[place].order <= order { place += 1 }
        self.entries.insert(Entry(number: number, planned: planned, order: order), at: place)
        return order
    }

    /// Puts a step that was dispatched before all that were not, among its like in the order of their turns. Source: scheduler §9 G1.
    mutating func insertAgain(_ number: StepNumber, planned: Duration, order: Duration, turn: Int, now: Instant) {
        var place = self.head
        while place < self.entries.count, let other = self.entries[place].turn, other < turn { place += 1 }
        self.entries.insert(Entry(number: number, planned: planned, order: order, turn: turn), at: place)
        if place == self.head { self.headSince = now }
    }

    /// Takes the step out, wherever it stands.
    mutating func remove(_ number: StepNumber, now: Instant) {
        if self.first == number {
            self.head += 1
            self.headSince = now
            if self.head > 64, self.head * 2 > self.entries.count {
                self.entries.removeFirst(self.head)
                self.head = 0
            }
        } else if let place = self.entries[self.head...].firstIndex(where: { $0.number == number }) {
            self.entries.remove(at: place)
        }
    }

    /// The step at the head is dispatched.
    /// - Returns: its turn, if this is not a further attempt.
    mutating func dispatched(_ number: StepNumber, isFirst: Bool, reportsSent: Bool, now: Instant) -> Int {
        self.remove(number, now: now)
        self.lastDispatch = now
        self.lastAsked = now
        self.formerGapEnd = nil
        self.unsent = reportsSent ? number : nil
        self.unsentUntil = nil
        self.inFlight += 1
        if self.inFlight >= self.slots { self.fullSince = now }
        if isFirst { self.turns += 1 }
        return self.turns
    }

    /// A step in flight settled, failed, or is to be sent again.
    mutating func landed(_ number: StepNumber, hasEnded: Bool, now: Instant) {
        if self.inFlight == self.slots { self.freedAt = now }
        self.sent(number, now: now)
        self.inFlight -= 1
        guard hasEnded else { return }
        let isSettling = self.lastEnd.flatMap { end in self.settle.map { end + $0 >= now } } ?? false
        if !isSettling { self.settlingSince = now }
        self.lastEnd = now
        self.formerSettleEnd = nil
    }

    /// The packet of a step is out, or never will be: the next one may be asked for.
    /// - Returns: whether that makes a difference.
    @discardableResult
    mutating func sent(_ number: StepNumber, now: Instant) -> Bool {
        guard self.unsent == number else { return false }
        self.unsent = nil
        self.unsentUntil = now
        return true
    }

    /// The earliest instant that gap and settle allow.
    var opensAt: Instant? {
        guard let byGap = self.gapEnd else { return self.settleEnd }
        return self.settleEnd.map { max($0, byGap) } ?? byGap
    }

    private var gapEnd: Instant? { self.lastDispatch.map { $0 + self.minGap } }

    private var settleEnd: Instant? { self.lastEnd.flatMap { end in self.settle.map { end + $0 } } }

    /// What of this lane held a step that is dispatched now.
    var holdingIntervals: [WaitInterval] {
        var intervals = self.pauses
        intervals.append(WaitInterval(cause: .lane, start: nil, end: self.headSince))
        if let full = self.fullSince, let freed = self.freedAt, freed >= full {
            intervals.append(WaitInterval(cause: .slot, start: full, end: freed))
        }
        if let until = self.unsentUntil { intervals.append(WaitInterval(cause: .slot, start: self.lastAsked, end: until)) }
        if let last = self.lastDispatch, let end = self.gapEnd {
            intervals.append(WaitInterval(cause: .gap, start: last, end: max(end, self.formerGapEnd ?? end)))
        }
        if let end = self.settleEnd ?? self.formerSettleEnd {
            intervals.append(WaitInterval(cause: .settle, start: self.settlingSince, end: max(end, self.formerSettleEnd ?? end)))
        }
        return intervals
    }
}
