import NIOCore
import Timeline

/// The clock of a served broker: what time it is, and when the core is to be woken. One per core, on its loop.
///
/// A real clock costs the core what the system's clock costs: the core then calls that one itself.
final class ServiceClock {
    /// Set once, right after the core is made. Weak, because the core holds this through its shell.
    private(set) weak var core: BrokerCore?
    private let loop: any EventLoop
    private let signaturesFollow: Bool
    private let idleLimits: IdleWatch.Limits
    var time: ServiceTime
    var isAuto: Bool

    /// What the core asked to be woken for, in the service's time and in real time.
    private var wake: Instant?
    private var realWake: Instant?
    private var timer: (due: Instant, task: Scheduled<Void>)?
    private var endIsAsked = false

    var movement = ClockMovement()

    init(_ configuration: BrokerConfiguration.Clock, time: ServiceTime, loop: any EventLoop) {
        self.time = time
        self.isAuto = configuration.kind == .virtual(auto: true)
        self.signaturesFollow = configuration.virtualSignature
        self.idleLimits = configuration.idle
        self.loop = loop
    }

    var kind: ClockKind {
        switch self.time {
        case .real: .real
        case .scaled(let time): .scaled(time.factor)
        case .virtual: .virtual(auto: self.isAuto)
        }
    }

    var state: ClockState {
        let now = self.time.present
        return ClockState(
            kind: self.kind, instant: now.now, time: now.wall, nextDeadline: self.core?.nextDeadline.map { now.wall + ($0 - now.now) },
            waiting: self.waiting, stall: self.isMoving ? self.movement.stall : nil)
    }

    // MARK: The core's shell

    func makeShell(freshID: @escaping () -> String) -> BrokerCore.Shell {
        var shell = BrokerCore.Shell(
            now: Broker.monotonicNow, wallTime: Broker.systemWallTime, scheduleEndOfTick: { self.scheduleEndOfTick() },
            scheduleWake: { self.scheduleWake(at: $0) }, scheduleRealWake: { self.scheduleRealWake(at: $0) }, freshID: freshID)
        self.govern(&shell)
        return shell
    }

    func attach(_ core: BrokerCore) {
        self.core = core
        self.govern(core)
    }

    private func govern(_ core: BrokerCore) {
        self.govern(&core.shell)
        guard case .virtual = self.time else {
            core.idleWatch = nil
            return
        }
        if core.idleWatch == nil { core.idleWatch = IdleWatch(self.idleLimits, now: Broker.monotonicNow()) }
    }

    /// Makes a core go by the time as it is now.
    private func govern(_ shell: inout BrokerCore.Shell) {
        if case .real = self.time { return }
        shell.now = { self.time.present.now }
        shell.wallTime = { self.time.present.wall }
        shell.realNow = Broker.monotonicNow
        if !self.signaturesFollow { shell.signatureTime = Broker.systemWallTime }
    }

    /// A tick that was ended early leaves its end to the next one.
    private func scheduleEndOfTick() {
        if self.endIsAsked { return }
        self.endIsAsked = true
        self.loop.assumeIsolated().execute {
            self.endIsAsked = false
            self.core?.endTick()
            if self.isMoving { self.lookSoon() }
        }
    }

    private func scheduleWake(at instant: Instant) {
        self.wake = instant
        self.arm()
    }

    private func scheduleRealWake(at instant: Instant) {
        self.realWake = instant
        self.arm()
    }

    /// The one timer waits for what comes first in real time.
    private func arm() {
        var due = self.wake.flatMap { self.time.real(for: $0) }
        if let realWake { due = min(realWake, due ?? realWake) }
        if self.timer?.due == due { return }
        self.timer?.task.cancel()
        self.timer = nil
        if let due { self.timer = (due, self.schedule(at: due) { self.timerFired() }) }
    }

    private func timerFired() {
        self.timer = nil
        guard let core else { return }
        let real = Broker.monotonicNow()
        if let due = self.realWake, due <= real {
            self.realWake = nil
            core.realWake()
        }
        if let due = self.wake.flatMap({ self.time.real(for: $0) }), due <= real {
            self.wake = nil
            core.wake()
        }
        self.arm()
    }

    func schedule(at real: Instant, _ body: @escaping () -> Void) -> Scheduled<Void> {
        self.loop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, real.nanoseconds))), body)
    }

    func execute(_ body: @escaping () -> Void) {
        self.loop.assumeIsolated().execute(body)
    }

    // MARK: Changing

    /// Lets time pass in another way, from now on.
    func change(to kind: ClockKind) throws(ClockError) {
        if kind == self.kind { return }
        guard self.movement.moves.isEmpty else { throw .underWay }
        try self.time.change(to: kind)
        self.isAuto = kind == .virtual(auto: true)
        if let core { self.govern(core) }
        self.arm()
        self.goOn()
    }
}

@available(*, unavailable)
extension ServiceClock: Sendable {}
