import JSON

/// What happens to the rest of a plan when a step fails.
public enum OnFail: Sendable {
    /// The lane's later steps are skipped; other lanes finish; the run has failed.
    case stopLane
    /// The lane goes on; the run has failed in the end.
    case `continue`
    /// Nothing more is sent.
    case stopRun
    /// Sent again after a while, which grows by `factor`; when nothing is left of it, as `stopLane`.
    case retry(max: Int, backoff: Duration = .seconds(1), factor: Double = 2)

    var json: JSONValue {
        switch self {
        case .stopLane: .string("stopLane")
        case .continue: .string("continue")
        case .stopRun: .string("stopRun")
        case .retry(let most, let backoff, let factor):
            .object(["retry": .object(["max": .init(Int64(most)), "backoff": .duration(backoff), "factor": JSON(factor).value])])
        }
    }
}

/// What happens to a step whose time is past before it is its turn.
public enum Late: String, Sendable {
    /// Done as soon as it may; later times stay.
    case keep
    /// What comes after it in the lane is later by as much.
    case shift
    /// Left out.
    case skip
    /// The run fails.
    case fail
}

/// When a step that publishes has settled.
public enum Gate: Sendable {
    /// The broker has it.
    case sent
    /// It is acknowledged: PUBACK, or PUBCOMP at QoS 2.
    case acked
    /// The shadow service has accepted this request.
    case accepted
    /// The documents message of this request is out.
    case documents
    /// The delta message of the version that this request made is out.
    case delta
    /// Accepted, and there was no such shadow before.
    case created
    /// Every session that subscribed to it has it.
    case delivered
    /// No message for so long.
    case quiet(Duration, within: Scope = .run)
    /// A message like this was seen after it.
    case match(Match)

    /// Whose messages break a silence.
    public enum Scope: String, Sendable {
        /// Anybody's.
        case run
        /// Those of the step's publisher.
        case client
        /// Those of the step's thing.
        case thing
    }

    var json: JSONValue {
        switch self {
        case .sent: .string("sent")
        case .acked: .string("acked")
        case .accepted: .string("accepted")
        case .documents: .string("documents")
        case .delta: .string("delta")
        case .created: .string("created")
        case .delivered: .string("delivered")
        case .quiet(let time, let scope): .object(["quiet": .object(["for": .duration(time), "scope": .string(scope.rawValue)])])
        case .match(let match): .object(["match": match.written])
        }
    }
}

/// How many messages are wanted: `2` (exactly), `.atLeast(2)` or `.between(1, 3)`.
///
/// Whatever has an upper end waits the whole time, to be sure that no more come.
public enum Count: Equatable, Sendable, ExpressibleByIntegerLiteral {
    /// This many or more.
    case atLeast(Int)
    /// Both ends included.
    case between(Int, Int)

    /// So many and no more.
    public static func exactly(_ count: Int) -> Count { .between(count, count) }

    /// So many and no more.
    public init(integerLiteral value: Int) { self = .exactly(value) }

    var json: JSONValue {
        switch self {
        case .atLeast(let least): .string(">=\(least)")
        case .between(let least, let most) where least == most: .init(Int64(least))
        case .between(let least, let most): .array([.init(Int64(least)), .init(Int64(most))])
        }
    }
}

/// From when on an observing step looks at messages: `"start"`, `"a"` (the step of that id), or its own time.
public enum LookBack: Sendable, ExpressibleByStringLiteral {
    /// The beginning of the run.
    case start
    /// When that step was sent.
    case step(String)

    /// `"start"`, or the id of a step.
    public init(stringLiteral value: String) {
        self = value == "start" ? .start : .step(value)
    }

    var json: JSONValue {
        switch self {
        case .start: .string("start")
        case .step(let id): .string(id)
        }
    }
}

/// Settings of the lanes of a plan; what is not said is as without them.
public struct Lane: Sendable {
    /// The least time from one step sent to the next; 1 s in lanes of things if not said, else none.
    public var minGap: Duration?
    /// The least time from a step settled to the next.
    public var settle: Duration?
    /// How many steps may be under way together; 1 if not said.
    public var slots: Int?
    /// Later by a random time between these two.
    public var jitter: ClosedRange<Duration>?
    /// What happens when one of its steps fails.
    public var onFail: OnFail?
    /// What happens to its steps that are late.
    public var late: Late?

    /// Settings with what is given.
    public init(
        minGap: Duration? = nil, settle: Duration? = nil, slots: Int? = nil, jitter: ClosedRange<Duration>? = nil, onFail: OnFail? = nil,
        late: Late? = nil
    ) {
        self.minGap = minGap
        self.settle = settle
        self.slots = slots
        self.jitter = jitter
        self.onFail = onFail
        self.late = late
    }

    var json: JSONValue {
        .object(
            JSONObject(present: [
                ("minGap", self.minGap.map { .duration($0) }), ("settle", self.settle.map { .duration($0) }),
                ("slots", self.slots.map { .init(Int64($0)) }), ("jitter", self.jitter?.jitter), ("onFail", self.onFail?.json),
                ("late", self.late.map { .string($0.rawValue) }),
            ]))
    }
}

/// How steps without a lane find theirs.
public enum LaneRule: String, Sendable {
    /// Shadow requests by their thing, others by their client. As if nothing were said.
    case thing
    /// Shadow requests by their shadow.
    case shadow
    /// By topic.
    case topic
    /// By client.
    case client
    /// Every step its own: nothing waits for anything.
    case none
    /// One for all.
    case one
}
