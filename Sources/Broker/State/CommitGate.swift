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
    /// What is held while a release is under way; it goes before all that waits already.
    private var heldAgain: [Held]?

    /// Counts up with each entry: two readings differ if something in between was journalled.
    private(set) var entryCount: UInt64 = 0
    /// Why the group under way could not be written yet; `nil` while all is well.
    private(set) var failure: String?

    /// More waits for the journal, which is too slow or cannot write, than is good: whoever adds to it is sent away.
    private(set) var isOverfull = false

    private static let maximumOpenBytes = 128 * 1024 * 1024

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
        self.isOverfull = journal.openBytes > Self.maximumOpenBytes
    }

    /// Puts `what` behind everything appended so far.
    mutating func hold(_ what: Held) {
        if self.heldAgain == nil { self.held.append((self.latestGroup, what)) } else { self.heldAgain?.append(what) }
    }

    private var latestGroup: UInt64 { self.openEntries > 0 ? self.openGroup : self.openGroup - 1 }

    /// Called once per tick: starts a commit, unless one is under way.
    ///
    /// - Returns: whether it started one.
    mutating func endOfTick(_ clock: @autoclosure () -> ClockReading) -> Bool {
        guard let journal, self.openEntries > 0, !self.commitUnderWay else { return false }
        self.commitUnderWay = true
        self.openEntries = 0
        self.isOverfull = false
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

    /// Takes out everything whose group is committed, in order. ``endRelease()`` must follow.
    mutating func beginRelease() -> [Held] {
        var released: [Held] = []
        while let first = self.held.first, first.group <= self.committedGroup { released.append(self.held.removeFirst().what) }
        self.heldAgain = []
        return released
    }

    /// What was held since ``beginRelease()`` waits in front of the rest, behind everything appended so far.
    mutating func endRelease() {
        let group = self.latestGroup
        self.held.prepend(contentsOf: (self.heldAgain ?? []).map { (group, $0) })
        self.heldAgain = nil
    }

    /// Whether something was appended since the last commit began.
    var hasOpenEntries: Bool { self.openEntries > 0 }

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
    /// Among whose unanswered requests it counts; `nil` if it is not counted.
    let holder: ShadowLoad.Holder?
}
