import Pacing
import Testing
import Timeline

/// `repeat` and `par`. Scheduler §16.3, §16.4, §5 (barriers), §11 (failures).
@Suite struct BlockTests {
    private static func report(_ steps: String, header: String = "", _ prepare: (VirtualShell) -> Void = { _ in }) throws -> RunReport {
        let shell = try VirtualShell("{\"scenario\":1\(header)}\n\(steps)")
        prepare(shell)
        return shell.run()
    }

    private static let slow = VirtualShell.Response(answerDelay: .milliseconds(300))

    /// Ids of the publishes with their times in milliseconds.
    private static func times(_ report: RunReport) -> [String] {
        report.steps.compactMap { step in
            step.dispatched.map { "\(step.id) \($0.components.seconds * 1000 + $0.components.attoseconds / 1_000_000_000_000_000)" }
        }
    }

    // MARK: repeat

    @Test func eachPassStartsWhenTheFormersLastStepHasSettled() throws {
        let report = try Self.report(
            """
            {"id":"loop","at":"1s","repeat":{"times":3,"do":[
              {"id":"a","update":{"thing":"T${i}","reported":{"n":"${i}"}}},
              {"id":"b","wait":"100ms","get":{"thing":"X${i}"}}]}}
            {"id":"z","wait":"1s","pub":{"topic":"t","payload":1}}
            """, { $0.respond = { _ in Self.slow } })
        #expect(Self.times(report) == ["a.0 1000", "b.0 1100", "a.1 1400", "b.1 1500", "a.2 1800", "b.2 1900", "z 3200"])
        #expect(report.steps.map(\.number.rawValue) == Array(0..<8))
        #expect(report.step("loop")?.detail == "3 passes")
        #expect(report.step("a.2")?.topic == "$aws/things/T2/shadow/update")
        #expect(report.step("a.1")?.line == 3 && report.step("b.1")?.line == 4)
        #expect(report.state == .passed)
    }

    @Test func overlappingPassesStartAtTheFormersLastPlannedTime() throws {
        let report = try Self.report(
            """
            {"repeat":{"times":3,"overlap":true,"do":[
              {"id":"a","update":{"thing":"T${i}","reported":{}}}, {"wait":"100ms"}]}}
            {"id":"z","pub":{"topic":"t","payload":1}}
            """, { $0.respond = { _ in Self.slow } })
        #expect(Self.times(report) == ["a.0 0", "a.1 100", "a.2 200", "z 500"])
    }

    @Test func aLoopByTimeBeginsNoPassAfterIt() throws {
        let text = #"{"repeat":{"for":"1s","do":[{"id":"a","pub":{"topic":"t","payload":"${i}"}},{"wait":"300ms"}]}}"#
        #expect(Self.times(try Self.report(text)) == ["a.0 0", "a.1 300", "a.2 600", "a.3 900"])
        let fast = try Self.report(text, header: #","speed":"max""#)
        #expect(Self.times(fast) == ["a.0 0", "a.1 0", "a.2 0", "a.3 0"])
    }

    @Test func namesMeanTheSamePassThenOuterStepsAndBehindTheBlockTheLastPass() throws {
        let report = try Self.report(
            """
            {"id":"first","pub":{"topic":"t","payload":1}}
            {"repeat":{"times":2,"do":[
              {"id":"a","at":"200ms","after":["first"],"pub":{"topic":"a","payload":1}},
              {"id":"e","expect":{"topic":"a","causedBy":"a"},"from":"a","after":["a"]}]}}
            {"id":"last","expect":{"causedBy":"a"},"from":"a"}
            {"id":"both","expect":{"topic":"a"},"from":"start","count":2}
            """)
        #expect(report.steps.filter { $0.state != .settled }.isEmpty, "\(report.table())")
        #expect(report.step("e.1") != nil)
    }

    @Test func aBlockThatDidNotRunStandsForItsSteps() throws {
        let report = try Self.report(
            """
            {"skip":true,"at":"2s","repeat":{"times":2,"do":[{"id":"a","pub":{"topic":"a","payload":1}}]}}
            {"id":"z","wait":"1s","after":["a"],"pub":{"topic":"z","payload":1}}
            """)
        #expect(Self.times(report) == ["z 3000"])
        #expect(report.state == .passed)
    }

    @Test func blocksStandInsideEachOther() throws {
        let report = try Self.report(
            """
            {"repeat":{"times":2,"do":[
              {"id":"o","pub":{"topic":"o/${i}","payload":1}},
              {"repeat":{"times":2,"do":[{"id":"n","wait":"10ms","after":["o"],"pub":{"topic":"n/${i}","payload":1}}]}},
              {"id":"p","wait":"5ms","after":["n"],"pub":{"topic":"p/${i}","payload":1}}]}}
            """)
        #expect(
            Self.times(report) == [
                "o.0 0", "n.0.0 10", "n.0.1 20", "p.0 25", "o.1 25", "n.1.0 35", "n.1.1 45", "p.1 50",
            ])
        #expect(report.step("n.1.0")?.topic == "n/0")
        #expect(report.step("p.1")?.topic == "p/1")
    }

