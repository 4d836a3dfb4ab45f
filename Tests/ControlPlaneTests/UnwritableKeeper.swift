import Broker

/// Every group of its journal fails.
struct UnwritableKeeper: StateKeeper {
    func load(_ clock: ClockReading) throws -> StateImage { StateImage() }
    func makeJournal(report: @escaping @Sendable (JournalReport) -> Void) -> any Journal { UnwritableJournal(report) }
    func close() {}
}

private final class UnwritableJournal: Journal {
    private let report: @Sendable (JournalReport) -> Void

    init(_ report: @escaping @Sendable (JournalReport) -> Void) {
        self.report = report
    }

    func append(_ entry: JournalEntry) {}
    func commit(group: UInt64, clock: ClockReading) { self.report(.failed(group, "the disk is full")) }
    var openBytes: Int { 0 }
    func discardShadowChanges() {}
}
