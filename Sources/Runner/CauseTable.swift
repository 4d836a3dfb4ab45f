import Broker
import Pacing

/// Which attempt of which step, and which publisher, a cause of the broker belongs to.
///
/// Bounded: of very old causes nothing is known any more, as of those from before the run.
struct CauseTable {
    private struct Entry {
        var dispatch: Dispatch?
        var publisher: String
    }

    /// One sending of a step.
    struct Dispatch {
        let step: StepNumber
        let attempt: Int
    }

    private static let capacity = 100_000

    private var entries: [CauseID: Entry] = [:]
    private var order: [CauseID] = []
    private var oldest = 0

    /// A message entered the broker. Answers come with the cause of their request, whose publisher stays the one known first.
    mutating func published(_ cause: CauseID, by publisher: String) {
        if self.entries[cause] == nil { self.add(cause, Entry(dispatch: nil, publisher: publisher)) }
    }

    mutating func dispatched(_ cause: CauseID, by publisher: String, _ dispatch: Dispatch) {
        if self.entries[cause] == nil {
            self.add(cause, Entry(dispatch: dispatch, publisher: publisher))
        } else {
            self.entries[cause]?.dispatch = dispatch
        }
    }

    func dispatch(of cause: CauseID) -> Dispatch? { self.entries[cause]?.dispatch }

    /// Who published the message that began it.
    func publisher(of cause: CauseID) -> String? { self.entries[cause]?.publisher }

    private mutating func add(_ cause: CauseID, _ entry: Entry) {
        self.entries[cause] = entry
        if self.order.count < Self.capacity {
            self.order.append(cause)
        } else {
            self.entries[self.order[self.oldest]] = nil
            self.order[self.oldest] = cause
            self.oldest = (self.oldest + 1) % Self.capacity
        }
    }
}
