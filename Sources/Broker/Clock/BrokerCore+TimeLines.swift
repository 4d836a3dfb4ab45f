import Logging
import Sessions
import Timeline

/// Names an entry of one of a core's two deadline queues.
struct CoreTimerToken {
    fileprivate let line: TimeLine
    fileprivate let entry: CoreDeadlines.Token
}

extension BrokerCore {
    @inline(__always)
    func now(on line: TimeLine) -> Instant { line == .real ? self.realNow : self.now }

    /// The part of `beginTick` that only cores with a time of their own have.
    @inline(never)
    func beginTickBesideRealTime() {
        if let realNow = self.shell.realNow { self.realNow = realNow() }
        self.logger[metadataKey: LogKey.clock.rawValue] = "\(self.shell.wallTime().iso8601)"
    }

    // MARK: Timers

    /// Adds a timer of a connection.
    func schedule(_ timer: CoreTimer, at instant: Instant, on line: TimeLine) -> CoreTimerToken {
        switch line {
        case .service:
            return CoreTimerToken(line: line, entry: self.deadlines.schedule(timer, at: instant, kind: .connection))
        case .real:
            let entry = self.realDeadlines.schedule(timer, at: instant, kind: .connection)
            self.armRealTimer()
            return CoreTimerToken(line: line, entry: entry)
        }
    }

    /// Calls `body` after a while, on the core's loop, unless `cancel` comes first.
    func schedule(after delay: Duration, on line: TimeLine, _ body: @escaping () -> Void) -> CoreTimerToken {
        self.beginTick()
        return self.schedule(.call(body), at: self.now(on: line) + delay, on: line)
    }

    func cancel(_ token: CoreTimerToken) {
        switch token.line {
        case .service: self.deadlines.cancel(token.entry)
        case .real: self.realDeadlines.cancel(token.entry)
        }
    }

    /// Runs the first timer of the service's time, if it is due.
    func fireNext() {
        self.beginTick()
        if let timer = self.deadlines.popDue(now: self.now) { self.fire(timer) }
    }

    /// Runs every timer of real time that is due.
    package func realWake() {
        self.beginTick()
        self.scheduledRealWake = nil
        while let timer = self.realDeadlines.popDue(now: self.realNow) { self.fire(timer) }
        self.armRealTimer()
    }

    private func armRealTimer() {
        guard let next = self.realDeadlines.next else { return }
        if let scheduledRealWake, scheduledRealWake <= next { return }
        self.scheduledRealWake = next
        self.shell.scheduleRealWake(next)
    }

    // MARK: Idle

    /// Something inside the process is to be done at this instant, until ``workEnded()``: the core is not idle before.
    package func workBegan() { self.workInProcess += 1 }

    package func workEnded() {
        self.workInProcess -= 1
        // Whether the core is idle now is looked at when a tick has ended.
        if self.workInProcess == 0, self.idleWatch != nil { self.beginTick() }
    }

    /// Somebody waits for time to pass, until ``waitingEnded()``: an auto clock moves meanwhile.
    package func waitingBegan() {
        self.waitingForTime += 1
        self.beginTick()
        self.idleWatch?.began(now: self.realNow)
    }

    package func waitingEnded() { self.waitingForTime -= 1 }

    /// Whether nothing will happen any more before time moves on or somebody speaks; `nil` while nobody watches.
    func idleVerdict(now: Instant) -> IdleWatch.Verdict? {
        let peers = self.connections.values.lazy.filter { $0.timeLine == .real }.map { connection in
            IdleWatch.Peer(number: connection.number, unacknowledged: connection.session?.state.outbound.unacknowledgedCount ?? 0)
        }
        return self.idleWatch?.verdict(isWorking: self.tickIsOpen || self.gate.isWaiting || self.workInProcess > 0, peers: peers, now: now)
    }
}
