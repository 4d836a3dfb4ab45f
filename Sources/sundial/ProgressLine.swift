import Glibc
import Pacing
import Runner
import Synchronization
import Timeline

/// One line on a terminal that says how far a run is, a few times a second; notes of the run stand above it.
final class ProgressLine: Sendable {
    private struct State {
        var shownAt: ContinuousClock.Instant?
        /// What had been dispatched some time ago, for the rate.
        var before: (at: ContinuousClock.Instant, dispatched: Int)
        var rate: Int?
        var line = ""
    }

    private static let pause = Duration.milliseconds(100)

    private let isShown: Bool
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    init(isShown: Bool) {
        self.isShown = isShown
        self.state = Mutex(State(before: (self.start, 0)))
    }

    func show(_ progress: RunProgress) {
        guard self.isShown else { return }
        let now = ContinuousClock.now
        self.state.withLock { state in
            if case .note(let text) = progress.happening {
                StandardStream.error.write("\r\u{1B}[K\(text)\n\(state.line)")
                return
            }
            if let shownAt = state.shownAt, now - shownAt < Self.pause { return }
            state.shownAt = now
            if now - state.before.at >= .seconds(1) {
                state.rate = Int(Double(progress.dispatched - state.before.dispatched) / ((now - state.before.at) / .seconds(1)))
                state.before = (now, progress.dispatched)
            }
            state.line = String(Self.text(progress, wall: now - self.start, rate: state.rate).prefix(StandardStream.error.columns - 1))
            StandardStream.error.write("\r\u{1B}[K\(state.line)")
        }
    }

    /// Takes the line away.
    func clear() {
        guard self.isShown else { return }
        self.state.withLock { state in
            if !state.line.isEmpty { StandardStream.error.write("\r\u{1B}[K") }
            state.line = ""
            state.shownAt = nil
        }
    }

    /// `1200 of 5000 steps, 98/s, 12 s of the scenario in 6 s, next waits: gap`.
    static func text(_ progress: RunProgress, wall: Duration, rate: Int?) -> String {
        var parts: [String] = []
        if let standing = progress.standing {
            parts.append("\(standing.ended)" + (standing.total.map { " of \($0)" } ?? "") + " steps")
        } else {
            parts.append("\(progress.dispatched)" + (progress.steps.map { " of \($0)" } ?? "") + " steps begun")
        }
        if let rate { parts.append("\(rate)/s") }
        let scenario = progress.standing?.scenarioTime ?? progress.elapsed
        parts.append("\(Self.seconds(scenario)) of the scenario in \(Self.seconds(wall))")
        if let waiting = progress.standing?.waiting {
            let remaining = waiting.remaining.map { " for \(Self.seconds($0))" } ?? ""
            parts.append("\(waiting.id) waits\(remaining): \(waiting.cause.rawValue)")
        }
        return parts.joined(separator: ", ")
    }

    /// `12 s`, `3 min 20 s`, `2 h 5 min`.
    private static func seconds(_ duration: Duration) -> String {
        let seconds = duration.wholeNanoseconds / 1_000_000_000
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
        default: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
        }
    }
}
