import Broker
import NIOCore
import Timeline

extension Sundial {
    /// Lets virtual time pass, timer by timer, each followed by all that it sets off; see <doc:Time>.
    ///
    /// Returns when there is nothing left to do at its end. `.zero` does what is due now.
    /// - Throws: ``SundialFailure`` on other clocks, and when a client outside never pauses.
    public func advance(by duration: Duration) async throws {
        try await self.advance(by: duration) { _ in false }
    }

    /// The time since the kit's start, on its clock.
    public var elapsed: Duration {
        get async { (try? await self.onDesk { $0.elapsed }) ?? .zero }
    }

    /// What the service takes for the time of day, as shadow documents give it: whole seconds since 1970.
    public var secondsSinceEpoch: Int {
        get async { (try? await self.onDesk { Int($0.core.wallTime.secondsSinceEpoch) }) ?? 0 }
    }

    /// Lets virtual time pass for so long, or until `isEnough`, which is asked before each timer.
    func advance(by duration: Duration, until isEnough: @escaping @Sendable (Desk) -> Bool) async throws {
        let desk = self.desk
        try await self.moving { _ = try await $0.advance(by: duration) { isEnough(desk.value) } }
    }

    /// Lets virtual time pass up to this date, or until `isEnough`.
    func advance(to time: WallTime, until isEnough: @escaping @Sendable (Desk) -> Bool) async throws {
        let desk = self.desk
        try await self.moving { _ = try await $0.advance(to: time) { isEnough(desk.value) } }
    }

    private func moving(_ body: (BrokerClock) async throws -> Void) async throws {
        do {
            try await self.entrance.pass { try await body(self.broker.clock) }
        } catch let error as ClockError {
            throw SundialFailure(error.words)
        }
    }
}

extension ClockError {
    /// For tests, which have other ways than users of the command line.
    fileprivate var words: String {
        switch self {
        case .movesByItself: "the kit's clock moves by itself; only a virtual one, which is the default, can be advanced"
        case .stopped: "the kit has been stopped"
        case .goesBack, .beyondHorizon, .wouldJump, .underWay, .stall: self.text
        }
    }
}
