import NIOCore
import Timeline

/// Ties a core to its event loop: the end of a tick and the one timer.
final class LoopWaker {
    /// Set once, right after the core is made. Weak, because the core holds this through its shell.
    weak var core: BrokerCore?
    private let loop: any EventLoop
    private var timer: Scheduled<Void>?
    private var endIsAsked = false

    init(loop: any EventLoop) {
        self.loop = loop
    }

    /// A tick that was ended early leaves its end to the next one.
    func scheduleEndOfTick() {
        if self.endIsAsked { return }
        self.endIsAsked = true
        self.loop.assumeIsolated().execute {
            self.endIsAsked = false
            self.core?.endTick()
        }
    }

    func scheduleWake(at instant: Instant) {
        self.timer?.cancel()
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, instant.nanoseconds)))
        self.timer = self.loop.assumeIsolated().scheduleTask(deadline: deadline) { self.core?.wake() }
    }
}

@available(*, unavailable)
extension LoopWaker: Sendable {}
