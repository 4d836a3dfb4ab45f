import Pacing
import Testing

/// Planted faults, each found at its line and column with what to do. Scheduler §12, acceptance test 13.
@Suite struct BadFileTests {
    struct Planted: Sendable, CustomTestStringConvertible {
        var text: String
        var line: Int
        var column: Int
        var what: String
        var cure: String

        init(_ text: String, _ line: Int, _ column: Int, _ what: String, _ cure: String) {
            self.text = text
            self.line = line
            self.column = column
            self.what = what
            self.cure = cure
        }

        var testDescription: String { self.what }
    }

    private static let start = "{\"scenario\":1}\n{\"connect\":{\"client\":\"app\"}}\n"

    /// A fault in the third line of an otherwise good file.
    private static func step(_ text: String, _ column: Int, _ what: String, _ cure: String) -> Planted {
        Planted(Self.start + text, 3, column, what, cure)
    }

    private static func header(_ text: String, _ column: Int, _ what: String, _ cure: String) -> Planted {
        Planted(text + "\n{\"note\":\"x\"}", 1, column, what, cure)
    }

    static let headers: [Planted] = [
        Planted("", 1, 1, "no header", "{\"scenario\": 1}"),
        Planted("# only a comment\n", 1, 1, "no header", "{\"scenario\": 1}"),
        Planted("\u{0}\u{1}\u{2}", 1, 1, "expected an object", "UTF-8 text"),
        Planted("{\"scenario\":1}\n[1]", 2, 1, "found '['", "UTF-8 text"),
        Planted("{\"scenario\":1}\n{\"note\":\"x\"", 2, 12, "the text ends where", "UTF-8 text"),
        Self.header("{\"note\":\"x\"}", 1, "not a header", "start the file"),
        Self.header("{\"scenario\":2}", 13, "format 2", "write \"scenario\": 1"),
        Self.header("{\"scenario\":1,\"sead\":7}", 15, "unknown key \"sead\"", "did you mean \"seed\"?"),
        Self.header("{\"scenario\":1,\"profile\":\"asw\"}", 25, "unknown profile \"asw\"", "did you mean \"aws\"?"),
        Self.header("{\"scenario\":1,\"laneBy\":\"things\"}", 24, "unknown laneBy", "did you mean \"thing\"?"),
        Self.header("{\"scenario\":1,\"lanes\":{\"a*b\":{}}}", 24, "no lane", "one * at its end"),
        Self.header("{\"scenario\":1,\"lanes\":{\"a\":{\"gap\":1}}}", 29, "unknown key \"gap\"", "minGap"),
        Self.header("{\"scenario\":1,\"speed\":0}", 23, "more than 0", "write a number"),
        Self.header("{\"scenario\":1,\"disturb\":{}}", 15, "not available yet: disturb", "remove it"),
        Self.header("{\"scenario\":1,\"target\":\"mqtt://x\"}", 15, "cannot choose its target", "--target"),
        Self.header("{\"scenario\":1,\"vars\":{\"now\":1}}", 23, "built-in", "another name"),
        Self.header("{\"scenario\":1,\"defaults\":{\"late\":\"merge\"}}", 34, "not available yet: late \"merge\"", "use keep"),
        Self.header("{\"scenario\":1,\"defaults\":{\"gate\":\"quiet(1s)\"}}", 34, "stands at a step", "move it"),
        Self.header("{\"scenario\":1,\"clock\":\"virtul\"}", 23, "unknown clock", "did you mean \"virtual\"?"),
        Self.header("{\"scenario\":1,\"clock\":{\"scaled\":0}}", 33, "cannot run 0 times as fast", "between 0.001"),
        Self.header("{\"scenario\":1,\"start\":{\"snapshot\":\"/etc/x\"}}", 35, "leads out of", "beside the scenario"),
        Self.header("{\"scenario\":1,\"quota\":\"obay\"}", 23, "unknown quota", "did you mean \"obey\"?"),
        Self.header("{\"scenario\":1,\"seed\":1,\"seed\":2}", 24, "written twice", "remove one"),
        Self.header("{\"scenario\":1,\"timeLimit\":\"soon\"}", 27, "not a duration", "write seconds"),
    ]

