import Timeline

/// A step from when it is known until it ends.
struct LiveStep: Sendable {
    enum Phase: Sendable {
        case waiting
        /// At the head of its lane, with nothing missing but the version of its shadow.
        case reading
        case inFlight, watching
    }

    private let box: StepBox
    /// The sequence of steps it stands in.
    let frame: Int
    /// Place among the engine's lanes; nil for steps that only observe.
    let lane: Int?
    let gates: Gates
    let quotas: [QuotaKey]
    /// Scenario time from the start of the run, as written; and with its jitter.
    let planned: Duration
    let time: Duration
    /// Its place among those that wait in a lane: its planned time, but no earlier than that of whatever it waits for, be it a barrier, a
    /// step of its `after`, or one that stands before it in the lane. So a step waits only for others with an earlier order, or the same
    /// and an earlier number, and no two can wait for each other.
    var order: Duration
    var phase = Phase.waiting

    /// When it was due, once that is settled: nothing moves it any more.
    var base: Instant?
    var isJudgedForLateness = false
    /// Steps of `after` that have not ended.
    var pendingAfter = 0
    var afterReady: Instant?
    /// Since when only a barrier, the run's slots, the publisher, a quota, the version is missing.
    var barrierSince: Instant?
    var runSlotSince: Instant?
    var publisherSince: Instant?
    var quotaSince: Instant?
    var readingSince: Instant?
    var intervals: [WaitInterval] = []
    /// The time-out of what it is doing; the opening or the end of what it watches.
    var timer: DeadlineToken?

    /// When it was first dispatched, and the dispatch of its lane before that.
    var dispatchedAt: Instant?
    var previousDispatch: Instant?
    var waits: [Wait] = []
    var payloadBytes: Int?
    /// The topic with its variables filled in.
    var topic: String?
    var clientToken: String?

    /// From 1; 0 before the first dispatch.
    var attempt = 0
    var attemptAt: Instant?
    /// The attempt in which the packet now under way was sent for the first time.
    var packetAttempt = 1
    var isSent = false
    var ackedAt: Instant?
    var met: Gates = []
    var answer: StepAnswer?
    var causeID: UInt64?
    /// The version of the last delta message it caused.
    var deltaVersion: Int64?
    /// The last packet that broke the silence of the gate `quiet`.
    var lastPacketAt: Instant?
    var quietTimer: DeadlineToken?
    /// What a gate of the shell still waits for.
    var gateAwaits: String?

    var retry = RetryState()
    var watch: Watch?
    /// Messages that a reaction has answered.
    var reactions = 0

    init(step: Step, frame: Int, lane: Int?, gates: Gates, quotas: [QuotaKey], planned: Duration, time: Duration) {
        self.box = StepBox(step)
        self.frame = frame
        self.lane = lane
        self.gates = gates
        self.quotas = quotas
        self.planned = planned
        self.time = time
        self.order = planned
    }

    var step: Step { self.box.step }

    /// It waits for nothing any more, until it waits for another attempt.
    mutating func forgetWaits() {
        self.barrierSince = nil
        self.runSlotSince = nil
        self.publisherSince = nil
        self.quotaSince = nil
        self.readingSince = nil
        self.intervals = []
    }
}

/// A step in one place, however often what is known of it is copied.
private final class StepBox: Sendable {
    let step: Step

    init(_ step: Step) {
        self.step = step
    }
}

/// What a step carries from one attempt to the next.
struct RetryState: Sendable {
    /// Its place among the dispatches of its lane, to which it comes back.
    var turn = 0
    var notBefore: Instant?
    /// What was sent, where a lost connection would have it sent again.
    var packet: StepPublish?
    /// The packet waits to be sent again with DUP; what answers it still counts.
    var resends = false
    /// Further attempts that the failure policy gave it.
    var retries = 0
    /// Times that the service had another version than the one sent.
    var conflicts = 0
    var failed: [FailedAttempt] = []
    /// An answer to an attempt that had failed.
    var lateAnswer: (answer: StepAnswer, at: Instant)?
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

/// What may still come for a publish that has ended, for its record.
struct Aftermath: Sendable {
    /// Place among the records.
    var place: Int
    var awaitsAnswer: Bool
    var awaitsAck: Bool
    /// Gates that were not met when it failed.
    var gates: Gates

    var isOver: Bool { !self.awaitsAnswer && !self.awaitsAck && self.gates.isEmpty }
}
