import Broker

/// The core's end of the state file: gathers the open group and hands it over whole.
///
/// Lives on the core's loop. What waits here is bounded by the core, which begins one group at a time.
final class StateFileJournal: Journal {
    private let writer: GroupWriter
    private let report: @Sendable (JournalReport) -> Void
    private var open: [JournalEntry] = []

    init(writer: GroupWriter, report: @escaping @Sendable (JournalReport) -> Void) {
        self.writer = writer
        self.report = report
    }

    func append(_ entry: JournalEntry) {
        self.open.append(entry)
    }

    func commit(group: UInt64, clock: ClockReading) {
        self.writer.write(self.open, group: group, clock: clock, report: self.report)
        self.open = []
    }

    func discardShadowChanges() {
        self.open.removeAll { entry in
            if case .shadow = entry { true } else { false }
        }
    }
}

@available(*, unavailable)
extension StateFileJournal: Sendable {}
