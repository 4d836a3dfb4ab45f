import NIOCore
package import Timeline

/// The clock of a ``Broker``, for async code.
///
/// Time is one for the whole service: what goes by it, and what stays real, is in <doc:Clocks>.
package struct BrokerClock: Sendable {
    private let loop: any EventLoop
    private let clock: NIOLoopBound<ServiceClock>

    init(_ clock: NIOLoopBound<ServiceClock>, loop: any EventLoop) {
        self.clock = clock
        self.loop = loop
    }

    /// What it shows.
    package func state() async throws -> ClockState {
        let clock = self.clock
        return try await self.loop.submit { clock.value.state }.get()
    }

    /// Lets time pass in another way from now on, without a jump.
    ///
    /// - Throws: ``ClockError/wouldJump`` for a clock that is to become real, ``ClockError/underWay`` while it is advanced.
    @discardableResult
    package func change(to kind: ClockKind) async throws -> ClockState {
        let clock = self.clock
        return try await self.loop.submit {
            try clock.value.change(to: kind)
            return clock.value.state
        }.get()
    }

    /// Moves a virtual clock forward, timer by timer; each is followed by work until the broker is idle.
    ///
    /// Returns when the broker is idle there. By zero does what is due now. Requests made meanwhile follow in their order; a cancelled
    /// task stops its own where the clock then is.
    /// - Parameter isEnough: ends it early; asked on the core's loop whenever the broker is idle, before time moves on.
    /// - Throws: ``ClockError``; after a ``ClockError/stall(at:why:)`` the clock stands where it was then.
    @discardableResult
    package func advance(
        by duration: Duration, until isEnough: @escaping @Sendable () -> Bool = { false }
    ) async throws -> ClockState {
        try await self.move(.by(duration), until: isEnough)
    }

    /// Moves a virtual clock forward to a date; otherwise as ``advance(by:until:)``.
    @discardableResult
    package func advance(
        to time: WallTime, until isEnough: @escaping @Sendable () -> Bool = { false }
    ) async throws -> ClockState {
        try await self.move(.to(time), until: isEnough)
    }

    /// Does what is due now on a virtual clock, and returns when the broker is idle.
    @discardableResult
    package func runUntilIdle() async throws -> ClockState {
        try await self.move(.by(.zero)) { false }
    }

    /// While `body` runs, a clock that is `virtual(auto: true)` moves on to the next deadline whenever the broker is idle; any other
    /// passes as it always does.
    package func whileMoving<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async throws -> Value {
        let clock = self.clock
        try await self.loop.submit { clock.value.core?.waitingBegan() }.get()
        do {
            let value = try await body()
            try await self.loop.submit { clock.value.core?.waitingEnded() }.get()
            return value
        } catch {
            try? await self.loop.submit { clock.value.core?.waitingEnded() }.get()
            throw error
        }
    }

    /// Answers everybody who waits for the clock to come somewhere: the broker stops.
    func stop() async {
        let clock = self.clock
        try? await self.loop.submit { clock.value.stop() }.get()
    }

    private func move(_ goal: ClockMovement.Goal, until isEnough: @escaping @Sendable () -> Bool) async throws -> ClockState {
        let clock = self.clock
        let loop = self.loop
        let answer = loop.makePromise(of: ClockState.self)
        loop.submit { clock.value.advance(goal, until: isEnough, answer: answer) }.whenFailure { answer.fail($0) }
        return try await withTaskCancellationHandler {
            try await answer.futureResult.get()
        } onCancel: {
            loop.submit { clock.value.cancel(answer.futureResult) }.whenFailure { _ in }
        }
    }
}

extension Broker {
    /// Moves a virtual clock forward; see ``BrokerClock/advance(by:until:)``.
    @discardableResult
    package func advance(by duration: Duration) async throws -> ClockState {
        try await self.clock.advance(by: duration)
    }
}
