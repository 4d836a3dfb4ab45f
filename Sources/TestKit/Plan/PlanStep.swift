import JSON

/// One thing to do in a ``Plan``.
///
/// A step happens at the time of the step before it, unless it says otherwise by ``at(_:)`` or ``wait(_:)``; within a lane it also waits
/// for its turn.
public protocol PlanStep: Sendable {
    /// What the step says.
    var draft: StepDraft { get set }
}

extension PlanStep {
    func with(_ option: String, _ value: JSONValue?) -> Self {
        var copy = self
        copy.draft[option] = value
        return copy
    }

    /// When it happens, counted from the start of the run; within ``Repeat`` and ``Parallel`` from the start of the pass.
    public func at(_ time: Duration) -> Self { self.with("at", .duration(time)) }

    /// When it happens, counted from the time of the step before.
    public func wait(_ time: Duration) -> Self { self.with("wait", .duration(time)) }

    /// What the report and other steps call it. Otherwise it is called by its verb and count: `update1`.
    public func id(_ id: String) -> Self { self.with("id", .string(id)) }

    /// Not before these steps have settled.
    public func after(_ ids: String...) -> Self { self.with("after", .array(ids.map { .string($0) })) }

    /// Not before a while after that step has settled.
    public func after(_ id: String, delay: Duration) -> Self {
        var delays = JSONObject()
        delays[id] = .duration(delay)
        return self.with("after", .object(delays))
    }

    /// Words for those who read the plan.
    public func tags(_ tags: String...) -> Self { self.with("tags", .array(tags.map { .string($0) })) }

    /// Leaves the step out, but lets it be read and checked.
    public func skip() -> Self { self.with("skip", .bool(true)) }
}

/// A step that does something, in a lane: at its turn, and not before its time.
public protocol DispatchingStep: PlanStep {}

extension DispatchingStep {
    /// The serial queue it belongs to. Without one it is that of the thing (`thing:T1`) for shadow requests, else that of the client.
    public func lane(_ key: String) -> Self { self.with("lane", .string(key)) }

    /// How long it may take to settle; 5 s if not said.
    public func timeout(_ time: Duration) -> Self { self.with("timeout", .duration(time)) }

    /// What happens when it fails; ``OnFail/stopLane`` if not said.
    public func onFail(_ policy: OnFail) -> Self { self.with("onFail", policy.json) }

    /// What happens when its time is past before it is its turn; ``Late/keep`` if not said.
    public func late(_ policy: Late) -> Self { self.with("late", .string(policy.rawValue)) }

    /// Later by a random time, from none to this much.
    public func jitter(_ most: Duration) -> Self { self.with("jitter", .duration(most)) }

    /// Later by a random time between these two.
    public func jitter(_ range: ClosedRange<Duration>) -> Self { self.with("jitter", range.jitter) }
}

/// A step that publishes.
public protocol PublishingStep: DispatchingStep {}

extension PublishingStep {
    /// When it has settled; several must hold together. Shadow requests settle when they are accepted, others when they are acknowledged.
    public func gate(_ gates: Gate...) -> Self {
        self.with("gate", gates.count == 1 ? gates[0].json : .array(gates.map(\.json)))
    }

    /// Who publishes: a client that an earlier ``Connect`` opened. Without one it is the service, as by the HTTP data plane.
    public func `as`(_ client: String) -> Self { self.with("as", .string(client)) }
}

/// A request to a shadow.
public protocol ShadowRequestStep: PublishingStep {}

extension ShadowRequestStep {
    /// It is to be rejected with this code; an accepted answer fails it.
    public func expectReject(_ code: Int) -> Self { self.with("expectReject", .init(Int64(code))) }

    /// It is to be rejected with this message; an accepted answer fails it.
    public func expectReject(_ message: String) -> Self { self.with("expectReject", .string(message)) }
}

/// A step that later ones wait for, whatever their lanes: until the client is in, or its subscriptions are granted.
public protocol BarrierStep: DispatchingStep {}

extension BarrierStep {
    /// Lets later steps go on at once.
    public func withoutBarrier() -> Self { self.with("barrier", .bool(false)) }
}

/// A step that only watches. It is in no lane and holds no other up, unless one names it in `after`.
public protocol ObservingStep: PlanStep {}

extension ObservingStep {
    /// What happens when it fails; ``OnFail/stopLane`` if not said.
    public func onFail(_ policy: OnFail) -> Self { self.with("onFail", policy.json) }
}

extension JSONValue {
    /// A duration as scenario files write it, to the nanosecond: `"1s"`, `"250ms"`.
    static func duration(_ duration: Duration) -> JSONValue {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = attoseconds / 1_000_000_000
        if nanoseconds == 0 { return .string("\(seconds)s") }
        // A sum of units has one sign, at its front.
        let sign = duration < .zero ? "-" : ""
        let whole = seconds == 0 ? "" : "\(seconds.magnitude)s"
        let rest = nanoseconds.magnitude
        if rest % 1_000_000 == 0 { return .string("\(sign)\(whole)\(rest / 1_000_000)ms") }
        if rest % 1000 == 0 { return .string("\(sign)\(whole)\(rest / 1000)us") }
        return .string("\(sign)\(whole)\(rest)ns")
    }
}

extension ClosedRange<Duration> {
    var jitter: JSONValue { .object(["uniform": [.duration(self.lowerBound), .duration(self.upperBound)]]) }
}
