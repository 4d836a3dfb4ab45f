import Broker
import Logging
import MQTTClient
import NIOCore
import Pacing
import Runner
import SigV4
import Testing

/// Plans with network clients, against a broker on a port of its own. Source: scheduler §6, §7.
@Suite struct NetworkRunTests {
    /// A broker with a door for MQTT over TCP and one for signed WebSocket.
    private func withBroker(_ body: (_ tcp: NetworkTarget, _ ws: NetworkTarget) async throws -> Void) async throws {
        let listeners = [
            BrokerConfiguration.Listener(name: "mqtt", speaks: .mqtt, usesTLS: false, hosts: ["127.0.0.1"], port: 0, profile: .plain),
            BrokerConfiguration.Listener(name: "http", speaks: .http, usesTLS: false, hosts: ["127.0.0.1"], port: 0, profile: .aws),
        ]
        let broker = try await Broker.start(
            BrokerConfiguration(listeners: listeners, credentials: CredentialSet()),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { $0.eventLoop.makeSucceededVoidFuture() }
        let ports = broker.addresses.map(\.port)
        let ws = NetworkTarget(
            endpoint: ClientEndpoint(transport: .ws, host: "127.0.0.1", port: ports[1]), signing: MQTTClientConfiguration.Signing())
        do {
            try await body(NetworkTarget(endpoint: ClientEndpoint(transport: .tcp, host: "127.0.0.1", port: ports[0])), ws)
        } catch {
            await broker.stop()
            throw error
        }
        await broker.stop()
    }

    private func plan(_ text: String) throws -> Plan {
        var options = ScenarioOptions()
        options.isRemote = true
        options.runID = "test"
        return try Plan.read(Array(text.utf8), file: "test.scenario", options: options)
    }

    /// Scheduler §20.1 with less waiting.
    private let pair = """
        {"scenario":1,"lanes":{"thing:*":{"minGap":"100ms"}}}
        {"connect":{"client":"app","version":5,"keepAlive":30}}
        {"sub":{"client":"app","filters":["$aws/things/T/shadow/name/test1/update/accepted",
                                          "$aws/things/T/shadow/name/test2/update/accepted"],"qos":1}}
        {"id":"a","as":"app","update":{"thing":"T","shadow":"test1","reported":{}}}
        {"id":"b","as":"app","update":{"thing":"T","shadow":"test2","reported":{}}}
        {"order":[{"client":"app","causedBy":"a"},{"client":"app","causedBy":"b"}],"from":"start","within":"30s"}
        """

    @Test func aSignedPairIsAnsweredInOrder() async throws {
        try await self.withBroker { _, ws in
            let report = try await NetworkRun.run(try self.plan(self.pair), target: ws, runID: "test")
            #expect(report.state == .passed, "\(report.table())")
            #expect(report.ordering.line.hasPrefix("order: 2 steps, 1 subscriber, 0 inversions   (least gap used "))
            #expect(try #require(report.step("b")?.gap) >= .milliseconds(100))
            #expect(report.step("a")?.answer == .accepted(version: 1))
            #expect(report.step("a")?.acked != nil)
            #expect(report.step("b")?.acked != nil, "the acknowledgement that comes after the last answer is in the report too")
            #expect(report.clock == "real")
        }
    }

    @Test func aWrongSecretEndsTheRunBeforeItBegins() async throws {
        try await self.withBroker { _, ws in
            var target = ws
            target.signing = .init(credentials: Credentials(accessKeyID: "test", secretAccessKey: "wrong"))
            let failure = await #expect(throws: TapFailure.self) {
                _ = try await NetworkRun.run(try self.plan(self.pair), target: target, runID: "test")
            }
            #expect(failure?.text.contains("403") == true)
            #expect(failure?.text.contains("secret") == true, "the explanation names the cause: \(failure?.text ?? "")")
        }
    }

