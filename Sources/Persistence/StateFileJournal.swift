import Broker
import MQTTWire
import Sessions
import Shadows
import Topics

/// The core's end of the state file: gathers the open group and hands it over whole.
///
/// Lives on the core's loop. What waits here is bounded by the core, which begins one group at a time.
final class StateFileJournal: Journal {
    private let writer: GroupWriter
    private let report: @Sendable (JournalReport) -> Void
    private var open: [JournalEntry] = []
    /// Where the open group has the message of a topic: a later one takes its place.
    private var retainedPlaces: [TopicName: Int] = [:]
    private(set) var openBytes = 0

    init(writer: GroupWriter, report: @escaping @Sendable (JournalReport) -> Void) {
        self.writer = writer
        self.report = report
    }

    func append(_ entry: JournalEntry) {
        self.openBytes += entry.bytes
        if case .retained(let topic, _) = entry {
            if let place = self.retainedPlaces[topic] {
                self.openBytes -= self.open[place].bytes
                self.open[place] = entry
                return
            }
            self.retainedPlaces[topic] = self.open.count
        }
        self.open.append(entry)
    }

    func commit(group: UInt64, clock: ClockReading) {
        self.writer.write(self.open, group: group, clock: clock, report: self.report)
        self.open = []
        self.retainedPlaces = [:]
        self.openBytes = 0
    }

    func discardShadowChanges() {
        self.open.removeAll { entry in
            if case .shadow = entry { true } else { false }
        }
        self.openBytes = self.open.reduce(0) { $0 + $1.bytes }
        self.retainedPlaces = [:]
        for (place, entry) in self.open.enumerated() {
            if case .retained(let topic, _) = entry { self.retainedPlaces[topic] = place }
        }
    }
}

@available(*, unavailable)
extension StateFileJournal: Sendable {}

extension JournalEntry {
    /// What it takes in memory, about. A message that many sessions wait for counts for each.
    fileprivate var bytes: Int {
        let fixed = 200
        switch self {
        case .retained(let topic, let retained): return fixed + topic.bytes.count + (retained?.message.bytes ?? 0)
        case .queued(_, let record): return fixed + (record.message?.bytes ?? 0)
        case .subscribed(_, let filter, _), .unsubscribed(_, let filter): return fixed + filter.bytes.count
        case .sessionOpened(let record): return fixed + (record.will?.payload.count ?? 0)
        case .shadow, .shadowVersionsDropped, .sessionLeft, .willSettled, .sessionEnded, .sent, .handedOver, .released, .arrived,
            .completed, .thing, .thingRemoved, .replaced:
            return fixed
        }
    }
}
