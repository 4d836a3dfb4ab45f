/// Settings of lanes by key; absent ones come from a less specific entry, then from the defaults. Source: scheduler §5.
package struct LaneSettings: Equatable, Sendable {
    /// Least time from one dispatch to the next.
    package var minGap: Duration?
    /// Least time from the former's settling to the next dispatch.
    package var settle: Duration?
    /// Steps of the lane in flight together.
    package var slots: Int?
    package var jitter: Jitter?
    package var onFail: FailurePolicy?
    package var late: LatePolicy?

    package init(
        minGap: Duration? = nil, settle: Duration? = nil, slots: Int? = nil, jitter: Jitter? = nil, onFail: FailurePolicy? = nil,
        late: LatePolicy? = nil
    ) {
        self.minGap = minGap
        self.settle = settle
        self.slots = slots
        self.jitter = jitter
        self.onFail = onFail
        self.late = late
    }

    /// These settings where they say something, `base` elsewhere.
    func over(_ base: LaneSettings) -> LaneSettings {
        LaneSettings(
            minGap: self.minGap ?? base.minGap, settle: self.settle ?? base.settle, slots: self.slots ?? base.slots,
            jitter: self.jitter ?? base.jitter, onFail: self.onFail ?? base.onFail, late: self.late ?? base.late)
    }
}
