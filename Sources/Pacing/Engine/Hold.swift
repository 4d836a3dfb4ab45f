import Timeline

/// What keeps a run from dispatching although it goes on: pauses, breakpoints, the way to a mark. Source: scheduler §10.
struct Hold: Sendable {
    /// Of very old pauses nobody waits any more.
    private static let keptPauses = 64

    /// Since when the run is paused.
    var pausedSince: Instant?
    /// Since when one step may go, after which the run is paused again.
    var steppingSince: Instant?
    /// Since when a step moves the virtual clock.
    var advancingSince: Instant?
    /// Stretches of time in which nothing was dispatched, for the waits of those that were due then.
    private(set) var pauses: [WaitInterval] = []
    /// The mark that is being looked for.
    var seek: String?
    /// Steps and marks before which the run will pause.
    var breakpoints: Set<String> = []

    init(seek: String? = nil, breakpoints: Set<String> = []) {
        self.seek = seek
        self.breakpoints = breakpoints
    }

    /// Since when scenario time stands.
    var since: Instant? { self.pausedSince ?? self.advancingSince }

    mutating func wasPaused(from begin: Instant, to end: Instant) {
        Self.append(begin, end, to: &self.pauses)
    }

    static func append(_ begin: Instant, _ end: Instant, to pauses: inout [WaitInterval]) {
        pauses.append(WaitInterval(cause: .paused, start: begin, end: end))
        if pauses.count > Self.keptPauses { pauses.removeFirst() }
    }
}
