package import Logging
package import Timeline

/// A core without sockets and without an event loop, for clients in the same process.
///
/// Nothing happens by itself. Whoever owns it acts (through a ``LocalClient`` or the core), calls ``settle()``, and when nothing is
/// left to do lets the time come to ``nextDeadline`` and calls ``fireDue()``. On virtual time that is a jump, so that hours pass at
/// once. The same calls with the same seed have the same effects, to the byte.
package final class LocalBroker {
    package enum Clock: Equatable, Sendable {
        /// Moves only by ``LocalBroker/advance(to:)``.
        case virtual(startingAt: WallTime)
        /// The system's clocks.
        case real
        /// From the present on, as many times as fast as real time.
        case scaled(TimeFactor)
    }

    package let core: BrokerCore
    package let clients: LocalClients
    package let clock: Clock
    private let surroundings: Surroundings

    /// - Parameter seed: of the ids the broker makes up.
    package init(clock: Clock, seed: UInt64 = 0, logger: Logger) {
        let surroundings = Surroundings(clock: clock, seed: seed)
        let shell = BrokerCore.Shell(
            now: { surroundings.now }, wallTime: { surroundings.wallTime },
            // The owner calls `settle`, and asks for `nextDeadline`.
            scheduleEndOfTick: {}, scheduleWake: { _ in },
            freshID: { FreshID.uuid(using: &surroundings.numbers) })
        self.core = BrokerCore(shell: shell, logger: logger, topicSeed: seed)
        self.clients = LocalClients(of: self.core)
        self.clock = clock
        self.surroundings = surroundings
    }

    package var now: Instant { self.surroundings.now }
    package var wallTime: WallTime { self.surroundings.wallTime }

    /// A client that is not connected yet. It must not outlive the broker; one that is let go of hears nothing more.
    package func makeClient(_ name: String, door: Door, onEvent: @escaping (LocalClient.Event) -> Void) -> LocalClient {
        self.clients.make(name, door: door, onEvent: onEvent)
    }

    /// Ends ticks and lets clients read and acknowledge until there is nothing left to do at this instant.
    ///
    /// Not to be called from a client's events.
    package func settle() {
        self.clients.settle()
    }

    /// The earliest instant at which something happens by itself.
    package var nextDeadline: Instant? { self.core.nextDeadline }

    /// When an instant comes in real time; `nil` when it does not come by itself.
    package func real(for instant: Instant) -> Instant? { self.surroundings.time.real(for: instant) }

    /// Moves virtual time; going back, or moving another clock, is an error of the caller.
    package func advance(to instant: Instant) {
        guard case .virtual(var time) = self.surroundings.time else {
            preconditionFailure("a clock that moves by itself cannot be set to \(instant)")
        }
        time.advance(to: instant)
        self.surroundings.time = .virtual(time)
    }

    /// Does what is due now.
    package func fireDue() {
        if let next = self.core.nextDeadline, next <= self.now { self.core.wake() }
        self.settle()
    }
}

/// What the core's shell reads and writes.
private final class Surroundings {
    var time: ServiceTime
    var numbers: SeededNumbers

    init(clock: LocalBroker.Clock, seed: UInt64) {
        self.time =
            switch clock {
            case .virtual(let wall): .virtual(VirtualTime(wall: wall))
            case .real: .real
            case .scaled(let factor): ServiceTime(.scaled(factor))
            }
        self.numbers = SeededNumbers(seed: seed)
    }

    var now: Instant { self.time.present.now }
    var wallTime: WallTime { self.time.present.wall }
}

@available(*, unavailable)
extension LocalBroker: Sendable {}
