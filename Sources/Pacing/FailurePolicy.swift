/// What happens to the rest when a step fails. Source: scheduler §11.
package enum FailurePolicy: Equatable, Sendable {
    /// The lane's later steps are skipped; other lanes finish; the run is failed.
    case stopLane
    /// The lane goes on; the run is failed in the end.
    case `continue`
    /// Nothing new is dispatched.
    case stopRun
    /// Sent again after a while; when nothing is left of it, as `stopLane`.
    case retry(RetryRule)

    /// Those that files write as one word.
    static let words: [(word: String, policy: FailurePolicy)] = [
        ("stopLane", .stopLane), ("continue", .continue), ("stopRun", .stopRun),
    ]
}

/// How often, when and after what a step is tried again. The lane is held meanwhile. Source: scheduler §11.
package struct RetryRule: Equatable, Sendable {
    /// What a failed attempt was.
    package enum Cause: Hashable, Sendable {
        case timeout
        /// The connection ended before the gate was met.
        case lostConnection
        /// A rejected answer with this code.
        case rejected(Int)
    }

    /// Attempts after the first.
    package var most = 3
    /// Before the second attempt; plan time.
    package var backoff = Duration.seconds(1)
    /// What each further wait is longer by, in thousandths: 2000 doubles.
    package var factorThousandths: Int64 = 2000
    /// Added to every wait.
    package var jitter: Jitter?
    package var causes: Set<Cause> = Self.defaultCauses

    package static let defaultCauses: Set<Cause> = [.timeout, .lostConnection, .rejected(429), .rejected(500)]
    /// What no later attempt can cure.
    package static let neverCured: Set<Int> = [400, 403, 413]

    package init() {}

    func covers(_ cause: Cause) -> Bool {
        if case .rejected(let code) = cause, Self.neverCured.contains(code) { return false }
        return self.causes.contains(cause)
    }

    /// How long the step waits before a further attempt, without jitter; plan time, at most a day.
    /// - Parameter retry: 1 for the second attempt.
    func wait(before retry: Int) -> Duration {
        var wait = min(self.backoff, Self.longestWait)
        var left = retry - 1
        while left > 0, wait > .zero, wait < Self.longestWait {
            wait = min(wait * self.factorThousandths / 1000, Self.longestWait)
            left -= 1
        }
        return wait
    }

    private static let longestWait = Duration.seconds(86_400)
}

/// What happens to a step whose time is past. Source: scheduler §10.
package enum LatePolicy: String, CaseIterable, Sendable {
    /// Run as soon as allowed; later planned times unchanged.
    case keep
    /// The lateness is added to what comes after it in the lane.
    case shift
    /// The step is skipped.
    case skip
    /// The run fails.
    case fail

    static let later = ["merge"]
}