    @Test func aClientThatIsRefusedMakesStatus3WithTheExplanation() async throws {
        try await self.withBroker { _, ws in
            var target = ws
            target.signing = nil
            let plan = try self.plan("{\"scenario\":1}\n{\"id\":\"no\",\"connect\":{\"client\":\"app\"}}")
            let report = try await NetworkRun.run(plan, target: target, runID: "test")
            #expect(report.exitCode == 3)
            #expect(report.failures.first?.got.contains("not signed") == true, "\(report.table())")
        }
    }

    @Test func nobodyListensMakesStatus3() async throws {
        // The port of tcpmux: no program has it, and no test can be given it while this one runs.
        let target = NetworkTarget(endpoint: ClientEndpoint(transport: .tcp, host: "127.0.0.1", port: 1))
        let plan = try self.plan("{\"scenario\":1}\n{\"connect\":{\"client\":\"app\"}}")
        let report = try await NetworkRun.run(plan, target: target, runID: "test")
        #expect(report.exitCode == 3)
        #expect(report.failures.first?.got.contains("refused") == true, "\(report.table())")
    }

    @Test func willsRetainedMessagesAndQoS2WorkOverTheNetworkToo() async throws {
        try await self.withBroker { tcp, _ in
            let plan = try self.plan(
                """
                {"scenario":1,"profile":"plain"}
                {"connect":{"client":"mars","will":{"topic":"HQ/die","payload":{"text":"bye"}}}}
                {"connect":{"client":"hq","version":"3.1.1"}}
                {"sub":{"client":"hq","filters":["HQ/+"],"qos":2}}
                {"as":"hq","pub":{"topic":"HQ/news","payload":{"text":"once"},"qos":2},"gate":"acked"}
                {"expect":{"client":"hq","topic":"HQ/news","qos":2},"from":"start","within":"30s"}
                {"as":"mars","pub":{"topic":"HQ/kept","payload":1,"qos":0,"retain":true}}
                {"expect":{"topic":"HQ/kept","json":1},"from":"start","within":"30s"}
                {"wait":"50ms","drop":{"client":"mars"}}
                {"id":"died","expect":{"client":"hq","topic":"HQ/die","text":"bye"},"within":"30s"}
                {"after":["died"],"unsub":{"client":"hq","filters":["HQ/+"]}}
                """)
            let report = try await NetworkRun.run(plan, target: tcp, runID: "test")
            #expect(report.state == .passed, "\(report.table())")
        }
    }

    @Test func aSilentDropFiresTheWillAfterTheKeepAlive() async throws {
        try await self.withBroker { tcp, _ in
            let plan = try self.plan(
                """
                {"scenario":1,"profile":"plain"}
                {"connect":{"client":"mars","keepAlive":1,"will":{"topic":"HQ/die","payload":{"text":"bye"}}}}
                {"connect":{"client":"hq"}}
                {"sub":{"client":"hq","filters":["HQ/+"]}}
                {"drop":{"client":"mars","how":"silent"}}
                {"never":{"topic":"HQ/die"},"for":"500ms"}
                {"expect":{"client":"hq","topic":"HQ/die","text":"bye"},"within":"5s"}
                """)
            let report = try await NetworkRun.run(plan, target: tcp, runID: "test")
            #expect(report.state == .passed, "\(report.table())")
        }
    }

    @Test func aCancelledTaskCancelsTheRun() async throws {
        try await self.withBroker { tcp, _ in
            let plan = try self.plan(
                """
                {"scenario":1}
                {"connect":{"client":"app"}}
                {"id":"later","wait":"1h","as":"app","pub":{"topic":"a","payload":1}}
                """)
            let (connected, signal) = AsyncStream.makeStream(of: Void.self)
            let run = Task {
                try await NetworkRun.run(plan, target: tcp, runID: "test") { _ in signal.yield() }
            }
            for await _ in connected { break }
            run.cancel()
            let report = try await run.value
            #expect(report.exitCode == 130)
            #expect(report.step("later")?.state == .cancelled)
        }
    }
}
