import DequeModule

/// Holds back what is promised until the journal has it.
///
/// Without a journal nothing is ever held. With one, whatever depends on an entry of a group that is not committed waits in line, in order.
struct CommitGate {
    enum Held {
        /// A packet for one connection: an acknowledgement.
        case packet(Connection, [UInt8])
        /// An answer of the shadow service, to be routed.
        case answer(topic: [UInt8], payload: [UInt8], cause: CauseID)
        case call(() -> Void)
    }

    private(set) var journal: (any Journal)?
    private var openGroup: UInt64 = 1
    private var openEntries = 0
    private var committedGroup: UInt64 = 0
    private var commitUnderWay = false
    private var held = Deque<(group: UInt64, what: Held)>()

    /// Counts up with each entry: two readings differ if something in between was journalled.
    private(set) var entryCount: UInt64 = 0

    init(journal: (any Journal)?) {
        self.journal = journal
    }

    /// Whether something appended has not been committed.
    var isWaiting: Bool { self.openEntries > 0 || self.commitUnderWay }

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
    mutating func endOfTick() {
        guard let journal, self.openEntries > 0, !self.commitUnderWay else { return }
        self.commitUnderWay = true
        self.openEntries = 0
        let group = self.openGroup
        self.openGroup += 1
        journal.commit(group: group)
    }

    mutating func committed(_ group: UInt64) {
        precondition(group > self.committedGroup, "journal groups end in the order they began")
        self.committedGroup = group
        self.commitUnderWay = false
    }

    /// The next thing whose group is committed.
    mutating func nextReleased() -> Held? {
        guard let first = self.held.first, first.group <= self.committedGroup else { return nil }
        return self.held.removeFirst().what
    }
}
