import Pacing
import Testing
import Timeline

/// Steps that are read while the plan runs, and what a remote target needs. Scheduler §6, §19.
@Suite struct StreamingTests {
    /// A scenario whose text comes in pieces.
    private static func pieces(_ text: String, of size: Int) -> @Sendable (Int) -> [UInt8]? {
        let bytes = Array(text.utf8)
        return { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    @Test func aLongFileRunsWhileItIsRead() throws {
        let count = 5000
        var text = "{\"scenario\":1,\"speed\":\"max\"}\n"
        for place in 0..<count { text += "{\"pub\":{\"topic\":\"t/\(place)\",\"payload\":\(place)}}\n" }
        var options = PlanEngine.Options()
        options.window = 64
        var engine = PlanEngine(plan: try Plan.stream(Self.pieces(text, of: 1000), file: "long.scenario"), options: options)
        var actions: [PlanAction] = []
        var now = Instant.zero
        var topics: [String] = []
        var records = 0
        engine.handle(.started(wall: VirtualShell.wall), now: now, actions: &actions)
        while !engine.isFinished {
            let batch = actions
            actions = []
            now = now + .microseconds(1)
            for case .publish(let publish) in batch {
                topics.append(publish.topic)
                engine.handle(.stepSent(publish.step, cause: nil), now: now, actions: &actions)
            }
            records += engine.takeRecords().count
            engine.handle(.timerFired, now: now, actions: &actions)
        }
        records += engine.takeRecords().count
        #expect(topics == (0..<count).map { "t/\($0)" })
        #expect(records == count)
        #expect(engine.report().state == .passed)
    }

    @Test func aFaultFoundWhileRunningFailsTheRunWithItsPlace() throws {
        let text = "{\"scenario\":1}\n{\"id\":\"a\",\"note\":\"x\"}\n{\"id\":\"b\",\"at\":\"9s\",\"note\":\"y\"}\n{\"nte\":\"z\"}\n"
        let shell = VirtualShell(try Plan.stream(Self.pieces(text, of: 7), file: "f"))
        let report = shell.run()
        #expect(report.state == .failed)
        let failure = try #require(report.failures.first)
        #expect(failure.got == "f:4:2: unknown verb or key \"nte\"; did you mean \"note\"?")
        #expect(failure.line == 4)
        #expect(report.step("b")?.state == .skipped)
        #expect(report.step("b")?.detail?.contains("f:4:2") == true)
    }

    @Test func aPlanIsAValueThatCanBeLookedThroughBeforeItRuns() throws {
        let text = """
            {"scenario":1}
            {"connect":{"client":"app"}}
            {"as":"app","update":{"thing":"T1","reported":{}},"gate":["accepted","documents"]}
            {"repeat":{"times":3,"do":[{"get":{"thing":"D${i}","shadow":"s"}},{"expect":{"topic":"x/${i}"},"onFail":"continue"}]}}
            {"on":{"match":{"topic":"y"},"then":[{"pub":{"topic":"z","payload":1}}]}}
            """
        var plan = try Plan.stream(Self.pieces(text, of: 11), file: "f")
        let outline = try plan.lookThrough()
        #expect(outline.steps == 4)
        #expect(outline.clients == ["app"])
        #expect(
            outline.filters == [
                "$aws/things/T1/shadow/update/accepted", "$aws/things/T1/shadow/update/rejected", "$aws/things/T1/shadow/update/documents",
                "$aws/things/D0/shadow/name/s/get/accepted", "$aws/things/D0/shadow/name/s/get/rejected", "x/0",
                "$aws/things/D1/shadow/name/s/get/accepted", "$aws/things/D1/shadow/name/s/get/rejected", "x/1",
                "$aws/things/D2/shadow/name/s/get/accepted", "$aws/things/D2/shadow/name/s/get/rejected", "x/2", "y",
            ])
        #expect(outline.isComplete)
        #expect(VirtualShell(plan).run().steps.count == 10)
        let many = try Plan.parse(#"{"scenario":1}{"repeat":{"times":5000,"do":[{"get":{"thing":"D${i}"}}]}}"#).outline
        #expect(many?.filters == ["$aws/things/+/shadow/get/accepted", "$aws/things/+/shadow/get/rejected"])
        #expect(many?.isComplete == true)
    }

    private static let remote = """
        {"scenario":1}
        {"connect":{"client":"app"}}
        {"id":"a","as":"app","update":{"thing":"T","reported":{}}}
        {"id":"b","as":"app","at":"2s","update":{"thing":"T","reported":{},"token":"mine"}}
        {"id":"c","as":"app","at":"4s","get":{"thing":"T"},"stampToken":false,"gate":"acked"}
        """

    @Test func aRemoteAnswerFindsItsStepByTheToken() throws {
        var options = PlanEngine.Options()
        options.isRemote = true
        options.runID = "r1"
        let shell = VirtualShell(try Plan.parse(Self.remote), options: options)
        shell.respond = { _ in .init(ackDelay: .milliseconds(1), answerDelay: nil) }
        shell.onAction = { [unowned shell] action, _ in
            guard case .publish(let publish) = action, let token = publish.clientToken else { return }
            for client in [nil, "app"] {
                let payload = Array("{\"version\":3,\"clientToken\":\"\(token)\"}".utf8)
                shell.schedule(
                    .observed(ObservedMessage(topic: publish.topic + "/accepted", payload: payload, client: client)),
                    after: .milliseconds(20))
            }
        }
        let report = shell.run()
        #expect(report.state == .passed)
        #expect(shell.publishes.map(\.publish.clientToken) == ["r1-a-1", "mine", nil])
        #expect(shell.publishes.first?.publish.payload == Array(#"{"state":{"reported":{}},"clientToken":"r1-a-1"}"#.utf8))
        #expect(report.step("a")?.answer == .accepted(version: 3))
        #expect(report.ordering.line == "order: 3 steps, 1 subscriber, 0 inversions   (least gap used 2000 ms)")
    }

    @Test func acceptedNeedsATokenAtARemoteTarget() {
        var options = ScenarioOptions()
        options.isRemote = true
        let text = Self.remote.replacing(",\"gate\":\"acked\"", with: "")
        let faults = Plan.faults(in: Array(text.utf8), file: "f", options: options)
        #expect(faults.map(\.line) == [5])
        #expect(faults.first?.what.hasPrefix("the gate \"accepted\" cannot be met at a remote target") == true)
        #expect(Plan.faults(in: Array(text.utf8), file: "f").isEmpty)
    }

    @Test func nothingCanBeInjectedIntoARemoteTarget() throws {
        var options = ScenarioOptions()
        options.isRemote = true
        let text = "{\"scenario\":1}\n{\"update\":{\"thing\":\"T\",\"reported\":{}}}"
        let faults = Plan.faults(in: Array(text.utf8), file: "f", options: options)
        #expect(
            faults.map(\.text) == [
                "f:2:1: this step has no publisher, and nothing can be injected into a remote target; add \"as\" with a client"
            ])
    }
}
