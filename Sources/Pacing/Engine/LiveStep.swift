import Timeline

/// A step from when it is known until it ends.
struct LiveStep: Sendable {
    enum Phase: Sendable { case waiting, inFlight, watching }

    let step: Step
    /// Place among the engine's lanes; nil for steps that only observe.
    let lane: Int?
    let gates: Gates
    let base: Instant
    var phase = Phase.waiting

    /// Steps of `after` that have not ended.
    var pendingAfter = 0
    var afterReady: Instant?
    /// Since when only a barrier, only the run's slots, only the publisher is missing.
    var barrierSince: Instant?
    var runSlotSince: Instant?
    var publisherSince: Instant?
    var intervals: [WaitInterval] = []

    var timer: DeadlineToken?
    var dispatchedAt: Instant?
    var previousDispatch: Instant?
    var ackedAt: Instant?
    var isSent = false
    var met: Gates = []
    var answer: StepAnswer?
    var causeID: UInt64?
    var clientToken: String?
    var payloadBytes: Int?
    /// The topic with its variables filled in.
    var topic: String?
    var waits: [Wait] = []
    var watch: Watch?

    init(step: Step, lane: Int?, gates: Gates, base: Instant) {
        self.step = step
        self.lane = lane
        self.gates = gates
        self.base = base
    }
}

/// How far an observing step has come.
struct Watch: Sendable {
    /// Messages before this do not count.
    var since: Instant
    var until: Instant
    var seen = 0
    /// The place in an `order` reached so far.
    var place = 0
    /// When each of the places was seen.
    var seenAt: [Instant] = []
    /// A capture that was not in the message.
    var missing: String?
}

/// What is remembered of a step that ended, for later ones that name it.
struct StepTrace: Sendable {
    var id: String
    var state: StepRecord.State
    var dispatchedAt: Instant?
    var endedAt: Instant
    /// Whether steps that wait for it may go on.
    var releases: Bool
}
