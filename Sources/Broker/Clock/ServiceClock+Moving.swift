import DequeModule
import Logging
import NIOCore
import Sessions
import Timeline

/// Where a virtual clock is on its way to, and who waits for that.
struct ClockMovement {
    enum Goal {
        case by(Duration)
        case to(WallTime)
    }

    struct Move {
        let goal: Goal
        /// Asked before time moves on; ends the move early.
        let isEnough: () -> Bool
        let answer: EventLoopPromise<ClockState>
    }

    /// In the order they were asked for; the first is under way.
    var moves: Deque<Move> = []
    /// Where the first one ends.
    var target: Instant?
    var stall: String?
    var isStopped = false
    var lookIsQueued = false
    var nextLook: (due: Instant, task: Scheduled<Void>)?
}

/// Moving a virtual clock: timer by timer, in their order, each followed by work until the broker is idle.
extension ServiceClock {
    var isMoving: Bool { !self.movement.moves.isEmpty || self.isAuto && self.waiting > 0 }
    /// How many wait for time to pass.
    var waiting: Int { self.core?.waitingForTime ?? 0 }

    // MARK: Asking

    /// Moves the clock once what was asked for before is done. The answer comes when the broker is idle there.
    func advance(_ goal: ClockMovement.Goal, until isEnough: @escaping () -> Bool, answer: EventLoopPromise<ClockState>) {
        if self.movement.isStopped { return answer.fail(ClockError.stopped) }
        guard case .virtual = self.time else { return answer.fail(ClockError.movesByItself(self.kind)) }
        self.movement.moves.append(.init(goal: goal, isEnough: isEnough, answer: answer))
        if self.movement.moves.count == 1 { self.begin() }
    }

    /// Stops where the clock is, if this is still to be answered.
    func cancel(_ answer: EventLoopFuture<ClockState>) {
        guard let place = self.movement.moves.firstIndex(where: { $0.answer.futureResult === answer }) else { return }
        if place == 0 {
            self.finish(.failure(CancellationError()))
        } else {
            self.movement.moves.remove(at: place).answer.fail(CancellationError())
        }
    }

    /// Answers everybody who waits: the broker stops.
    func stop() {
        self.movement.isStopped = true
        let moves = self.movement.moves
        self.movement.moves = []
        for move in moves { move.answer.fail(ClockError.stopped) }
        self.movement.nextLook?.task.cancel()
        self.movement.nextLook = nil
    }

    // MARK: Moving

    /// Moves on by itself, if it is to.
    func goOn() {
        guard self.isMoving else { return }
        self.core?.idleWatch?.began(now: Broker.monotonicNow())
        self.lookSoon()
    }

    /// Sets out for what was asked first.
    private func begin() {
        guard let move = self.movement.moves.first, case .virtual(let time) = self.time else { return self.goOn() }
        let way: Duration =
            switch move.goal {
            case .by(let duration): duration
            // A date is written in milliseconds: the one that the clock shows is no way back.
            case .to(let goal):
                goal.millisecondsSinceEpoch == time.wall.millisecondsSinceEpoch ? max(.zero, goal - time.wall) : goal - time.wall
            }
        if way < .zero { return self.finish(.failure(ClockError.goesBack(to: time.wall + way, now: time.wall))) }
        let target = time.now + way
        if target > time.end { return self.finish(.failure(ClockError.beyondHorizon)) }
        self.movement.target = target
        self.goOn()
    }

    private func finish(_ result: Result<ClockState, any Error>) {
        self.movement.target = nil
        self.movement.moves.removeFirst().answer.completeWith(result)
        self.begin()
    }

    /// Looks whether the broker is idle, one turn of the loop later: clients inside the process read first what the tick left for them.
    func lookSoon() {
        if self.movement.lookIsQueued { return }
        self.movement.lookIsQueued = true
        self.execute {
            self.movement.lookIsQueued = false
            self.look()
        }
    }

    private func look() {
        guard self.isMoving, let core, case .virtual(let time) = self.time else { return }
        switch core.idleVerdict(now: Broker.monotonicNow()) {
        case .busy(let until):
            self.look(at: until)
        case .stall(let busiest):
            self.stalled(core, busiest, at: time)
        case .idle:
            self.movement.stall = nil
            self.step(core, time)
        case nil:
            preconditionFailure("a core on virtual time is watched")
        }
    }

    private func look(at real: Instant) {
        if let next = self.movement.nextLook, next.due <= real { return }
        self.movement.nextLook?.task.cancel()
        let task = self.schedule(at: real) {
            self.movement.nextLook = nil
            self.look()
        }
        self.movement.nextLook = (real, task)
    }

    /// The next timer on the way, or the end of it.
    private func step(_ core: BrokerCore, _ time: VirtualTime) {
        if let move = self.movement.moves.first, move.isEnough() { return self.finish(.success(self.state)) }
        let end = self.movement.target ?? time.end
        if let due = core.nextDeadline, due <= end {
            self.show(time, at: max(due, time.now))
            core.idleWatch?.movedOn(now: Broker.monotonicNow())
            core.fireNext()
        } else if let target = self.movement.target {
            self.show(time, at: target)
            self.finish(.success(self.state))
        }
    }

    private func show(_ time: VirtualTime, at instant: Instant) {
        var time = time
        time.advance(to: instant)
        self.time = .virtual(time)
    }

    private func stalled(_ core: BrokerCore, _ busiest: UInt64?, at time: VirtualTime) {
        let why = "the broker does not become idle: \(core.whyItIsBusy(busiest))"
        if self.movement.target != nil { return self.finish(.failure(ClockError.stall(at: time.wall, why: why))) }
        if self.movement.stall == nil { core.logger.record(.warning, "the clock does not move on: \(why)") }
        self.movement.stall = why
        core.idleWatch?.movedOn(now: Broker.monotonicNow())
        self.lookSoon()
    }
}

extension BrokerCore {
    /// - Parameter busiest: the connection that sent the most lately.
    fileprivate func whyItIsBusy(_ busiest: UInt64?) -> String {
        if let failure = self.journalFailure { return "the state file cannot be written: \(failure)" }
        if let busiest, let connection = self.connections.values.first(where: { $0.number == busiest }) {
            return "client \(connection.clientID?.text ?? "of connection \(busiest)") (\(connection.peer)) keeps sending; let it pause"
        }
        return "messages keep being sent to clients; let whoever publishes them pause"
    }
}
