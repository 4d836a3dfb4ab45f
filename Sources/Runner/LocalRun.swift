import Broker
package import Logging
package import Pacing
package import Timeline

/// Runs a plan on a broker of its own inside the process: no sockets, no event loop. Source: scheduler §8, §9.
///
/// On the virtual clock the run takes no real waiting and repeats to the byte (G6): its time jumps to the next thing to happen
/// whenever nothing is left to do, which with clients in the process is exact.
package final class LocalRun {
    package struct Options: Sendable {
        /// Names the run in the report and in `${run}`.
        package var runID = "run"
        /// The date at which virtual time begins; one and the same unless told otherwise, so that runs repeat.
        package var virtualStart = WallTime(secondsSinceEpoch: 1_767_225_600)
        package var logger: Logger

        package init(logger: Logger) {
            self.logger = logger
        }
    }

    private let broker: LocalBroker
    private let run: CoreRun
    /// Steps that move the virtual clock on: how far, and whom to tell when what that sets off is done.
    private var movements: [(to: Instant, answer: (String?) -> Void)] = []

    package var isFinished: Bool { self.run.isFinished }

    package init(_ plan: Plan, options: Options, onProgress: @escaping (RunProgress) -> Void = { _ in }) {
        let clock: LocalBroker.Clock =
            switch plan.settings.clock {
            case .real: .real
            case .scaled(let factor): .scaled(factor)
            case .virtual: .virtual(startingAt: options.virtualStart)
            }
        self.broker = LocalBroker(clock: clock, seed: plan.settings.seed, logger: options.logger)
        var dispatched = 0
        self.run = CoreRun(plan, id: options.runID, on: self.broker.clients) { event in
            if let progress = RunProgress(event, &dispatched, steps: plan.stepCount) { onProgress(progress) }
        }
        guard plan.settings.clock == .virtual else { return }
        self.run.moveClock = { [weak self] duration, answer in
            if let self { self.movements.append((self.broker.now + duration, answer)) }
        }
    }

    /// Runs the plan to its end, on the clock it names. A cancelled task cancels the run, which then ends in order.
    ///
    /// - Parameter onPart: takes the parts of the report while the run goes on, so that a long one need not be kept.
    /// - Returns: the report, or its last part.
    package static func run(
        _ plan: Plan, options: Options, onProgress: @escaping (RunProgress) -> Void = { _ in }, onPart: ((RunReport) -> Void)? = nil
    ) async -> RunReport {
        let run = LocalRun(plan, options: options, onProgress: onProgress)
        run.run.onPart = onPart.map { onPart in { onPart(run.dated($0)) } }
        var wasCancelled = false
        while true {
            run.work()
            if run.isFinished { return run.report() }
            if Task.isCancelled, !wasCancelled {
                wasCancelled = true
                run.cancel()
                continue
            }
            guard let next = run.nextInstant else { preconditionFailure("the run waits for nothing and has not ended") }
            if let real = run.broker.real(for: next) {
                await wasCancelled ? RealClock.waitThroughCancellation(until: real) : RealClock.wait(until: real)
                run.timePassed()
            } else {
                run.advance(to: next)
            }
        }
    }

    /// Ends the run early: what waits is cancelled, what is in flight may still settle.
    package func cancel() { self.run.cancel() }

    /// Does everything that can be done at this instant.
    package func work() {
        while true {
            while self.run.work() { self.broker.settle() }
            if self.run.timePassed() { continue }
            guard let place = self.movements.firstIndex(where: { $0.to <= self.broker.now }) else { return }
            self.movements.remove(at: place).answer(nil)
        }
    }

    /// When something will happen by itself; the engine always waits for something until it has finished.
    package var nextInstant: Instant? {
        let movement = self.movements.map(\.to).min()
        return self.broker.nextDeadline.map { min($0, movement ?? $0) } ?? movement
    }

    /// Lets virtual time come to `instant`; follow with ``work()``.
    package func advance(to instant: Instant) {
        self.broker.advance(to: max(instant, self.broker.now))
        self.timePassed()
    }

    private func timePassed() {
        self.broker.fireDue()
        self.run.timePassed()
    }

    /// The report so far; final once finished.
    package func report() -> RunReport { self.dated(self.run.report()) }

    private func dated(_ report: RunReport) -> RunReport {
        var report = report
        // Virtual dates mean nothing to the reader, and would differ if the start did.
        if self.broker.clock != .real { report.startedAt = nil }
        return report
    }
}

@available(*, unavailable)
extension LocalRun: Sendable {}
