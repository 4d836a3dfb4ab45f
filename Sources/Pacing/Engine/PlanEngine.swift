import Shadows
package import Timeline

/// Runs a plan: lanes, gaps, gates, time-outs, expectations, order, failure. It does no I/O and reads no clock; the shell tells it
/// what happened and carries out what it asks for.
///
/// Guarantees G1–G5 of scheduler §9. Steps are taken from the plan's source while it runs, so memory is that of the steps not ended,
/// the records (which can be taken out), and a bounded log of messages.
package struct PlanEngine: ~Copyable, Sendable {
    package struct Options: Sendable {
        /// Names the run in `${run}` and in client tokens.
        package var runID = "run"
        /// Causes are not known: stamp client tokens and find the step of an answer by its token.
        package var isRemote = false
        /// How long steps in flight may still settle after a cancellation.
        package var grace = Duration.seconds(1)
        /// The run begins at the mark with this text: what comes before it is skipped, but for `connect`, `disconnect`, `drop`, `sub` and
        /// `unsub`, without which the rest would have no publishers. Source: scheduler §10.
        package var seek: String?
        /// Ids of steps and texts of marks before which the run pauses. Source: scheduler §10 `pauseAt`.
        package var breakpoints: Set<String> = []
        /// Steps kept in memory ahead of time, and how far back a step can name another.
        package var window = 10_000
        /// How many steps of the plan are taken in at a time, where others wait meanwhile; what is left then comes at the next wake.
        package var stepsAtOnce = Int.max
        /// Whether the shell hears of each step that ends: for those who follow the run.
        package var tellsEndings = false

        package init() {}
    }

    enum Phase: Equatable, Sendable {
        case ready, running
        /// Nothing new is dispatched; what is in flight may settle.
        case cancelling
        case finished(RunReport.State)
    }

    enum Timer: Sendable {
        case lane(Int)
        case timeout(StepNumber)
        case publisher(StepNumber)
        case quiet(StepNumber)
        case request(StepNumber)
        case quota(QuotaKey)
        case reopen(client: String, lostAt: Instant)
        case opens(StepNumber)
        case ends(StepNumber)
        case pass(StepNumber)
        case timeLimit, grace
    }

    var settings: PlanSettings
    let options: Options

    var phase = Phase.ready
    var now = Instant.zero
    var start = Instant.zero
    var startWall = WallTime(secondsSinceEpoch: 0)
    var finishedAt: Instant?
    var scenario = ScenarioTime(start: .zero, speed: .normal)
    var hold = Hold()

    var source: PlanSource
    var nextNumber = 0
    /// The sequences of steps under way, and those of them of which a pass is not taken in yet.
    var frames = [Frame.plan: Frame()]
    var nextFrame = Frame.plan + 1
    var unread: [Int] = []
    var blocks: [StepNumber: OpenBlock] = [:]
    /// Blocks whose next pass is to begin.
    var duePasses: [StepNumber] = []
    /// Reactions that are open, in file order.
    var reacting: [StepNumber] = []
    var live = LiveSteps()
    var traces: StepTraces
    var dependents: [StepNumber: [StepNumber]] = [:]

    var lanes: [Lane?] = []
    var laneByKey: [String: Int] = [:]
    var freeLanes: [Int] = []
    var lanesBeforeForgetting = 4096
    /// Barriers of the plan that have not settled, in file order, and the latest order that one of them has had.
    var barriers: [StepNumber] = []
    var barrierOrder = Duration.zero
    /// Heads of lanes to look at now, those waiting for a barrier, those waiting for a slot of the run.
    var ready = MinHeap()
    var heldByBarrier = MinHeap()
    var heldByRunSlots = MinHeap()
    var inFlight = 0
    var fullSince: Instant?
    var clients: [String: PlanClient] = [:]
    var clientWaiters: [String: [StepNumber]] = [:]
    var quotas: QuotaTable
    /// Requests that are not answered, with the thing they count for.
    var openRequests: [StepNumber: ThingName] = [:]
    /// Steps that were just told that a quota has room for them.
    var wokenByQuota: [StepNumber: QuotaKey] = [:]
    /// Steps in flight with a gate that looks at messages, in file order.
    var listening: [StepNumber] = []
    /// Observing steps that are open, in file order.
    var watching: [StepNumber] = []

    /// Why nothing more is dispatched.
    var runStopped: String?
    var pendingSkips: [(step: StepNumber, reason: String)] = []
    var hasFailed = false
    var couldNotConnect = false

    var values = RunValues()
    var versions = SeenVersions()
    var tokens = TokenTable()
    var log = MessageLog()
    var proof: OrderingProof
    /// The first of them, by name.
    var inversions: [OrderingSummary.Pair] = []
    /// Steps that have ended and have not been taken out.
    var records: [StepRecord] = []
    /// How many of them were kept back when records were last taken out.
    var heldRecords = 0
    /// The figures over the steps taken out.
    var tally = RunTally()
    var aftermaths: [StepNumber: Aftermath] = [:]

    var timers = DeadlineQueue<Timer>()
    var timeLimit: DeadlineToken?
    var lastWake: Instant?
    var out: [PlanAction] = []

    package init(plan: Plan, options: Options = .init()) {
        self.settings = plan.settings
        self.source = plan.source
        self.options = options
        self.traces = StepTraces(window: options.window)
        self.quotas = QuotaTable(plan.settings)
        self.hold = Hold(seek: options.seek, breakpoints: options.breakpoints)
        self.tokens = TokenTable(window: options.window)
        self.proof = OrderingProof(scope: settings.orderScope)
    }

    package var isFinished: Bool {
        if case .finished = self.phase { true } else { false }
    }

    /// Takes in what happened and appends what is to be done. `now` must not go back; earlier values count as the latest.
    ///
    /// After the end of the run only acknowledgements are taken in, for the report.
    package mutating func handle(_ event: PlanEvent, now: Instant, actions: inout [PlanAction]) {
        if self.isFinished {
            if case .stepAcked(let step, let reason, _) = event { self.ackedLate(step, reason, at: max(now, self.now)) }
            return
        }
        if case .started(let wall) = event {
            self.begin(now: now, wall: wall)
        } else {
            precondition(self.phase != .ready, "the run has not started, but the shell reports \(event)")
            // What fell due before this event comes first, even if its timer fires late.
            self.now = max(now, self.now)
            self.fireTimers(dueAt: Instant(nanoseconds: self.now.nanoseconds - 1))
            self.apply(event)
        }
        self.fireTimers(dueAt: self.now)
        self.pullSteps()
        self.fireTimers(dueAt: self.now)
        self.lookForNextStep()
        self.dispatchReady()
        self.finishIfDone()
        self.askForWake()
        actions += self.out
        self.out.removeAll(keepingCapacity: true)
    }

    private mutating func begin(now: Instant, wall: WallTime) {
        precondition(self.phase == .ready, "the run was started twice")
        self.phase = .running
        self.now = now
        self.start = now
        self.startWall = wall
        self.scenario = ScenarioTime(start: now, speed: self.settings.speed)
        self.values.start = now
        self.values.startWall = wall
        self.values.now = now
        if let limit = self.settings.timeLimit { self.timeLimit = self.timers.schedule(.timeLimit, at: now + limit, kind: .plan) }
    }

    private mutating func fireTimers(dueAt due: Instant) {
        self.values.now = self.now
        while !self.isFinished, let timer = self.timers.popDue(now: due) {
            switch timer {
            case .lane(let lane): self.laneOpened(lane)
            case .timeout(let step): self.timedOut(step)
            case .publisher(let step): self.publisherMissing(step)
            case .quiet(let step): self.quietEnded(step)
            case .request(let step): self.closeRequest(step)
            case .quota(let key): self.quotaRefilled(key)
            case .reopen(let client, let lostAt): self.reopen(client, lostAt: lostAt)
            case .opens(let step): self.openWatch(step)
            case .ends(let step): self.endWatch(step)
            case .pass(let block): self.passIsDue(block)
            case .timeLimit: self.stopEverything(.incomplete)
            case .grace: self.stopEverything(.cancelled)
            }
        }
    }

    private mutating func askForWake() {
        guard !self.isFinished, let next = self.canPull ? self.now : self.timers.next, next != self.lastWake else { return }
        self.lastWake = next
        self.out.append(.wake(at: next))
    }
}
