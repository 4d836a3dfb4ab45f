import Broker
import Logging
import NIOCore
import Pacing
import Runner
import Sessions
import Shadows
import SigV4
import Testing
import Timeline

/// Runs inside a served broker: real sessions beside everybody else's. Source: scheduler §15.
@Suite struct RunServiceTests {
    /// Lends a broker without doors, and its runs.
    private static func with(_ clock: ClockKind = .real, _ body: (Broker, RunService) async throws -> Void) async throws {
        var configuration = BrokerConfiguration(listeners: [], credentials: CredentialSet())
        configuration.clock.kind = clock
        let broker = try await Broker.start(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
            $0.eventLoop.makeSucceededVoidFuture()
        }
        do {
            try await body(broker, RunService(broker))
            await broker.stop()
        } catch {
            await broker.stop()
            throw error
        }
    }

    private static func start(_ text: String, on service: RunService, isAttached: Bool = false) async throws -> String {
        let id = RunService.freshID()
        try await service.start(RunRequest(id: id, plan: try Scenario(text).plan(.real, runID: id), isAttached: isAttached))
        return id
    }

    /// Follows a run to its end.
    private static func events(of id: String, on service: RunService) async throws -> [RunEvent] {
        var events: [RunEvent] = []
        var next = 0
        while true {
            let page = try await service.events(of: id, from: next, patience: .seconds(60))
            events += page.events
            next = page.next
            if page.isLast { return events }
            try #require(!page.events.isEmpty, "nothing happens any more; so far: \(events)")
        }
    }

    private static func report(of id: String, on service: RunService) async throws -> RunReport {
        _ = try await Self.events(of: id, on: service)
        return try await service.report(of: id)
    }

    private static let pair = """
        {"scenario":1,"name":"pair","lanes":{"thing:*":{"minGap":"30ms"}}}
        {"connect":{"client":"app","id":"app-${run}"}}
        {"sub":{"client":"app","filters":["$aws/things/T/shadow/name/+/update/accepted"]}}
        {"id":"a","as":"app","update":{"thing":"T","shadow":"one","reported":{}}}
        {"id":"b","as":"app","update":{"thing":"T","shadow":"two","reported":{}}}
        {"order":[{"client":"app","causedBy":"a"},{"client":"app","causedBy":"b"}],"from":"start","within":"60s"}
        """

    @Test func aRunPassesOnTheBrokersOwnLoop() async throws {
        try await Self.with { broker, service in
            let id = try await Self.start(Self.pair, on: service)
            let events = try await Self.events(of: id, on: service)
            let report = try await service.report(of: id)
            #expect(report.state == .passed, "\(report.table())")
            #expect(report.runID == id && report.startedAt != nil && report.clock == "real")
            #expect((report.step("b")?.gap ?? .zero) >= .milliseconds(30))
            #expect(try await broker.submit { $0.shadows(of: "T") } == ["one", "two"])
            #expect(events.first.map { "\($0.what)" } == "started")
            let dispatched = events.compactMap { event in
                if case .dispatched(let step) = event.what { step.id } else { nil }
            }
            #expect(dispatched == ["connect1", "sub1", "a", "b"])
            let status = try #require(try await service.statuses().first)
            #expect(status.dispatched == 4 && status.ended[.settled] == 5 && status.name == "pair" && status.state == .passed)
        }
    }

    // MARK: The clock

    private static let day = """
        {"scenario":1,"name":"day"}
        {"connect":{"client":"app","id":"app-${run}","keepAlive":60}}
        {"sub":{"client":"app","filters":["$aws/things/T/shadow/update/accepted"],"qos":1}}
        {"at":"1h","id":"a","as":"app","update":{"thing":"T","reported":{"n":1}}}
        {"at":"24h","id":"b","as":"app","update":{"thing":"T","reported":{"n":2}}}
        """

    @Test func anAutoClockCarriesARunThroughADay() async throws {
        try await Self.with(.virtual(auto: true)) { broker, service in
            let before = try await broker.clock.state()
            let report = try await Self.report(of: try await Self.start(Self.day, on: service), on: service)
            #expect(report.state == .passed, "\(report.table())")
            #expect(report.step("b")?.gap == .seconds(23 * 3600))
            #expect(report.step("b")?.lateness == .zero)
            let after = try await broker.clock.state()
            #expect(after.waiting == 0 && after.instant - before.instant == report.duration)
            #expect(report.duration >= .seconds(86_400))
        }
    }

    @Test func aManualClockCarriesARunAsFarAsItIsMoved() async throws {
        try await Self.with(.virtual(auto: false)) { broker, service in
            let id = try await Self.start(Self.day, on: service)
            try await broker.advance(by: .seconds(3600))
            let status = try await service.status(of: id)
            #expect(status.state == .running && status.elapsed == .seconds(3600) && status.dispatched == 3)
            try await broker.advance(by: .seconds(23 * 3600))
            let report = try await Self.report(of: id, on: service)
            #expect(report.state == .passed && report.duration == .seconds(86_400), "\(report.table())")
        }
    }