    @Test func passesAreNotHeldAllAtOnce() throws {
        let plan = try Plan.parse(
            #"{"scenario":1,"speed":"max"}{"repeat":{"times":3000,"do":[{"pub":{"topic":"t/${i}","payload":1,"qos":0}}]}}"#)
        var options = PlanEngine.Options()
        options.window = 100
        var engine = PlanEngine(plan: plan, options: options)
        var actions: [PlanAction] = []
        var count = 0
        var most = 0
        engine.handle(.started(wall: VirtualShell.wall), now: .zero, actions: &actions)
        while !engine.isFinished {
            let batch = actions
            most = max(most, batch.count)
            actions = []
            for case .publish(let publish) in batch {
                #expect(publish.topic == "t/\(count)")
                count += 1
                engine.handle(.stepSent(publish.step, cause: nil), now: .zero, actions: &actions)
            }
            _ = engine.takeRecords()
            engine.handle(.timerFired, now: .zero, actions: &actions)
        }
        #expect(count == 3000)
        #expect(most < 10)
        #expect(engine.report().state == .passed)
    }

    // MARK: What follows

    @Test func whatFollowsBeginsAfterTheBlockAndAtStaysAbsolute() throws {
        let report = try Self.report(
            """
            {"at":"1s","repeat":{"times":2,"do":[{"id":"a","wait":"400ms","pub":{"topic":"a","payload":1}}]}}
            {"id":"plain","pub":{"topic":"p","payload":1}}
            {"id":"later","wait":"50ms","pub":{"topic":"l","payload":1}}
            {"id":"fixed","at":"1500ms","pub":{"topic":"f","payload":1}}
            {"id":"more","wait":"1s","pub":{"topic":"m","payload":1}}
            """)
        #expect(report.step("plain")?.dispatched == .milliseconds(1800))
        #expect(report.step("later")?.dispatched == .milliseconds(1850))
        #expect(report.step("fixed")?.dispatched == .milliseconds(1800))
        #expect(report.step("fixed")?.planned == .milliseconds(1500))
        #expect(report.step("more")?.dispatched == .milliseconds(2500))
    }

    // MARK: par

    @Test func branchesShareAStartAndTheBlockEndsWhenAllEnd() throws {
        let report = try Self.report(
            """
            {"id":"both","at":"1s","par":[
              [{"id":"a","update":{"thing":"T","reported":{}}},{"id":"b","wait":"2s","pub":{"topic":"b","payload":1}}],
              [{"id":"c","at":"1s","update":{"thing":"T","reported":{}}},{"id":"d","wait":"500ms","pub":{"topic":"d","payload":1}}]]}
            {"id":"z","pub":{"topic":"z","payload":1}}
            """)
        // The branches share lanes, in the order of their times.
        #expect(Set(Self.times(report)) == ["a 1000", "c 2000", "d 2500", "b 3000", "z 3000"])
        #expect(report.step("both")?.detail == "2 branches")
    }

    @Test func aBarrierHoldsItsBranchAndWhatIsInsideAndNotTheOthers() throws {
        let report = try Self.report(
            """
            {"par":[
              [{"connect":{"client":"slow"}},
               {"id":"a","pub":{"topic":"a","payload":1}},
               {"repeat":{"times":1,"do":[{"id":"n","pub":{"topic":"n","payload":1}}]}}],
              [{"id":"b","pub":{"topic":"b","payload":1}},
               {"id":"c","at":"50ms","update":{"thing":"T","reported":{}}}]]}
            {"id":"z","pub":{"topic":"z","payload":1}}
            """, { $0.connectDelay = { _ in .milliseconds(700) } })
        #expect(report.step("a")?.dispatched == .milliseconds(700))
        #expect(report.step("n.0")?.dispatched == .milliseconds(700))
        #expect(report.step("b")?.dispatched == .zero)
        #expect(report.step("c")?.dispatched == .milliseconds(50))
        #expect(report.step("z")?.dispatched == .milliseconds(700))
    }

    @Test func aBarrierBeforeABlockHoldsAllOfIt() throws {
        let report = try Self.report(
            """
            {"connect":{"client":"app"}}
            {"par":[[{"id":"a","pub":{"topic":"a","payload":1}}],[{"id":"b","at":"10ms","pub":{"topic":"b","payload":1}}]]}
            """, { $0.connectDelay = { _ in .milliseconds(30) } })
        #expect(report.step("a")?.dispatched == .milliseconds(30))
        #expect(report.step("b")?.dispatched == .milliseconds(30))
    }

    /// Every combination of branches that share lanes and wait for barriers of their own comes to an end.
    @Test func branchesThatShareLanesNeverWaitForEachOther() throws {
        for seed in UInt64(0)..<400 {
            var random = Draw(seed: seed, purpose: "branches", step: "", attempt: 1)
            let branches = (0..<3).map { branch -> String in
                let steps = (0..<6).map { step -> String in
                    let common = "\"at\":\"\(random.upTo(4) * 100)ms\",\"lane\":\"l\(random.upTo(2))\""
                    switch random.upTo(3) {
                    case 0: return "{\(common),\"sub\":{\"client\":\"app\",\"filters\":[\"x\"]}}"
                    case 1: return "{\(common),\"id\":\"s\(branch)\(step)\",\"pub\":{\"topic\":\"t\",\"payload\":1}}"
                    default: return "{\(common),\"get\":{\"thing\":\"T\"},\"gate\":\"accepted\"}"
                    }
                }
                return "[\(steps.joined(separator: ","))]"
            }
            let text = "{\"connect\":{\"client\":\"app\"}}{\"par\":[\(branches.joined(separator: ","))]}"
            let report = try Self.report(
                text,
                { shell in
                    shell.subscribeDelay = .milliseconds(70)
                    shell.respond = { _ in .init(answerDelay: .milliseconds(40)) }
                })
            #expect(report.state == .passed, "seed \(seed): \(report.table())\n\(text)")
            if report.state != .passed { return }
        }
    }

    // MARK: Failures

    @Test func afterAFailureNoFurtherPassBegins() throws {
        let text = """
            {"id":"loop","repeat":{"times":5,"do":[
              {"id":"a","get":{"thing":"T"}POLICY},{"id":"b","pub":{"topic":"b","payload":"${i}"}},{"wait":"1s"}]}}
            {"id":"same","get":{"thing":"T"}}
            {"id":"other","pub":{"topic":"o","payload":1}}
            """
        func report(_ policy: String) throws -> RunReport {
            try Self.report(text.replacing("POLICY", with: policy)) { shell in
                shell.respond = { $0.id == "a.1" ? .init(answer: .rejected(code: 404, message: "No shadow")) : .init() }
            }
        }
        let stopped = try report("")
        #expect(Self.times(stopped) == ["a.0 0", "b.0 0", "a.1 1000", "b.1 1000", "other 2000"])
        #expect(stopped.step("loop")?.state == .skipped)
        #expect(stopped.step("loop")?.detail == "it ended after 2 passes: step a.1 (line 3) failed")
        #expect(stopped.step("same")?.detail == "step a.1 (line 3) failed")
        #expect(stopped.state == .failed)
        let went = try report(#","onFail":"continue""#)
        #expect(went.step("loop")?.detail == "5 passes")
        #expect(went.step("same")?.state == .settled)
        let ended = try report(#","onFail":"stopRun""#)
        #expect(Self.times(ended) == ["a.0 0", "b.0 0", "a.1 1000", "b.1 1000"])
        #expect(ended.step("other")?.state == .skipped)
    }

    @Test func aFailedBarrierStopsItsBranchOnly() throws {
        let report = try Self.report(
            """
            {"id":"p","par":[
              [{"connect":{"client":"bad"}},{"id":"a","pub":{"topic":"a","payload":1}},{"par":[[{"id":"n","pub":{"topic":"n","payload":1}}]]}],
              [{"id":"b","at":"1s","pub":{"topic":"b","payload":1}}]]}
            {"id":"z","pub":{"topic":"z","payload":1}}
            """, { $0.refusal = { _ in ConnectRefusal(code: 5, text: "no") } })
        #expect(report.step("a")?.state == .skipped)
        #expect(report.step("n") == nil)
        #expect(report.step("par1")?.state == .skipped)
        #expect(report.step("b")?.state == .settled)
        #expect(report.step("z")?.state == .settled)
        #expect(report.step("p")?.detail?.hasPrefix("2 branches, the last with a failure") == true)
    }

    @Test func aCancelledRunEndsWithItsBlocks() throws {
        let shell = try VirtualShell(
            #"{"scenario":1}{"repeat":{"times":9,"do":[{"id":"a","get":{"thing":"T"}},{"wait":"1s"}]}}{"id":"z","note":"x"}"#)
        shell.respond = { _ in .init(answerDelay: .milliseconds(500)) }
        shell.schedule(.cancelled, after: .milliseconds(1200))
        let report = shell.run()
        #expect(report.state == .cancelled)
        #expect(report.steps.map(\.state) == [.cancelled, .settled, .settled])
    }

    @Test func aTimeLimitEndsBlocksToo() throws {
        let report = try Self.report(
            #"{"repeat":{"for":"1h","do":[{"id":"a","pub":{"topic":"t","payload":1}},{"wait":"1s"}]}}"#, header: #","timeLimit":"2500ms""#)
        #expect(report.state == .incomplete)
        #expect(Self.times(report) == ["a.0 0", "a.1 1000", "a.2 2000"])
    }

    // MARK: Code

    @Test func blocksAreBuiltInCodeToo() throws {
        let body = StepBody { context in
            (0..<2).map { place in
                let publication = Publication(publisher: .service, topic: "t/\(context.pass)/\(place)", payload: .bytes([]))
                var step = Step(
                    number: StepNumber(context.first.rawValue + place), id: "s\(place)", planned: .milliseconds(place * 10),
                    kind: .publish(publication))
                if place == 1 { step.options.after = [.init(step: context.first)] }
                return step
            }
        }
        let steps = [
            Step(number: StepNumber(0), id: "loop", kind: .block(Block(.repeat(.times(2), overlaps: false), bodies: [body]))),
            Step(number: StepNumber(1), id: "z", kind: .note("end")),
        ]
        var last = steps[1]
        last.origin = .blockEnd
        let report = VirtualShell(Plan(settings: PlanSettings(), steps: [steps[0], last])).run()
        #expect(Self.times(report) == ["s0.0 0", "s1.0 10", "s0.1 10", "s1.1 20"])
        #expect(report.step("z")?.ended == .milliseconds(20))
        #expect(report.step("z")?.number == StepNumber(5))
    }
}
