import Broker
import Dispatch
import GRDB

/// Writes groups to the state file, one after the other, on a queue of its own.
///
/// A group that cannot be written is reported and tried again until it can, without its changes of shadows.
final class GroupWriter: @unchecked Sendable {
    // SAFETY: `messages` and `isEnded` are touched on `queue`, which is serial, and before the first group by `begin`.
    private let queue = DispatchQueue(label: "sundial.state.writer", qos: .userInitiated)
    private let database: DatabaseQueue
    private var messages = MessageTable()
    private var isEnded = false

    private static let retryInterval = DispatchTimeInterval.milliseconds(500)

    init(_ database: DatabaseQueue) {
        self.database = database
    }

    /// Takes over what is in the file, before the first group.
    func begin(with messages: MessageTable) {
        self.queue.sync { self.messages = messages }
    }

    /// Writes a group; `report` is called from the writer's queue.
    func write(_ entries: [JournalEntry], group: UInt64, clock: ClockReading, report: @escaping @Sendable (JournalReport) -> Void) {
        self.queue.async {
            let draft = GroupDraft(entries)
            self.attempt(draft, group: group, clock: clock, report: report)
        }
    }

    /// Waits for what was handed over; what cannot be written now is given up.
    func end() {
        self.queue.sync { self.isEnded = true }
    }

    private func attempt(_ draft: GroupDraft, group: UInt64, clock: ClockReading, report: @escaping @Sendable (JournalReport) -> Void) {
        if self.isEnded { return }
        if draft.replacesAll { self.messages = MessageTable() }
        let plan = self.messages.plan(for: draft)
        do {
            try self.database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    try RowWriter(db, clock: clock).write(draft, plan)
                    return .commit
                }
            }
            self.messages.apply(plan, of: draft)
            report(.committed(group))
        } catch {
            report(.failed(group, (error as? DatabaseError)?.message ?? "\(error)"))
            let rest = draft.withoutShadowChanges
            self.queue.asyncAfter(deadline: .now() + Self.retryInterval) {
                self.attempt(rest, group: group, clock: clock, report: report)
            }
        }
    }
}
