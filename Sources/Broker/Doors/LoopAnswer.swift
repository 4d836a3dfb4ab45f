/// An answer that the core gives now or later, for a task that runs on the core's own loop.
final class LoopAnswer<Value: Sendable>: @unchecked Sendable {
    // SAFETY: touched on the core's loop only, by the task that asks and by the core.
    private var given: Value?
    private var waiting: CheckedContinuation<Value, Never>?

    /// Called once.
    func give(_ value: Value) {
        if let waiting {
            waiting.resume(returning: value)
        } else {
            self.given = value
        }
    }

    func value() async -> Value {
        if let given { return given }
        return await withCheckedContinuation { self.waiting = $0 }
    }
}
