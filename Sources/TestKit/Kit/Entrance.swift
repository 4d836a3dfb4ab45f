import Synchronization

/// Lets calls into a kit until it is closed, and knows when the last one has left: a loop that has shut down answers nobody.
///
/// A lock, since calls come from any task.
final class Entrance: Sendable {
    private struct State {
        var isClosed = false
        var inside = 0
        var closing: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// - Throws: ``SundialFailure`` when it is closed.
    func pass<Value>(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value) async throws -> Value {
        let isOpen = self.state.withLock { state in
            if !state.isClosed { state.inside += 1 }
            return !state.isClosed
        }
        guard isOpen else { throw SundialFailure.stopped }
        defer { self.leave() }
        return try await body()
    }

    /// Lets nobody in any more.
    ///
    /// - Returns: whether it was open.
    func close() -> Bool {
        self.state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    /// Returns when the last one has left; to be awaited once, after ``close()``.
    func emptied() async {
        await withCheckedContinuation { continuation in
            let isEmpty = self.state.withLock { state in
                if state.inside > 0 { state.closing = continuation }
                return state.inside == 0
            }
            if isEmpty { continuation.resume() }
        }
    }

    private func leave() {
        let closing = self.state.withLock { state in
            state.inside -= 1
            guard state.inside == 0 else { return nil as CheckedContinuation<Void, Never>? }
            defer { state.closing = nil }
            return state.closing
        }
        closing?.resume()
    }
}
