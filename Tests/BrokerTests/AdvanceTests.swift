import Broker
import Foundation
import Logging
import MQTTWire
import Persistence
import Testing
import Timeline
import Topics

/// Moving the virtual clock of a served broker, with nobody connected. Source: scheduler §8.
@Suite(.timeLimit(.minutes(5))) struct AdvanceTests {
    // SAFETY: touched on the loop of one core only, by timers and inside of `submit`.
    private final class Diary: @unchecked Sendable {
        var entries: [String] = []
    }

    @Test func timersRunInTheirOrderEachAtItsTime() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            let diary = Diary()
            let start = try await broker.clock.state().instant
            try await broker.submit { core in
                @Sendable func note(_ name: String, _ core: BrokerCore) {
                    core.beginTick()
                    diary.entries.append("\(name) at \((core.now - start).components.seconds)")
                }
                for (name, seconds) in [("c", 3), ("a", 1), ("b", 2), ("b2", 2), ("d", 10)] {
                    core.schedule(at: start + .seconds(seconds)) { [unowned core] in
                        note(name, core)
                        guard name == "b" else { return }
                        // What is due at once goes on before time does.
                        core.schedule(at: start + .seconds(2)) { note("b again", core) }
                        core.schedule(at: start + .seconds(1)) { note("b before", core) }
                    }
                }
            }
            let state = try await broker.advance(by: .seconds(3))
            #expect(state.instant - start == .seconds(3))
            #expect(state.nextDeadline == state.time + .seconds(7))
            let entries = try await broker.submit { _ in diary.entries }
            #expect(entries == ["a at 1", "b at 2", "b before at 2", "b2 at 2", "b again at 2", "c at 3"])
        }
    }

    @Test func advancingByZeroDoesWhatIsDueNow() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            let diary = Diary()
            let before = try await broker.clock.state()
            try await broker.submit { core in _ = core.schedule(at: before.instant) { diary.entries.append("now") } }
            #expect(try await broker.submit { _ in diary.entries } == [])
            let after = try await broker.advance(by: .zero)
            #expect(try await broker.submit { _ in diary.entries } == ["now"])
            #expect(after.time == before.time && after.nextDeadline == nil)
            #expect(try await broker.clock.runUntilIdle() == after)
        }
    }

    @Test func advancesFollowEachOther() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            let start = try await broker.clock.state().instant
            try await withThrowingTaskGroup(of: Duration.self) { group in
                for _ in 1...20 { group.addTask { try await broker.advance(by: .seconds(1)).instant - start } }
                var ends: [Duration] = []
                for try await end in group { ends.append(end) }
                #expect(ends.sorted() == (1...20).map { .seconds($0) })
            }
        }
    }

    @Test func theWayBackAndTheEndOfTimeAreErrors() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            let now = try await broker.clock.state().time
            await #expect(throws: ClockError.goesBack(to: now - .seconds(1), now: now)) { try await broker.advance(by: .seconds(-1)) }
            await #expect(throws: ClockError.goesBack(to: now - .milliseconds(1), now: now)) {
                try await broker.clock.advance(to: now - .milliseconds(1))
            }
            #expect(try await broker.clock.advance(to: WallTime(millisecondsSinceEpoch: now.millisecondsSinceEpoch)).time == now)
            await #expect(throws: ClockError.beyondHorizon) { try await broker.clock.advance(to: .horizon + .nanoseconds(1)) }
            #expect(try await broker.clock.state().time == now)
            #expect(try await broker.clock.advance(to: .horizon).time == .horizon)
            await #expect(throws: ClockError.beyondHorizon) { try await broker.advance(by: .nanoseconds(1)) }
        }
        try await ServedBroker.with(.real) { broker in
            await #expect(throws: ClockError.movesByItself(.real)) { try await broker.advance(by: .seconds(1)) }
        }
    }

    @Test func whatItSetOffIsInTheStateFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sundial-clock-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try StateFile(path: folder.appendingPathComponent("state.sqlite").path, durability: .process)
        try await ServedBroker.with(.virtual(auto: false), keeper: file) { broker in
            let due = try await broker.clock.state().instant + .seconds(60)
            let topic = try TopicName("t")
            try await broker.submit { core in
                _ = core.schedule(at: due) { [unowned core] in core.inject(topic: topic, payload: [1], qos: .atMostOnce, retain: true) }
            }
            try await broker.advance(by: .seconds(60))
            let (isKept, isWaiting) = try await broker.submit { ($0.retainedMessage(at: topic) != nil, $0.hasUncommittedWork) }
            #expect(isKept && !isWaiting)
        }
    }

    // MARK: Without an end

    /// Something that happens every second, and tells of it.
    private static func tick(_ core: BrokerCore, at instant: Instant, _ told: AsyncStream<Void>.Continuation) {
        core.schedule(at: instant) { [unowned core] in
            told.yield()
            Self.tick(core, at: instant + .seconds(1), told)
        }
    }

    /// Begins to tick; gives what is told.
    private static func begin(_ broker: Broker) async throws -> AsyncStream<Void>.Iterator {
        let (stream, told) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await broker.submit { core in
            core.beginTick()
            Self.tick(core, at: core.now + .seconds(1), told)
        }
        return stream.makeAsyncIterator()
    }

    @Test func aCancelledAdvanceStopsWhereItIs() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            var ticks = try await Self.begin(broker)
            let advance = Task { try await broker.clock.advance(to: .horizon) }
            for _ in 1...10 { await ticks.next() }
            await #expect(throws: ClockError.underWay) { try await broker.clock.change(to: .scaled(.one)) }
            advance.cancel()
            await #expect(throws: CancellationError.self) { try await advance.value }
            let stopped = try await broker.clock.state()
            #expect(stopped.time < .horizon)
            #expect(try await broker.advance(by: .seconds(1)).time == stopped.time + .seconds(1))
        }
    }

    @Test func aBrokerThatStopsAnswersWhoeverWaits() async throws {
        try await ServedBroker.with(.virtual(auto: false)) { broker in
            var ticks = try await Self.begin(broker)
            let first = Task { try await broker.clock.advance(to: .horizon) }
            await ticks.next()
            let second = Task { try await broker.advance(by: .seconds(1)) }
            await ticks.next()
            await broker.dismissClients()
            for advance in [first, second] { await #expect(throws: ClockError.stopped) { try await advance.value } }
            await #expect(throws: ClockError.stopped) { try await broker.advance(by: .zero) }
        }
    }

    @Test func anAutoClockGoesNoFurtherThanWhatHappens() async throws {
        try await ServedBroker.with(.virtual(auto: true)) { broker in
            let start = try await broker.clock.state()
            let (stream, told) = AsyncStream.makeStream(of: Void.self)
            var happenings = stream.makeAsyncIterator()
            for hours in [1, 5] {
                try await broker.clock.whileMoving {
                    try await broker.submit { core in _ = core.schedule(at: start.instant + .seconds(3600 * hours)) { told.yield() } }
                    await happenings.next()
                }
                let now = try await broker.clock.state().time
                #expect(now == start.time + .seconds(3600 * hours))
            }
        }
    }
}

/// The kinds of clock of a broker without sockets.
@Suite struct LocalClockTests {
    @Test func aScaledOneSaysWhenAnInstantComesInRealTime() throws {
        let broker = LocalBroker(
            clock: .scaled(try #require(TimeFactor("1000"))), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let start = broker.now
        let real = try #require(broker.real(for: start + .seconds(3600)))
        #expect(real - Broker.monotonicNow() <= .milliseconds(3600))
        let wall = broker.wallTime
        while broker.now < start + .seconds(10) {}
        #expect(broker.wallTime - wall > .zero)
    }

    @Test func aVirtualOneDoesNotComeThereByItself() {
        let broker = LocalBroker(
            clock: .virtual(startingAt: WallTime(secondsSinceEpoch: 0)), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(broker.real(for: broker.now) == nil)
        broker.advance(to: Instant(nanoseconds: 5))
        #expect(broker.wallTime == WallTime(nanosecondsSinceEpoch: 5))
    }
}
