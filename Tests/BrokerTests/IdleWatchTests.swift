import Broker
import Testing
import Timeline

/// When a broker is idle. Source: scheduler §8.
@Suite struct IdleWatchTests {
    private static let start = Instant(nanoseconds: 1_000_000_000)

    private var watch = IdleWatch(now: Self.start)

    private mutating func verdict(
        after: Duration, isWorking: Bool = false, _ peers: (number: UInt64, unacknowledged: Int)...
    ) -> IdleWatch.Verdict {
        self.watch.verdict(
            isWorking: isWorking, peers: peers.map { .init(number: $0.number, unacknowledged: $0.unacknowledged) }, now: Self.start + after)
    }

    private static func busy(until: Duration) -> IdleWatch.Verdict { .busy(until: Self.start + until) }

    @Test mutating func withoutSocketsItIsExact() {
        #expect(self.verdict(after: .zero) == .idle)
        #expect(self.verdict(after: .zero, isWorking: true) == Self.busy(until: .seconds(10)))
        self.watch.received(100, from: 1, at: Self.start)
        self.watch.sent(to: 1, at: Self.start)
        // Connection 1 is of a client in the process: it is no peer.
        #expect(self.verdict(after: .zero) == .idle)
    }

    @Test mutating func whoeverIsConnectedHasToBeSilentForAWhileOnceSomebodyWaits() {
        self.watch.began(now: Self.start)
        #expect(self.verdict(after: .zero, (1, 0)) == Self.busy(until: .milliseconds(20)))
        #expect(self.verdict(after: .milliseconds(19), (1, 0)) == Self.busy(until: .milliseconds(20)))
        #expect(self.verdict(after: .milliseconds(20), (1, 0)) == .idle)
        // Time moves and nothing is said: nothing is to be waited for.
        self.watch.movedOn(now: Self.start + .milliseconds(20))
        #expect(self.verdict(after: .milliseconds(20), (1, 0)) == .idle)
        // Whoever waits next does not know what was sent just before.
        self.watch.began(now: Self.start + .seconds(1))
        #expect(self.verdict(after: .seconds(1), (1, 0)) == Self.busy(until: .milliseconds(1020)))
    }

    @Test mutating func whatIsSaidOrHeardIsFollowedBySilence() {
        self.watch.sent(to: 2, at: Self.start + .milliseconds(50))
        #expect(self.verdict(after: .milliseconds(50), (1, 0), (2, 0)) == Self.busy(until: .milliseconds(70)))
        self.watch.received(1, from: 1, at: Self.start + .milliseconds(60))
        #expect(self.verdict(after: .milliseconds(70), (1, 0), (2, 0)) == Self.busy(until: .milliseconds(80)))
        #expect(self.verdict(after: .milliseconds(80), (1, 0), (2, 0)) == .idle)
    }

    @Test mutating func anAcknowledgementIsWaitedForUntilItComes() {
        self.watch.sent(to: 1, at: Self.start)
        #expect(self.verdict(after: .zero, (1, 1)) == Self.busy(until: .milliseconds(200)))
        #expect(self.verdict(after: .milliseconds(150), (1, 1)) == Self.busy(until: .milliseconds(200)))
        self.watch.received(4, from: 1, at: Self.start + .milliseconds(150))
        #expect(self.verdict(after: .milliseconds(150), (1, 0)) == Self.busy(until: .milliseconds(170)))
        #expect(self.verdict(after: .milliseconds(170), (1, 0)) == .idle)
    }

    @Test mutating func oneAcknowledgementOfManyIsProgress() {
        #expect(self.verdict(after: .zero, (1, 3)) == Self.busy(until: .milliseconds(200)))
        self.watch.received(4, from: 1, at: Self.start + .milliseconds(190))
        #expect(self.verdict(after: .milliseconds(190), (1, 2)) == Self.busy(until: .milliseconds(390)))
        #expect(self.verdict(after: .milliseconds(390), (1, 2)) == .idle)
    }

    @Test mutating func aStalledClientIsNotWaitedForUntilItSpeaks() {
        #expect(self.verdict(after: .zero, (1, 1)) == Self.busy(until: .milliseconds(200)))
        #expect(self.verdict(after: .milliseconds(200), (1, 1)) == .idle)
        self.watch.sent(to: 1, at: Self.start + .milliseconds(210))
        #expect(self.verdict(after: .milliseconds(210), (1, 2)) == .idle)
        // Others count as ever.
        self.watch.sent(to: 2, at: Self.start + .milliseconds(210))
        #expect(self.verdict(after: .milliseconds(210), (1, 2), (2, 0)) == Self.busy(until: .milliseconds(230)))
        self.watch.received(2, from: 1, at: Self.start + .milliseconds(220))
        #expect(self.verdict(after: .milliseconds(220), (1, 2)) == Self.busy(until: .milliseconds(420)))
    }

    @Test mutating func debtsThatWerePaidAreForgotten() {
        #expect(self.verdict(after: .zero, (1, 1)) == Self.busy(until: .milliseconds(200)))
        self.watch.sent(to: 1, at: Self.start + .milliseconds(1))
        #expect(self.verdict(after: .milliseconds(100), (1, 0)) == .idle)
        #expect(self.verdict(after: .seconds(1), (1, 1)) == Self.busy(until: .milliseconds(1200)))
    }

    @Test mutating func oneThatIsNeverIdleIsToldOfWithTheBusiestClient() {
        self.watch.received(5, from: 3, at: Self.start)
        self.watch.began(now: Self.start)
        var after = Duration.zero
        while after < .seconds(10) {
            self.watch.received(20, from: 1, at: Self.start + after)
            self.watch.received(30, from: 2, at: Self.start + after)
            self.watch.received(1, from: 3, at: Self.start + after)
            guard case .busy(let until) = self.verdict(after: after, (1, 0), (2, 0), (3, 0)) else {
                Issue.record("not busy after \(after)")
                return
            }
            #expect(until <= Self.start + .seconds(10))
            after += .milliseconds(10)
        }
        #expect(self.verdict(after: .seconds(10), (1, 0), (2, 0), (3, 0)) == .stall(busiest: 2))
        self.watch.ended(2)
        #expect(self.verdict(after: .seconds(10), (1, 0), (3, 0)) == .stall(busiest: 1))
        // Patience begins anew when time moves.
        self.watch.movedOn(now: Self.start + .seconds(10))
        #expect(self.verdict(after: .seconds(10), isWorking: true, (1, 0)) == Self.busy(until: .seconds(20)))
        #expect(self.verdict(after: .seconds(20), isWorking: true, (1, 0)) == .stall(busiest: nil))
    }

    @Test mutating func aClientThatLeftIsNotWaitedFor() {
        self.watch.received(20, from: 1, at: Self.start)
        self.watch.ended(1)
        #expect(self.verdict(after: .zero) == .idle)
    }
}