    @Test func runsAtOnceHaveTheirOwnCausesAndNames() async throws {
        try await Self.with { _, service in
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await Self.start(Self.pair, on: service)) }
            for id in ids {
                let report = try await Self.report(of: id, on: service)
                #expect(report.state == .passed, "\(report.table())")
                #expect(report.ordering.inversionsBySubscriber.map(\.subscriber) == ["app"])
            }
            #expect(try await service.statuses().map(\.id) == ids)
        }
    }

    @Test func aRunSeesWhatAnotherOnePublishes() async throws {
        try await Self.with { _, service in
            let watcher = try await Self.start(
                """
                {"scenario":1}
                {"connect":{"client":"ear"}}
                {"sub":{"client":"ear","filters":["news/#"]}}
                {"expect":{"client":"ear","topic":"news/today","json":{"n":7}},"within":"60s"}
                {"expect":{"topic":"news/today","from":"mouth-id"},"from":"start","within":"60s"}
                """, on: service)
            let speaker = try await Self.start(
                """
                {"scenario":1}
                {"connect":{"client":"mouth","id":"mouth-id"}}
                {"as":"mouth","pub":{"topic":"news/today","payload":{"n":7}}}
                """, on: service)
            #expect(try await Self.report(of: speaker, on: service).state == .passed)
            let report = try await Self.report(of: watcher, on: service)
            #expect(report.state == .passed, "\(report.table())")
        }
    }

    @Test func aCancelledRunEndsInOrderAndLeavesNobodyBehind() async throws {
        try await Self.with { broker, service in
            let id = try await Self.start(
                """
                {"scenario":1,"profile":"plain"}
                {"connect":{"client":"polite","will":{"topic":"gone/polite","payload":{"text":"x"}}}}
                {"connect":{"client":"mute","keepAlive":0}}
                {"drop":{"client":"mute","how":"silent"}}
                {"id":"later","wait":"1h","as":"polite","pub":{"topic":"a","payload":1}}
                {"never":{"topic":"gone/polite"},"for":"2h"}
                """, on: service)
            let isConnected = { (client: String) async throws -> Bool in
                try await broker.submit { core in
                    if case .connected = core.connectionInfo(of: ClientID(client))?.state { true } else { false }
                }
            }
            #expect(try await isConnected("polite"))
            let status = try await service.cancel(id)
            #expect(status.ended[.cancelled] == 2, "it is in force when the call returns")
            let report = try await Self.report(of: id, on: service)
            #expect(report.state == .cancelled && report.step("later")?.state == .cancelled)
            #expect(report.step("never1")?.state == .cancelled, "a clean goodbye publishes no will")
            #expect(try await !isConnected("polite"))
            #expect(try await !isConnected("mute"))
            await #expect(throws: RunRefusal.hasFinished(id)) { _ = try await service.cancel(id) }
        }
    }

    @Test func whenTheClientsAreSentAwayRunsEndAsTheyStand() async throws {
        try await Self.with { broker, service in
            let id = try await Self.start(
                """
                {"scenario":1}
                {"connect":{"client":"app"}}
                {"wait":"1h","as":"app","pub":{"topic":"a","payload":1}}
                """, on: service)
            await broker.dismissClients()
            let events = try await Self.events(of: id, on: service)
            #expect(try await service.report(of: id).state == .cancelled)
            guard case .finished(.cancelled, exitCode: 130) = try #require(events.last).what else {
                Issue.record("\(events)")
                return
            }
            await #expect(throws: RunRefusal.stopping) { _ = try await Self.start(Self.pair, on: service) }
        }
    }

    @Test func onlyAFinishedRunCanBeForgotten() async throws {
        try await Self.with { _, service in
            let id = try await Self.start("{\"scenario\":1}\n{\"never\":{\"topic\":\"a\"},\"for\":\"1h\"}", on: service)
            await #expect(throws: RunRefusal.goesOn(id)) { try await service.forget(id) }
            _ = try await service.cancel(id)
            _ = try await Self.events(of: id, on: service)
            try await service.forget(id)
            await #expect(throws: RunRefusal.unknown(id)) { _ = try await service.report(of: id) }
        }
    }

    @Test func anAttachedRunEndsWhenItsReaderLeaves() async throws {
        try await Self.with { _, service in
            let text = "{\"scenario\":1}\n{\"never\":{\"topic\":\"a\"},\"for\":\"1h\"}"
            let attached = try await Self.start(text, on: service, isAttached: true)
            let free = try await Self.start(text, on: service)
            for id in [attached, free] {
                try await service.readerCame(id)
                await service.readerLeft(id)
            }
            #expect(try await Self.report(of: attached, on: service).state == .cancelled)
            #expect(try await service.status(of: free).state == .running)
        }
    }

    @Test func oldRunsAreForgottenAndTheLatestKept() async throws {
        try await Self.with { _, service in
            var ids: [String] = []
            for _ in 0..<103 {
                ids.append(try await Self.start("{\"scenario\":1}\n{\"note\":\"quick\"}", on: service))
                _ = try await Self.events(of: ids[ids.count - 1], on: service)
            }
            #expect(try await service.statuses().map(\.id) == Array(ids.suffix(100)))
        }
    }

    @Test func moreRunsThanThereIsRoomForAreRefused() async throws {
        try await Self.with { _, service in
            for _ in 0..<64 { _ = try await Self.start("{\"scenario\":1}\n{\"never\":{\"topic\":\"a\"},\"for\":\"1h\"}", on: service) }
            await #expect(throws: RunRefusal.tooMany(64)) { _ = try await Self.start(Self.pair, on: service) }
        }
    }
}

extension BrokerCore {
    /// Names of the named shadows of a thing.
    fileprivate func shadows(of thing: String) -> [String] {
        ThingName(thing).map { self.namedShadows(of: $0, after: nil, count: 100).items.map(\.text) } ?? []
    }
}
