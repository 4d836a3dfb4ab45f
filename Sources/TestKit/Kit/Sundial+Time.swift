import Broker
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

    /// Lets virtual time pass until `isEnough`, which is asked before each timer.
    func advance(by duration: Duration, until isEnough: @escaping @Sendable (Desk) -> Bool) async throws {
        let desk = self.desk
        do {
            try await self.broker.clock.advance(by: duration) { isEnough(desk.value) }
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
