import Broker
import Synchronization

/// A keeper whose groups end as the test says.
final class SwitchedKeeper: StateKeeper {
    enum Groups { case commit, wait, fail }

    private struct State {
        var groups: Groups
        var waiting: UInt64?
        var report: (@Sendable (JournalReport) -> Void)?
    }

    private let state: Mutex<State>

    init(_ groups: Groups) {
        self.state = Mutex(State(groups: groups))
    }

    /// From now on; what waits ends so too.
    func groups(_ groups: Groups) {
        let waiting = self.state.withLock { state in
            state.groups = groups
            defer { state.waiting = nil }
            return state.waiting
        }
        if let waiting { self.end(waiting) }
    }

    fileprivate func end(_ group: UInt64) {
        let (groups, report) = self.state.withLock { state in
            if state.groups != .commit { state.waiting = group }
            return (state.groups, state.report)
        }
        switch groups {
        case .commit: report?(.committed(group))
        case .wait: break
        case .fail: report?(.failed(group, "the disk is full"))
        }
    }

    func load(_ clock: ClockReading) throws -> StateImage { StateImage() }

    func makeJournal(report: @escaping @Sendable (JournalReport) -> Void) -> any Journal {
        self.state.withLock { $0.report = report }
        return SwitchedJournal(keeper: self)
    }

    func close() {}
}

private final class SwitchedJournal: Journal {
    private let keeper: SwitchedKeeper

    init(keeper: SwitchedKeeper) {
        self.keeper = keeper
    }

    func append(_ entry: JournalEntry) {}
    func commit(group: UInt64, clock: ClockReading) { self.keeper.end(group) }
    var openBytes: Int { 0 }
    func discardShadowChanges() {}
}
