import JSON
import Pacing
import Testing
import Timeline
import Topics

/// Options and words of steps, as the reader hands them on. Scheduler §6, §7, §11, §16.
@Suite struct ReadingTests {
    private static func step(_ text: String, header: String = "") throws -> Step {
        let plan = try Plan.parse("{\"scenario\":1\(header)}\n{\"connect\":{\"client\":\"app\"}}\n\(text)")
        return try #require(plan.steps.last)
    }

    @Test func gatesCarryWhatTheyWaitFor() throws {
        let one = try Self.step(#"{"update":{"thing":"T","reported":{}},"gate":"quiet(1m30s)"}"#)
        #expect(one.options.gates == .quiet)
        #expect(one.options.quiet == QuietGate(.seconds(90)))
        let all = try Self.step(
            #"{"as":"app","update":{"thing":"T","reported":{}},"gate":["accepted","documents","delta","created","delivered",{"quiet":{"for":0.5,"scope":"thing"}},{"match":{"topic":"x/+"}}]}"#
        )
        #expect(all.options.gates == [.accepted, .documents, .delta, .created, .delivered, .quiet, .match])
        #expect(all.options.quiet == QuietGate(.milliseconds(500), scope: .thing))
        #expect(all.options.awaited?.topic?.string == "x/+")
    }

    @Test func gatesOfARemoteTargetAreThoseThatCanBeSeenThere() throws {
        var options = ScenarioOptions()
        options.isRemote = true
        for (gate, what) in [("delivered", "nobody sees the sessions"), ("created", "does not say what was there")] {
            let step = "{\"as\":\"app\",\"update\":{\"thing\":\"T\",\"reported\":{}},\"gate\":\"\(gate)\"}"
            let text = "{\"scenario\":1}{\"connect\":{\"client\":\"app\"}}\(step)"
            #expect(Plan.faults(in: Array(text.utf8), file: "f", options: options).first?.what.contains(what) == true)
            #expect(Plan.faults(in: Array(text.utf8), file: "f").isEmpty)
        }
    }

    @Test func retriesAreRead() throws {
        let plain = try Self.step(#"{"get":{"thing":"T"},"onFail":"retry"}"#)
        #expect(plain.options.onFail == .retry(RetryRule()))
        let full = try Self.step(
            #"{"get":{"thing":"T"},"onFail":{"retry":{"max":5,"backoff":"250ms","factor":1.5,"jitter":"100ms","on":["timeout","lost",409,500]}}}"#
        )
        var rule = RetryRule()
        rule.most = 5
        rule.backoff = .milliseconds(250)
        rule.factorThousandths = 1500
        rule.jitter = Jitter(most: .milliseconds(100))
        rule.causes = [.timeout, .lostConnection, .rejected(409), .rejected(500)]
        #expect(full.options.onFail == .retry(rule))
    }

    @Test func versionsLatePoliciesAndReconnectsAreRead() throws {
        let auto = try Self.step(#"{"update":{"thing":"T","desired":{"led":"on"},"version":"auto"},"late":"shift"}"#)
        #expect(auto.publication?.hasAutomaticVersion == true)
        #expect(auto.options.late == .shift)
        guard case .json(let value, _) = auto.publication?.payload else { throw OtherKind() }
        #expect(value["version"] == nil)
        let connect = try Self.step(#"{"connect":{"client":"b","reconnect":true,"auth":{"user":"u","password":"p"}}}"#)
        guard case .connect(let spec) = connect.kind else { throw OtherKind() }
        #expect(spec.reconnects && spec.userName == "u" && spec.password == "p")
    }

    @Test func propertiesOfMQTT5AreCarried() throws {
        let step = try Self.step(
            #"{"as":"app","pub":{"topic":"t","payload":1,"props":{"contentType":"text/plain","responseTopic":"r/1","correlationData":{"hex":"0aff"},"messageExpiry":"1m","userProperties":[["a","1"],["a","2"]],"payloadFormat":"text"}}}"#
        )
        var properties = MessageProperties()
        properties.contentType = "text/plain"
        properties.responseTopic = "r/1"
        properties.correlationData = [10, 255]
        properties.expirySeconds = 60
        properties.userProperties = [.init(name: "a", value: "1"), .init(name: "a", value: "2")]
        properties.isText = true
        #expect(step.publication?.properties == properties)
    }

    @Test func propertiesAreSentAndMatched() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"connect":{"client":"app"}}
            {"id":"p","as":"app","pub":{"topic":"t","payload":1,"props":{"correlationData":"c"}}}
            {"id":"yes","expect":{"topic":"in","props":{"userProperties":{"k":"v"},"contentType":"json"}}}
            {"id":"no","expect":{"topic":"in","props":{"userProperties":{"k":"w"}}},"onFail":"continue"}
            """)
        var properties = MessageProperties()
        properties.contentType = "json"
        properties.expirySeconds = 3
        properties.userProperties = [.init(name: "a", value: "b"), .init(name: "k", value: "v")]
        shell.schedule(.observed(ObservedMessage(topic: "in", payload: [], properties: properties)), after: .milliseconds(10))
        let report = shell.run()
        #expect(shell.publishes.first?.publish.properties?.correlationData == Array("c".utf8))
        #expect(report.step("yes")?.state == .settled)
        #expect(report.step("no")?.state == .failed)
    }

    @Test(arguments: [
        (#""clock":"real""#, "real"), (#""clock":"virtual""#, "virtual"), (#""clock":"scaled(10)""#, "scaled(10)"),
        (#""clock":{"scaled":0.5}"#, "scaled(0.5)"),
    ])
    func clocksAreRead(_ member: String, _ text: String) throws {
        #expect(try Plan.parse("{\"scenario\":1,\(member)}").settings.clock.text == text)
    }

    @Test func theHeaderSaysHowARunBegins() throws {
        #expect(try Plan.parse(#"{"scenario":1,"start":{"snapshot":"clean"},"quota":"exceed"}"#).settings.start == .clean)
        let settings = try Plan.parse(#"{"scenario":1,"start":{"snapshot":"./s/a.json"},"quota":"exceed"}"#).settings
        #expect(settings.start == .snapshot("s/a.json"))
        #expect(settings.quotas.mode == .exceed)
    }

    @Test func clockStepsAreRead() throws {
        guard case .clock(.speed(.times(5, per: 10))) = try Self.step(#"{"clock":{"speed":0.5}}"#).kind else { throw OtherKind() }
        guard case .clock(.advance(.seconds(60))) = try Self.step(#"{"clock":{"advance":"1m"}}"#, header: #","clock":"virtual""#).kind
        else { throw OtherKind() }
    }

    @Test func theEnvironmentIsReadOnlyWhereThatIsAllowed() throws {
        let text = Array("{\"scenario\":1}{\"note\":\"${env USER}\"}".utf8)
        #expect(throws: ScenarioError.self) { try Plan.read(text, file: "f") }
        var options = ScenarioOptions()
        options.environment = { $0 == "USER" ? "ada" : nil }
        #expect(try Plan.read(text, file: "f", options: options).steps.first?.noteText == "ada")
        let missing = Plan.faults(in: Array("{\"scenario\":1}{\"note\":\"${env HOME}\"}".utf8), file: "f", options: options)
        #expect(missing.first?.what == "the environment has no HOME")
    }

    @Test func passNumbersAndSequencesGoOnInTheOrderOfBeginning() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"note":"${i} ${seq n} ${seq 10}"}
            {"repeat":{"times":3,"do":[{"note":"${i} ${seq n} ${seq 10}"}]}}
            {"note":"${i} ${seq n}"}
            """)
        shell.run()
        #expect(shell.notes == ["0 1 10", "0 2 11", "1 3 12", "2 4 13", "0 5"])
    }

    @Test func drawsDependOnTheStepAndNotOnThoseAround() throws {
        func notes(_ more: String) throws -> [String] {
            let shell = try VirtualShell(
                "{\"scenario\":1}\(more){\"repeat\":{\"times\":3,\"do\":[{\"id\":\"d\",\"note\":\"${rand 1 1000000} ${uuid} ${pick a b c d e}\"}]}}",
                seed: 5)
            shell.run()
            return Array(shell.notes.suffix(3))
        }
        let alone = try notes("")
        #expect(Set(alone).count == 3)
        #expect(try notes("{\"id\":\"x\",\"note\":\"${rand 1 9}\"}{\"id\":\"y\",\"note\":\"${uuid}\"}") == alone)
    }

    @Test func anObjectIsHeldWholeAndSoHasALimit() throws {
        let long = "{\"scenario\":1}\n{\"note\":\"\(String(repeating: "x", count: 1 << 20))\"}"
        let fault = try #require(Plan.faults(in: Array(long.utf8), file: "f").first)
        #expect(fault.what == "the text has 1048587 bytes, at most 1048576 are allowed")
        #expect(fault.cure == "keep long payloads in files of their own: {\"file\": \"…\"}")
        #expect([fault.line, fault.column] == [2, 1])
    }
}

/// Another kind of step than was written.
private struct OtherKind: Error {}

extension Step {
    fileprivate var noteText: String? {
        if case .note(let text) = self.kind { text } else { nil }
    }
}
