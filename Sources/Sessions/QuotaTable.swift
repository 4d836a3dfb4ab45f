package import Timeline

/// What is measured for holders that come and go; those at rest are forgotten.
///
/// Memory: the holders of the last minute or so, ``maximumHolders`` at most; one beyond them is not measured.
package struct QuotaTable<Holder: Hashable, State: QuotaState> {
    package static var maximumHolders: Int { 1_000_000 }
    /// Holders there must be before it is worth looking for those at rest.
    private static var fewHolders: Int { 1024 }

    private var states: [Holder: State] = [:]
    private var sweepAt = Self.fewHolders

    package init() {}

    package var count: Int { self.states.count }

    /// Changes the state of a holder, a fresh one if there is none.
    ///
    /// Amortised O(1): when the holders have doubled since it was last done, those at rest are forgotten.
    package mutating func update<Result>(
        _ holder: Holder, fresh: @autoclosure () -> State, now: Instant, _ body: (inout State) -> Result
    ) -> Result {
        if self.states.count >= self.sweepAt {
            self.states = self.states.filter { !$0.value.isAtRest(now: now) }
            self.sweepAt = max(Self.fewHolders, self.states.count * 2)
        }
        guard self.states.count < Self.maximumHolders || self.states[holder] != nil else {
            var state = fresh()
            return body(&state)
        }
        return body(&self.states[holder, default: fresh()])
    }

    /// Changes the state of a holder that there may be.
    package mutating func updateIfKnown(_ holder: Holder, _ body: (inout State) -> Void) {
        guard let index = self.states.index(forKey: holder) else { return }
        body(&self.states.values[index])
    }
}
