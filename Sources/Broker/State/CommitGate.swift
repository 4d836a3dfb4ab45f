import DequeModule
import Shadows

/// Holds back what is promised until the journal has it.
///
/// Without a journal nothing is ever held. With one, whatever depends on an entry of a group that is not committed waits in line, in order.
struct CommitGate {
    enum Held {
        /// A packet for one connection: an acknowledgement, or a message of QoS 2.
        case packet(Connection, [UInt8])
        /// The answers of the shadow service to one request.
        case shadow(ShadowAnswer)
        /// `failed` is called instead when a group before it could not be written; without it, it waits on.
        case call(() -> Void, failed: (() -> Void)?)
    }

    private(set) var journal: (any Journal)?
    private var openGroup: UInt64 = 1
    private var openEntries = 0
    private var committedGroup: UInt64 = 0
    private var commitUnderWay = false
    private var held = Deque<(group: UInt64, what: Held)>()

    /// Counts up with each entry: two readings differ if something in between was journalled.
    private(set) var entryCount: UInt64 = 0
    /// Why the group under way could not be written yet; `nil` while all is well.
    private(set) var failure: String?

    /// Entries that may wait for a journal that is too slow or cannot write. Beyond it, whoever adds to them is sent away.
    private static let maximumOpenEntries = 500_000

    init(journal: (any Journal)?) {
        self.journal = journal
    }

    /// Whether something appended has not been committed.
    var isWaiting: Bool { self.openEntries > 0 || self.commitUnderWay }
    var isOverfull: Bool { self.openEntries > Self.maximumOpenEntries }

    mutating func append(_ entry: @autoclosure () -> JournalEntry) {
        guard let journal else { return }
        journal.append(entry())
        self.openEntries += 1
        self.entryCount += 1
    }

    /// Puts `what` behind everything appended so far.
    mutating func hold(_ what: Held) {
        self.held.append((self.openEntries > 0 ? self.openGroup : self.openGroup - 1, what))
    }

    /// Called once per tick: starts a commit, unless one is under way.
    ///
    /// - Returns: whether it started one.
    mutating func endOfTick(_ clock: @autoclosure () -> ClockReading) -> Bool {
        guard let journal, self.openEntries > 0, !self.commitUnderWay else { return false }
        self.commitUnderWay = true
        self.openEntries = 0
        let group = self.openGroup
        self.openGroup += 1
        journal.commit(group: group, clock: clock())
        return true
    }

    mutating func committed(_ group: UInt64) {
        precondition(group > self.committedGroup, "journal groups end in the order they began")
        self.committedGroup = group
        self.commitUnderWay = false
        self.failure = nil
    }

    /// The next thing whose group is committed.
    mutating func nextReleased() -> Held? {
        guard let first = self.held.first, first.group <= self.committedGroup else { return nil }
        return self.held.removeFirst().what
    }

    /// The group under way could not be written.
    ///
    /// - Returns: what is to hear of it now instead of waiting on.
    mutating func failed(_ why: String) -> [Held] {
        self.failure = why
        self.journal?.discardShadowChanges()
        var refused: [Held] = []
        var waiting = Deque<(group: UInt64, what: Held)>()
        for item in self.held {
            switch item.what {
            case .shadow, .call(_, failed: .some): refused.append(item.what)
            case .packet, .call(_, failed: .none): waiting.append(item)
            }
        }
        self.held = waiting
        return refused
    }
}

/// What the shadow service publishes in answer to one request.
struct ShadowAnswer {
    let request: ShadowRequest
    let outcome: ShadowOutcome
    let cause: CauseID
    let asker: Asker
}