    static let times: [Planted] = [
        Self.step(#"{"at":1,"wait":1,"note":"x"}"#, 9, "not both", "remove one"),
        Self.step(#"{"at":-1,"note":"x"}"#, 7, "cannot be negative", "write seconds"),
        Self.step(#"{"at":"5","note":"x"}"#, 7, "no unit", "250ms"),
        Self.step(#"{"at":"1.0000000001s","note":"x"}"#, 7, "finer than a nanosecond", "write seconds"),
        Self.step(#"{"at":"9999999h","note":"x"}"#, 7, "longer than 100 years", "write seconds"),
        Self.step(#"{"at":1e300,"note":"x"}"#, 7, "longer than 100 years", "write seconds"),
        Self.step(#"{"at":[1],"note":"x"}"#, 7, "number of seconds or a text", "write seconds"),
        Self.step(#"{"wait":true}"#, 9, "number of seconds or a text", "write seconds"),
        Self.step(#"{"timeout":0,"pub":{"topic":"t","payload":1}}"#, 12, "can never be met", "5s"),
    ]

    static let steps: [Planted] = [
        Self.step(#"{"at":1}"#, 1, "no verb", "connect"),
        Self.step(#"{"updat":{"thing":"T"}}"#, 2, "unknown verb or key \"updat\"", "did you mean \"update\"?"),
        Self.step(#"{"note":"x","mark":"y"}"#, 13, "one verb", "two steps"),
        Self.step(#"{"http":{"method":"GET"}}"#, 2, "not available yet: http", "remove this step"),
        Self.step(#"{"shadowIs":{"thing":"T"}}"#, 13, "says nothing about the shadow", "equals"),
        Self.step(#"{"shadowIs":{"thing":"T","absent":true,"version":1}}"#, 13, "no state and no version", "remove"),
        Self.step(#"{"shadowIs":{"thing":"T","equals":{"state":{}}}}"#, 36, "unknown key \"state\"", "desired"),
        Self.step(#"{"device":{"thing":"T","drift":1}}"#, 24, "not available yet: drift", "repeat"),
        Self.step(#"{"clock":{"advance":"1s"}}"#, 11, "only a virtual clock", "in the header"),
        Self.step(#"{"clock":{}}"#, 10, "does nothing", "advance"),
        Self.step(#"{"pub":{"topic":"t","payload":1,"props":{}}}"#, 33, "properties need a client", "as"),
        Self.step(#"{"as":"app","pub":{"topic":"t","payload":1,"props":{"expiry":1}}}"#, 53, "unknown key \"expiry\"", "messageExpiry"),
        Self.step(#"{"connect":{"client":"b","via":"wss"}}"#, 26, "cannot choose its door", "remove"),
        Self.step(#"{"scenario":1}"#, 2, "second header", "keep one"),
        Self.step(#"{"note":"x","as":"app"}"#, 13, "\"as\" does not go with \"note\"", "remove it"),
        Self.step(#"{"update":{"thing":"T","shadw":"s","reported":{}}}"#, 24, "unknown key \"shadw\"", "did you mean \"shadow\"?"),
        Self.step(#"{"update":{"thing":"T T","reported":{}}}"#, 20, "not a thing's name", "1 to 128"),
        Self.step(#"{"update":{"thing":"T","shadow":"a/b","reported":{}}}"#, 33, "not a shadow's name", "1 to 64"),
        Self.step(#"{"update":{"thing":"T"}}"#, 11, "changes nothing", "desired"),
        Self.step(#"{"update":{"thing":"T","raw":1,"version":2}}"#, 32, "whole payload", "remove"),
        Self.step(#"{"pub":{"payload":1}}"#, 8, "needs \"topic\"", "add \"topic\""),
        Self.step(#"{"pub":{"topic":"a/#","payload":1}}"#, 17, "not a topic", "wildcard"),
        Self.step(#"{"pub":{"topic":"a","payload":1,"qos":3}}"#, 39, "qos is 3", "use 0 to 2"),
        Self.step(#"{"pub":{"topic":"a","payload":{"b64":"?"}}}"#, 38, "not base64", "A-Z"),
        Self.step(#"{"pub":{"topic":"a","payload":{"hex":"abc"}}}"#, 38, "not hexadecimal", "two digits"),
        Self.step(#"{"pub":{"topic":"a","payload":{"file":"../x"}}}"#, 39, "leads out of", "beside the scenario"),
        Self.step(#"{"pub":{"topic":"a","payload":{"file":"no.bin"}}}"#, 39, "cannot be read", "below"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"as":"ap"}"#, 39, "not connected by any earlier step", "did you mean \"app\"?"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"as":"adopt:x"}"#, 39, "not available yet: adopt", "connect"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"gate":"accepted"}"#, 41, "cannot be met", "acked"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"gate":"acceptd"}"#, 41, "unknown gate", "did you mean \"accepted\"?"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"gate":"quiet"}"#, 41, "how long it is to be quiet", "quiet(500ms)"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"gate":{"quiet":{"for":1,"scope":"client"}}}"#, 41, "needs a client", "as"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"gate":"match"}"#, 41, "needs a match", "topic"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"gate":"http(u)"}"#, 41, "not available yet: gate \"http\"", "another"),
        Self.step(#"{"get":{"thing":"T"},"gate":"delta"}"#, 29, "only an update", "accepted"),
        Self.step(#"{"update":{"thing":"T","reported":{}},"gate":"created","expectReject":409}"#, 46, "to be rejected", "remove one"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"expectReject":409}"#, 34, "no shadow request", "remove it"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"onFail":{"retry":{"max":0}}}"#, 59, "out of range", "use 1 to 1000"),
        Self.step(
            #"{"pub":{"topic":"a","payload":1},"onFail":{"retry":{"on":[403]}}}"#, 59, "the request itself is wrong", "expectReject"),
        Self.step(#"{"pub":{"topic":"a","payload":1},"onFail":{"retry":{"on":["lst"]}}}"#, 59, "unknown cause", "did you mean \"lost\"?"),
        Self.step(#"{"note":"x","at":1,"at":2}"#, 20, "written twice", "remove one"),
        Self.step(#"{"expect":{"topic":"a"},"onFail":"retry"}"#, 34, "only a step that sends", "stopLane"),
        Self.step(#"{"connect":{"client":"app"}}"#, 22, "connected since line 2", "disconnect"),
        Self.step(#"{"connect":{"client":"b","version":6}}"#, 36, "unknown MQTT version 6", "use 5"),
        Self.step(#"{"connect":{"client":"b","keepAlive":1.5}}"#, 38, "whole number of seconds", "30"),
        Self.step(#"{"sub":{"client":"app","filters":["a/#/b"]}}"#, 35, "not a topic filter", "last"),
        Self.step(#"{"drop":{"client":"app","how":"hard"}}"#, 31, "unknown how", "close"),
    ]

    static let names: [Planted] = [
        Self.step(#"{"after":["x"],"note":"x"}"#, 11, "names no earlier step: \"x\"", "connect1"),
        Self.step(#"{"id":"n","after":["n"],"note":"x"}"#, 19, "cannot wait for itself", "earlier"),
        Planted(
            Self.start + "{\"id\":\"a\",\"note\":\"x\"}\n{\"id\":\"a\",\"note\":\"y\"}", 4, 7, "taken by the step of line 3", "another id"),
        Self.step(#"{"id":"a b","note":"x"}"#, 7, "cannot be an id", "without blanks"),
        Self.step(#"{"note":"${thng}"}"#, 9, "unknown variable ${thng}", "known here"),
        Self.step(#"{"note":"${open"}"#, 9, "without \"}\"", "close it"),
        Self.step(#"{"note":"${env HOME}"}"#, 9, "only if whoever runs it allows", "vars"),
        Self.step(#"{"note":"${rand 5 1}"}"#, 9, "5 is more than 1", "smaller one first"),
        Self.step(#"{"update":{"thing":"${now}","reported":{}}}"#, 20, "must be known when the file is read", "vars"),
        Planted(
            Self.start + "{\"disconnect\":{\"client\":\"app\"}}\n{\"pub\":{\"topic\":\"a\",\"payload\":1},\"as\":\"app\"}", 4, 39,
            "after its \"disconnect\"", "connect it again"),
    ]

    static let matches: [Planted] = [
        Self.step(#"{"expect":{"topic":"a","within":"1s"}}"#, 24, "beside the verb", "move it out"),
        Self.step(#"{"expect":{}}"#, 11, "match everything", "topic"),
        Self.step(#"{"expect":{"json":{"a":{"$gte":1}}}}"#, 25, "unknown operator \"$gte\"", "did you mean \"$gt\"?"),
        Self.step(#"{"expect":{"json":{"a":{"$type":"int"}}}}"#, 33, "unknown $type", "number"),
        Self.step(#"{"expect":{"json":{"a":{"$re":"("}}}}"#, 31, "not a regular expression", "brackets"),
        Self.step(#"{"expect":{"topic":"a"},"count":"many"}"#, 33, "not a count", ">=2"),
        Self.step(#"{"expect":{"topic":"a"},"capture":{"v":"version"}}"#, 40, "not a JSON pointer", "/state"),
        Self.step(#"{"expect":{"client":"hq","topic":"a"}}"#, 21, "not connected by any earlier step", "app"),
        Self.step(#"{"never":{"topic":"a"}}"#, 1, "needs \"for\"", "add \"for\""),
        Self.step(#"{"order":[{"topic":"a"}]}"#, 10, "at least two", "expect"),
        Self.step(#"{"order":[{"causedBy":"a"},{"topic":"a"}]}"#, 23, "causedBy names no earlier step", "connect1"),
    ]

    @Test(arguments: Self.headers + Self.times + Self.steps + Self.names + Self.matches)
    func thePlantedFaultIsFoundAtItsPlace(_ planted: Planted) throws {
        let faults = Plan.faults(in: Array(planted.text.utf8), file: "bad.scenario")
        let fault = try #require(faults.first)
        #expect(faults.count == 1, "\(faults.map(\.text))")
        #expect(fault.line == planted.line && fault.column == planted.column, "\(fault.text)")
        #expect(fault.what.contains(planted.what), "\(fault.text)")
        #expect(fault.cure.contains(planted.cure), "\(fault.text)")
        #expect(fault.text.hasPrefix("bad.scenario:\(planted.line):\(planted.column): "))
    }

    @Test func everyFaultOfAFileIsFoundAtOnce() {
        let text = Self.start + "{\"nte\":\"x\"}\n{\"note\":\"fine\"}\n{\n  \"at\": \"1\",\n  \"note\": \"x\"\n}\n"
        let faults = Plan.faults(in: Array(text.utf8), file: "f")
        #expect(faults.map { [$0.line, $0.column] } == [[3, 2], [6, 9]])
    }

    @Test func privateKeysAndCommentsAreFree() throws {
        let plan = try Plan.parse(
            "# a comment\n{\"scenario\":1,\"x-tool\":2}\n  # another\n{\"note\":\"x\",\"x-src\":{\"a\":1},\"tags\":[\"t\"]}")
        #expect(plan.steps.count == 1)
        #expect(plan.steps[0].line == 4)
    }

    @Test(arguments: [
        ("\"250ms\"", 250_000_000), ("1.5", 1_500_000_000), ("\"1m30s\"", 90_000_000_000), ("\"1.5m\"", 90_000_000_000),
        ("2e-3", 2_000_000),
        ("\"1h\"", 3_600_000_000_000), ("\"0.000000001s\"", 1), ("0", 0), ("\"3us\"", 3000),
    ])
    func durationsAreExact(_ text: String, _ nanoseconds: Int64) throws {
        let plan = try Plan.parse("{\"scenario\":1}{\"at\":\(text),\"note\":\"x\"}")
        #expect(plan.steps[0].planned == .nanoseconds(nanoseconds))
    }

    @Test(arguments: [
        (#"{"a":1, "b":[true]}"#, #"{"a":1,"b":[true]}"#), (#"{"text":"hé"}"#, "hé"), (#"{"b64":"AGE="}"#, "\u{0}a"),
        (#"{"hex":"6869"}"#, "hi"),
        (#"{"json":{"text":"x"}}"#, #"{"text":"x"}"#), ("\"plain\"", "\"plain\""), (#"{"text":"x","b":1}"#, #"{"text":"x","b":1}"#),
        (#"{"file":"f.bin"}"#, "from f.bin"),
    ])
    func payloadForms(_ written: String, _ sent: String) throws {
        let text = "{\"scenario\":1}{\"pub\":{\"topic\":\"t\",\"payload\":\(written)}}"
        let shell = VirtualShell(try Plan.read(Array(text.utf8), file: "f", readFile: { Array("from \($0)".utf8) }))
        shell.run()
        #expect(shell.publishes.first?.publish.payload == Array(sent.utf8))
    }

    @Test func seededPayloadsHaveTheirSizeAndDependOnTheSeed() throws {
        func bytes(_ seed: UInt64) throws -> [UInt8] {
            let shell = try VirtualShell(#"{"scenario":1}{"pub":{"topic":"t","payload":{"size":4097}}}"#, seed: seed)
            shell.run()
            return shell.publishes.first?.publish.payload ?? []
        }
        #expect(try bytes(1).count == 4097)
        #expect(try bytes(1) == bytes(1))
        #expect(try bytes(1) != bytes(2))
    }

    @Test func variablesComeFromTheHeaderAndTheCommandLine() throws {
        var options = ScenarioOptions()
        options.variables = [("thing", "7")]
        options.runID = "r9"
        let text =
            #"{"scenario":1,"vars":{"thing":"T","n":3}}{"at":"${n}","update":{"thing":"${thing}","reported":{"n":"${n}","s":"${run}-${n}","q":"${seq 5}${seq 5}"}}}"#
        let shell = VirtualShell(try Plan.read(Array(text.utf8), file: "f", options: options))
        shell.run()
        #expect(shell.publishes.first?.publish.topic == "$aws/things/7/shadow/update")
        #expect(shell.publishes.first?.publish.payload == Array(#"{"state":{"reported":{"n":3,"s":"r9-3","q":"56"}}}"#.utf8))
        #expect(shell.report.steps.first?.dispatched == .seconds(3))
    }
}
