import Broker
import Pacing
import Runner

extension Desk {
    /// A run that goes on, or that has finished and whose report nobody has taken.
    struct RunEntry {
        let run: CoreRun
        var whenFinished: (() -> Void)?
    }

    /// Works done at once before the loop looks at its sockets again.
    private static let worksAtOnce = 1000

    /// Starts a run of a plan.
    ///
    /// - Returns: its number.
    func start(_ plan: Pacing.Plan, id: String) throws -> Int {
        try self.checkOpen()
        let number = self.nextNumber()
        let run = CoreRun(plan, id: id, on: self.hosts, onNews: { [weak self] in self?.lookSoon() }, onEvent: { _ in })
        self.runs[number] = RunEntry(run: run)
        return number
    }

    func hasFinished(_ number: Int) -> Bool {
        self.runs[number]?.run.isFinished ?? true
    }

    /// Calls `answer` when the run has finished, or was dropped.
    func whenFinished(_ number: Int, _ answer: @escaping () -> Void) {
        if self.hasFinished(number) { answer() } else { self.runs[number]?.whenFinished = answer }
    }

    func takeReport(of number: Int) throws -> Pacing.RunReport {
        guard let entry = self.runs[number] else { throw SundialFailure.stopped }
        defer { self.dropRun(number) }
        return entry.run.report()
    }

    /// Takes a run off the core, finished or not.
    func dropRun(_ number: Int) {
        guard let entry = self.runs.removeValue(forKey: number) else { return }
        entry.run.leave()
        entry.whenFinished?()
    }

    /// Lets the runs do what they can at this instant.
    ///
    /// - Returns: whether there is more to do, after the sockets have been looked at.
    func workOnRuns() -> Bool {
        for _ in 0..<Self.worksAtOnce {
            var hasWork = false
            for (number, entry) in self.runs.sorted(by: { $0.key < $1.key }) {
                entry.run.timePassed()
                if entry.run.work() {
                    hasWork = true
                    self.hosts.settle()
                } else if entry.run.isFinished {
                    self.runs[number]?.whenFinished?()
                    self.runs[number]?.whenFinished = nil
                }
            }
            if !hasWork { return false }
        }
        return true
    }
}
