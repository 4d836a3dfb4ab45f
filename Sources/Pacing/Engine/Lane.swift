import Timeline

/// A serial queue of steps with what the timing rule needs to know about it. Source: scheduler §4, §5.
struct Lane: Sendable {
    private struct Entry {
        var number: StepNumber
        var planned: Duration
    }

    let key: String
    let settings: LaneSettings
    /// Scaled by the plan's speed.
    let minGap: Duration
    let settle: Duration?
    let slots: Int

    private var entries: [Entry] = []
    private var head = 0

    /// Since when the step now at the head is there.
    var headSince = Instant.zero
    var lastDispatch: Instant?
    /// When the last dispatch was asked for; it counts as dispatched when the shell has sent it.
    var lastAsked: Instant?
    /// The step that was asked for and not yet sent. Nothing overtakes it, whatever slots there are: with two publishers
    /// the later packet could otherwise go out first.
    var unsent: StepNumber?
    /// When a step of this lane last settled or failed.
    private(set) var lastEnd: Instant?
    /// Since when `settle` has held without a break.
    private(set) var settlingSince: Instant?
    var inFlight = 0
    /// The last time all slots were taken, and when one came free again.
    var fullSince: Instant?
    var freedAt: Instant?
    /// Why nothing more is dispatched here.
    var stopped: String?
    var timer: DeadlineToken?
    var timerAt: Instant?

    init(key: String, settings: PlanSettings) {
        self.key = key
        self.settings = settings.lane(key)
        let gap = self.settings.minGap ?? .zero
        self.minGap = gap == .zero ? .zero : max(settings.speed.scaled(gap), settings.wallFloor)
        self.settle = self.settings.settle.map { settings.speed.scaled($0) }
        self.slots = self.settings.slots ?? 1
    }

    /// Whether the lane serves one step only and can be forgotten after it.
    var isPrivateToStep: Bool { self.key.hasPrefix("step:") }

    var isIdle: Bool { self.head == self.entries.count && self.inFlight == 0 }

    var first: StepNumber? { self.head < self.entries.count ? self.entries[self.head].number : nil }

    var waiting: [StepNumber] { self.entries[self.head...].map(\.number) }

    /// Puts a step behind those planned no later.
    ///
    /// Times that go backwards are sorted, but never past `fence`: a step before a barrier must not come to stand
    /// behind one that waits for that barrier. Source: scheduler §19.
    mutating func insert(_ number: StepNumber, planned: Duration, fence: StepNumber?) {
        var place = self.entries.count
        while let fence, place > self.head, self.entries[place - 1].planned > planned, self.entries[place - 1].number > fence { place -= 1 }
        self.entries.insert(Entry(number: number, planned: planned), at: place)
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

    /// A step settled or failed.
    mutating func ended(at now: Instant) {
        let isSettling = self.lastEnd.flatMap { end in self.settle.map { end + $0 >= now } } ?? false
        if !isSettling { self.settlingSince = now }
        self.lastEnd = now
    }

    /// The earliest instant that gap and settle allow.
    var opensAt: Instant? {
        let byGap = self.lastDispatch.map { $0 + self.minGap }
        let bySettle = self.lastEnd.flatMap { end in self.settle.map { end + $0 } }
        guard let byGap else { return bySettle }
        return bySettle.map { max($0, byGap) } ?? byGap
    }
}
