import Timeline

/// How a run ends.
extension PlanEngine {
    mutating func finishIfDone() {
        guard self.live.count == self.reacting.count, self.unread.isEmpty, self.phase != .running || self.hasAllSteps else { return }
        switch self.phase {
        case .running:
            self.endReactions()
            if let mark = self.hold.seek {
                self.hasFailed = true
                self.out.append(.note("there is no mark \"\(mark)\", so nothing was run; marks are named by their text or id"))
            }
            self.finish(self.hasFailed ? .failed : .passed)
        case .cancelling: self.finish(.cancelled)
        case .ready, .finished: break
        }
    }

    /// Waiting steps are cancelled; those in flight get `grace` to settle. Source: scheduler §10.
    mutating func cancel() {
        guard self.phase == .running else { return }
        self.phase = .cancelling
        self.endReactions()
        for number in self.live.numbers where self.live[number]?.phase != .inFlight {
            self.end(number, .cancelled, detail: "the run was cancelled", releases: false)
        }
        _ = self.timers.schedule(.grace, at: self.now + self.options.grace, kind: .plan)
    }

    /// The run is over whatever is still open: its time is up, or the grace after a cancellation.
    mutating func stopEverything(_ state: RunReport.State) {
        self.phase = .cancelling
        self.endReactions()
        let why = state == .cancelled ? "the run was cancelled" : "the run's time limit of \(self.limitText) came first"
        for number in self.live.numbers {
            guard let step = self.live[number] else { continue }
            if step.phase == .waiting || step.phase == .reading || step.step.block != nil {
                self.end(number, .cancelled, detail: why, releases: false)
            } else {
                self.end(number, .failed, failure: self.failure(of: step, got: why), releases: false)
            }
        }
        self.finish(state)
    }

    /// Whether the end of the plan has been read.
    var hasAllSteps: Bool { self.frames[Frame.plan]?.isDrained == true }

    private var limitText: String { Times.text(self.settings.timeLimit ?? .zero) }

    private mutating func finish(_ state: RunReport.State) {
        for client in self.clients.keys.sorted() {
            if case .connected = self.clients[client]?.state { self.out.append(.close(nil, client: client, reason: nil)) }
        }
        self.phase = .finished(state)
        self.finishedAt = self.now
        self.pendingSkips = []
        self.out.append(.finished)
    }
}
