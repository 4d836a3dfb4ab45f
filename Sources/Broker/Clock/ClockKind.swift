package import Timeline

/// How the service's time passes. Source: scheduler §8.
package enum ClockKind: Equatable, Sendable {
    /// The system's clocks.
    case real
    /// As many times as fast as real time.
    case scaled(TimeFactor)
    /// Only when it is moved. `auto`: also by itself, from deadline to deadline, while somebody waits for it
    /// (``BrokerClock/whileMoving(_:)``) and the broker is idle.
    case virtual(auto: Bool)
}

/// What a clock shows.
package struct ClockState: Equatable, Sendable {
    package let kind: ClockKind
    /// On the monotonic time line.
    package let instant: Instant
    package let time: WallTime
    /// When the service does something by itself next.
    package let nextDeadline: WallTime?
    /// How many wait for a `virtual` clock with `auto` to move: without any it stands still.
    package let waiting: Int
    /// Why `auto` has not moved the clock for a while, though somebody waits; `nil` when all is well.
    package let stall: String?
}

/// Why a clock does not do what was asked.
package enum ClockError: Error, Equatable, Sendable {
    case movesByItself(ClockKind)
    case goesBack(to: WallTime, now: WallTime)
    case beyondHorizon
    case wouldJump
    case underWay
    /// The broker was not idle in time: the clock stands at `at`, short of where it was to go.
    case stall(at: WallTime, why: String)
    case stopped

    /// What happened and what to do, as one sentence.
    package var text: String {
        switch self {
        case .movesByItself(let kind):
            "the clock is \(kind.isReal ? "real" : "scaled") and moves by itself; make it virtual, with 'sundial clock set virtual', "
                + "'sundial serve --clock virtual' or PUT /_sundial/clock {\"kind\":\"virtual\"}, and then advance it"
        case .goesBack(let to, let now): "the clock stands at \(now.iso8601) and cannot go back to \(to.iso8601); only a restart can"
        case .beyondHorizon: "the clock goes to \(WallTime.horizon.iso8601) and no further"
        case .wouldJump:
            "the clock may differ from real time by now, and real time would be a jump; a scaled clock of factor 1 goes on from here "
                + "as fast as real time, and a restart begins with the real clock"
        case .underWay: "the clock is being advanced; change it when that is done"
        case .stall(let at, let why): "the clock stands at \(at.iso8601), since \(why)"
        case .stopped: "the broker was stopped while its clock was being advanced"
        }
    }
}

extension ClockKind {
    package var isReal: Bool { self == .real }
}
