import JSON
import Pacing
import Testing
import Timeline

/// `expect`, `never`, `order` and what they match. Scheduler §16.5.
@Suite struct ObservingTests {
    /// Messages by when they come, in milliseconds, with topic, payload and the client that sees them.
    typealias Script = [(at: Int64, topic: String, payload: String, client: String?)]

    static func run(_ steps: String, _ script: Script, header: String = "") throws -> RunReport {
        let shell = try VirtualShell("{\"scenario\":1\(header)}\n\(steps)")
        for line in script {
            let message = ObservedMessage(topic: line.topic, payload: Array(line.payload.utf8), client: line.client)
            shell.schedule(.observed(message), after: .milliseconds(line.at))
        }
        return shell.run()
    }

    static let one: Script = [(100, "a/b", "{\"n\":1}", nil)]

    @Test(arguments: [
        (#"{"topic":"a/b"}"#, true), (#"{"topic":"a/+"}"#, true), (#"{"topic":"b/#"}"#, false), (#"{"json":{"n":1}}"#, true),
        (#"{"json":{"n":1.0}}"#, true), (#"{"json":{"n":2}}"#, false), (#"{"json":{"n":{"$any":true}}}"#, true),
        (#"{"json":{"m":{"$any":true}}}"#, false), (#"{"json":{"m":{"$absent":true}}}"#, true),
        (#"{"json":{"n":{"$absent":true}}}"#, false),
        (#"{"json":{"n":{"$type":"number"}}}"#, true), (#"{"json":{"n":{"$type":"string"}}}"#, false), (#"{"json":{"n":{"$gt":0}}}"#, true),
        (#"{"json":{"n":{"$gt":1}}}"#, false), (#"{"json":{"n":{"$near":[1.05,0.1]}}}"#, true),
        (#"{"json":{"n":{"$near":[2,0.1]}}}"#, false),
        (#"{"text":"{\"n\":1}"}"#, true), (#"{"text":"{"}"#, false), (#"{"regex":"n.:\\d"}"#, true), (#"{"regex":"^n"}"#, false),
        (#"{"topic":"a/b","qos":0,"retain":false}"#, true), (#"{"topic":"a/b","retain":true}"#, false),
        (#"{"topic":"a/b","from":"service"}"#, false),
    ])
    func aMatchLooksAtEverythingGiven(_ match: String, _ passes: Bool) throws {
        let report = try Self.run("{\"id\":\"e\",\"expect\":\(match)}", Self.one)
        #expect(report.step("e")?.state == (passes ? .settled : .failed))
        #expect(report.step("e")?.ended == (passes ? .milliseconds(100) : .seconds(1)))
    }

    @Test(arguments: [
        (#"{"s":{"$re":"^ab"}}"#, true), (#"{"s":{"$re":"^b"}}"#, false), (#"{"s":{"$len":3}}"#, true), (#"{"l":{"$len":2}}"#, true),
        (#"{"l":{"$len":3}}"#, false), (#"{"l":[1,{"$type":"string"}]}"#, true), (#"{"l":[1]}"#, false), (#"{"o":{"x":null}}"#, true),
        (#"{"o":{"x":{"$absent":true}}}"#, false), (#"{"s":{"$var":"word"}}"#, true), (#"{"s":"${word}"}"#, true), (#"{}"#, true),
    ])
    func aJSONPatternIsASubset(_ pattern: String, _ passes: Bool) throws {
        let payload = #"{"s":"abc","l":[1,"two"],"o":{"x":null,"y":2}}"#
        let report = try Self.run(
            "{\"id\":\"e\",\"expect\":{\"json\":\(pattern)}}", [(5, "t", payload, nil)], header: #","vars":{"word":"abc"}"#)
        #expect(report.step("e")?.state == (passes ? .settled : .failed))
    }

    @Test func aClientSeesOnlyWhatReachesIt() throws {
        let steps = """
            {"connect":{"client":"app"}}
            {"id":"inside","expect":{"topic":"a/b"}}
            {"id":"app","expect":{"topic":"a/b","client":"app"}}
            """
        let inside = try Self.run(steps, Self.one)
        #expect(inside.steps.map(\.state) == [.settled, .settled, .failed])
        let both = try Self.run(steps, Self.one + [(200, "a/b", "", "app")])
        #expect(both.state == .passed)
    }

    @Test(arguments: [
        ("\"count\":2", 1, false, 1000), ("\"count\":2", 2, true, 1000), ("\"count\":2", 3, false, 120),
        ("\"count\":\">=2\"", 3, true, 110),
        ("\"count\":[1,2]", 2, true, 1000), ("\"count\":[1,2]", 3, false, 120), ("\"count\":0", 0, true, 1000),
        ("\"count\":0", 1, false, 100),
        ("\"within\":\"50ms\"", 1, false, 50), ("\"within\":\"100ms\"", 1, true, 100),
    ])
    func countsAndWindows(_ option: String, _ messages: Int, _ passes: Bool, _ milliseconds: Int64) throws {
        let script: Script = (0..<messages).map { (100 + 10 * Int64($0), "a/b", "{}", nil) }
        let report = try Self.run("{\"id\":\"e\",\"expect\":{\"topic\":\"a/b\"},\(option)}", script)
        #expect(report.step("e")?.state == (passes ? .settled : .failed))
        #expect(report.step("e")?.ended == .milliseconds(milliseconds))
    }

    @Test func neverFailsAtOnceAndPassesAtTheEnd() throws {
        let step = #"{"id":"n","at":"1s","never":{"topic":"a/b"},"for":"2s"}"#
        let quiet = try Self.run(step, [(999, "a/b", "", nil), (3001, "a/b", "", nil)])
        #expect(quiet.step("n")?.ended == .seconds(3))
        #expect(quiet.state == .passed)
        let loud = try Self.run(step, [(2500, "a/b", "boo", nil)])
        #expect(loud.step("n")?.ended == .milliseconds(2500))
        #expect(loud.step("n")?.failure?.got == "2.5 s a/b: boo")
    }

    @Test func observersLookFromTheirOwnTimeOnUnlessTheyLookBack() throws {
        let script: Script = [(100, "a/b", "{}", nil)]
        let report = try Self.run(
            """
            {"id":"x","at":"50ms","update":{"thing":"T","reported":{}}}
            {"id":"y","at":"150ms","update":{"thing":"X","reported":{}}}
            {"id":"own","at":"1s","expect":{"topic":"a/b"}}
            {"id":"all","expect":{"topic":"a/b"},"from":"start"}
            {"id":"since","expect":{"topic":"a/b"},"from":"x"}
            {"id":"tooLate","expect":{"topic":"a/b"},"from":"y"}
            """, script)
        #expect(report.steps.dropFirst(2).map(\.state) == [.failed, .settled, .settled, .failed])
        #expect(report.step("all")?.ended == .seconds(1))
    }

    @Test(arguments: [(["a", "x", "b", "c"], true), (["a", "c", "b"], false), (["b", "a", "b", "c"], true), (["c", "b", "a"], false)])
    func orderWantsOneAfterTheOther(_ topics: [String], _ passes: Bool) throws {
        let script: Script = topics.enumerated().map { (10 * Int64($0.offset + 1), $0.element, "", nil) }
        let report = try Self.run(#"{"id":"o","order":[{"topic":"a"},{"topic":"b"},{"topic":"c"}]}"#, script)
        #expect(report.step("o")?.state == (passes ? .settled : .failed))
    }

    @Test func aCapturedValueIsUsedByLaterSteps() throws {
        let shell = try VirtualShell(
            """
            {"scenario":1}
            {"expect":{"topic":"v"},"capture":{"version":"/a/0","word":"/w"}}
            {"at":"1s","id":"u","pub":{"topic":"t/${word}","payload":{"version":"${version}","text":"v${version} $${x} $aws","at":"${now}","epoch":"${epoch}"}}}
            {"expect":{"json":{"text":"v7 ${word}"}}}
            """)
        shell.schedule(.observed(ObservedMessage(topic: "v", payload: Array(#"{"a":[7],"w":"hi"}"#.utf8))), after: .milliseconds(10))
        shell.schedule(.observed(ObservedMessage(topic: "z", payload: Array(#"{"text":"v7 hi"}"#.utf8))), after: .milliseconds(1500))
        #expect(shell.run().state == .passed)
        #expect(shell.publishes.first?.publish.topic == "t/hi")
        let payload = String(decoding: shell.publishes.first?.publish.payload ?? [], as: UTF8.self)
        #expect(payload == #"{"version":7,"text":"v7 ${x} $aws","at":"2026-01-02T03:04:06.000Z","epoch":1767323046}"#)
    }

    @Test func aVariableNobodyCapturedFailsTheStepInWords() throws {
        let report = try Self.run(
            """
            {"expect":{"topic":"v"},"capture":{"n":"/n"},"onFail":"continue"}
            {"id":"u","pub":{"topic":"t","payload":"${n}"}}
            """, [(10, "v", "{}", nil)])
        #expect(report.steps.map(\.state) == [.failed, .failed])
        #expect(report.step("u")?.failure?.got.hasPrefix("the variable n has no value yet") == true)
        #expect(report.step("expect1")?.failure?.got == "a message without /n to capture: 10 ms v: {}")
    }
}
