import Foundation
import JSON
import Testing
import Timeline

@testable import Pacing

/// The canonical form of scenario files. Scheduler §17 `fmt`.
@Suite struct ScenarioFormatTests {
    private static func format(_ text: String, _ times: ScenarioFormat.Times = .asWritten) throws -> String {
        String(decoding: try ScenarioFormat.text(of: Array(text.utf8), file: "f", times: times), as: UTF8.self)
    }

    private static func lines(_ lines: String..., times: ScenarioFormat.Times = .asWritten) throws -> [String] {
        try Self.format((["{\"scenario\":1}"] + lines).joined(separator: "\n"), times).split(separator: "\n").dropFirst().map(String.init)
    }

    @Test func aStepIsALineWithItsKeysInOrder() throws {
        let text = """
            { "name" : "x", "scenario": 1 ,
              "lanes": {"thing:*": {"slots": 2, "minGap": 0}} }   {"note":"a","id":"n"}
            {"timeout":"2s","update":{"token":"t","reported":{"b":1,"a":2},"desired":{},"shadow":"s","thing":"T"},
               "x-why":"because","as":"app","wait":1.50,"id":"u"}
            {"within":"1s","expect":{"json":{"b":1,"a":2},"topic":"t","client":"app"},"skip":false}
            {"order":[{"topic":"t","client":"app"},{"causedBy":"u","client":"app"}],"tags":[1,  2]}
            """
        #expect(
            try Self.format(text) == """
                {"scenario":1,"name":"x","lanes":{"thing:*":{"minGap":0,"slots":2}}}
                {"id":"n","note":"a"}
                {"id":"u","wait":1.50,"as":"app","update":{"thing":"T","shadow":"s","token":"t","reported":{"b":1,"a":2},"desired":{}},
                 "timeout":"2s","x-why":"because"}
                {"expect":{"client":"app","topic":"t","json":{"b":1,"a":2}},"within":"1s","skip":false}
                {"order":[{"client":"app","topic":"t"},{"client":"app","causedBy":"u"}],"tags":[1,2]}

                """)
    }

    @Test func commentsAndBlankLinesAreKept() throws {
        let text =
            "\n\n# first\r\n  # second  \n\n\n{\"scenario\":1}\n\n\n\n{\"note\":\"a\"}{\"note\":\"b\"}\n#c\n{\"note\":\"c\"}\n\n#last\n\n"
        #expect(
            try Self.format(text) == """
                # first
                # second

                {"scenario":1}

                {"note":"a"}
                {"note":"b"}
                #c
                {"note":"c"}

                #last

                """)
    }

    /// Scheduler §20.1 and §20.3, as they stand there.
    @Test(arguments: [
        """
        {"sub":{"client":"app","filters":["$aws/things/${thing}/shadow/name/test1/update/accepted",
                                          "$aws/things/${thing}/shadow/name/test2/update/accepted"],"qos":1}}
        """,
        """
        {"repeat":{"times":3,"do":[{"as":"app","pub":{"topic":"t/${i}","payload":{"a":1}}},
                                   {"wait":"1s"},
                                   {"as":"app","update":{"thing":"T","reported":{"n":"${i}"}},"gate":"documents"}]}}
        """,
        """
        {"par":[[{"note":"the first branch of two that are written below each other"},{"wait":"1s"}],
                [{"note":"the second branch"},{"mark":"m"}]]}
        """,
    ])
    func longStepsAreBrokenAfterCommas(_ text: String) throws {
        let joined = text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined()
        #expect(try Self.lines(joined).joined(separator: "\n") == text)
        #expect(try Self.lines(text).joined(separator: "\n") == text)
    }

    @Test func aLongHeaderIsBrokenWhereItsNextPartFitsALine() throws {
        let header = """
            {"scenario":1,"name":"a name that is rather long so that the line does not hold it all","clock":"virtual",
             "laneBy":"none","lanes":{"thing:*":{"minGap":"500ms","jitter":{"uniform":["0ms","50ms"]}}}}

            """
        #expect(try Self.format(header) == header)
        #expect(try Self.format(header.replacing("\n ", with: "")) == header)
    }

    @Test func textsThatAreTooLongAreLeftWhole() throws {
        let long = String(repeating: "x", count: 150)
        #expect(try Self.lines("{\"note\":\"\(long)\"}") == ["{\"note\":\"\(long)\"}"])
        #expect(
            try Self.lines("{\"pub\":{\"topic\":\"t\",\"payload\":\"\(long)\"}}") == [
                "{\"pub\":{\"topic\":\"t\",", "        \"payload\":\"\(long)\"}}",
            ])
    }

    // MARK: Times

    @Test func waitsBecomeTimes() throws {
        let text = """
            {"wait":"1s","note":"a"}
            {"note":"same time"}
            {"wait":"2m"}
            # about b
            {"note":"b"}
            {"wait":0.25,"note":"c"}
            {"at":"1s","note":"back"}
            {"wait":"0.000000001s","note":"d"}
            {"wait":"5s"}
            """
        #expect(
            try Self.lines(text, times: .at) == [
                #"{"at":"1s","note":"a"}"#, #"{"note":"same time"}"#, "# about b", #"{"at":"121s","note":"b"}"#,
                #"{"at":"121.25s","note":"c"}"#,
                #"{"at":"1s","note":"back"}"#, #"{"at":"1.000000001s","note":"d"}"#, #"{"wait":"5s"}"#,
            ])
    }

    @Test func timesBecomeWaits() throws {
        let text = """
            {"at":0,"note":"start"}
            {"at":"1s","note":"a"}
            {"at":1,"note":"same time"}
            {"wait":"100ms","note":"kept"}
            {"at":"1.5s","note":"b"}
            {"at":"1s","note":"back"}
            {"at":"1.0000002s","note":"c"}
            """
        #expect(
            try Self.lines(text, times: .wait) == [
                #"{"note":"start"}"#, #"{"wait":"1s","note":"a"}"#, #"{"note":"same time"}"#, #"{"wait":"100ms","note":"kept"}"#,
                #"{"wait":"400ms","note":"b"}"#, #"{"at":"1s","note":"back"}"#, #"{"wait":"200ns","note":"c"}"#,
            ])
    }

    @Test func whatOnlyTheRunKnowsIsLeftAsItIs() throws {
        let text = """
            {"wait":"1s","note":"a"}
            {"wait":"1s"}
            {"wait":"${pause}","note":"b"}
            {"wait":"1s"}
            {"wait":"1s","note":"c"}
            {"at":"9s","note":"d"}
            {"wait":"1s","repeat":{"times":2,"do":[{"wait":"1s","note":"e"},{"wait":"2s"}]}}
            {"wait":"1s","note":"f"}
            """
        #expect(
            try Self.lines(text, times: .at) == [
                #"{"at":"1s","note":"a"}"#, #"{"wait":"1s"}"#, #"{"wait":"${pause}","note":"b"}"#, #"{"wait":"1s"}"#,
                #"{"wait":"1s","note":"c"}"#,
                #"{"at":"9s","note":"d"}"#, #"{"at":"10s","repeat":{"times":2,"do":[{"at":"1s","note":"e"},{"wait":"2s"}]}}"#,
                #"{"wait":"1s","note":"f"}"#,
            ])
    }

    // MARK: Nothing is lost

    @Test func theOrderOfDrawsIsKept() throws {
        let drawing = #"{"update":{"token":"${uuid}","reported":{"n":"${rand 1 6}"},"thing":"T"},"id":"u"}"#
        #expect(try Self.lines(drawing) == [drawing])
        #expect(
            try Self.lines(#"{"update":{"reported":{"n":"${rand 1 6}"},"thing":"T"},"id":"u"}"#) == [
                #"{"id":"u","update":{"thing":"T","reported":{"n":"${rand 1 6}"}}}"#
            ])
    }

    @Test func nothingThatIsNoScenarioIsTouched() {
        for (text, fault) in [
            ("", "f:1:1: the file has no header"), ("{\"scenario\":1}\n{\"not\":1}", "f:2:2: unknown verb or key \"not\""),
            ("{\"scenario\":1}\n{\"note\":1", "f:2:10: "),
            ("{\"scenario\":1}\n{\"note\":1,\"note\":2}", "f:2:11: this key is written twice"),
            ("{\"scenario\":1}\n{\"at\":1,\"wait\":2,\"note\":1}", "f:2:9: a step has either"), ("{\"scenario\":2}", "f:1:13: "),
            ("{\"scenario\":1}\n{\"wait\":\"5\",\"note\":1}", "f:2:9: wait: this duration has no unit"),
            ("{\"scenario\":1}\n{\"repeat\":{\"times\":2,\"do\":[{\"nte\":1}]}}", "f:2:29: unknown verb"),
        ] {
            let error = #expect(throws: ScenarioError.self) { try Self.format(text) }
            #expect(error?.text.hasPrefix(fault) == true, "\(error?.text ?? "")")
        }
    }

    @Test(arguments: ScenarioFormat.Times.allCases)
    func theShippedScenariosMeanTheSameAfterwards(_ times: ScenarioFormat.Times) throws {
        for name in try Fixtures.names { try Self.expectSameMeaning(String(decoding: try Fixtures.bytes(name), as: UTF8.self), times) }
    }

    @Test(arguments: ScenarioFormat.Times.allCases)
    func anyScenarioMeansTheSameAfterwards(_ times: ScenarioFormat.Times) throws {
        for seed in UInt64(0)..<300 { try Self.expectSameMeaning(RandomScenario(seed: seed).text, times, "seed \(seed)") }
    }

    private static func expectSameMeaning(_ text: String, _ times: ScenarioFormat.Times, _ about: String = "") throws {
        let formatted = try Self.format(text, times)
        let isSame = try PlanDump.lines(of: text) == PlanDump.lines(of: formatted)
        #expect(isSame, "\(about)\n\(text)\n\(formatted)")
        let again = try Self.format(formatted, times)
        #expect(again == formatted, "\(about)\n\(formatted)\n\(again)")
        let comments = [text, formatted].map { $0.split(separator: "\n").filter { $0.drop { $0 == " " }.hasPrefix("#") }.count }
        #expect(comments[0] == comments[1])
    }
}

/// A plan in words, but for the lines its steps stand on: passes of blocks are read twice.
private enum PlanDump {
    static func lines(of text: String) throws -> [String] {
        var reader = try ScenarioReader(Array(text.utf8), file: "f")
        var lines = ["\(reader.settings)"]
        var number = 0
        func dump(_ step: Step, _ indent: String) throws {
            var step = step
            step.line = 0
            var bodies: [StepBody] = []
            if case .react(let reaction) = step.kind { bodies = [reaction.body] }
            if case .block(let block) = step.kind { bodies = block.bodies }
            let what = bodies.isEmpty ? "\(step.kind)" : step.verb
            lines.append("\(indent)\(step.id) \(step.planned) \(step.origin) \(step.options) \(what)")
            for body in bodies {
                for pass in 0..<2 {
                    var pass = StepPass(outlining: body, pass: pass)
                    var source = PlanSource(reader)
                    while let inner = try source.next(in: &pass, StepNumber(number)) { try dump(inner, indent + "  ") }
                }
            }
        }
        while let step = try reader.next(StepNumber(number)) {
            try dump(step, "")
            number += 1
        }
        return lines
    }
}

/// A scenario of steps of most kinds, oddly spaced, with times of every form.
private struct RandomScenario {
    private var random: Draw
    private(set) var text = ""
    private var ids = 0

    init(seed: UInt64) {
        self.random = Draw(seed: seed, purpose: "format", step: "", attempt: 1)
        self.text = "#head\n{\"vars\":{\"t\":\"T\",\"d\":\"2s\"},\"seed\":\(seed), \"scenario\":1}\n{\"connect\":{\"client\":\"app\"}}\n"
        for _ in 0..<3 + self.below(8) {
            self.text += self.pick(["", "\n", "\n\n", " # no\n".replacing(" # no", with: ""), "# a comment\n"])
            self.text += self.step(depth: 0) + self.pick(["\n", " ", "\n\n\n"])
            if !self.text.hasSuffix("\n") { self.text += "\n" }
        }
    }

    private mutating func below(_ bound: Int) -> Int { Int(self.random.upTo(UInt64(bound - 1))) }

    private mutating func pick(_ choices: [String]) -> String { choices[self.below(choices.count)] }

    private mutating func step(depth: Int) -> String {
        var parts = [self.verb(depth: depth)]
        if parts[0].isEmpty { return "{\"wait\":\"\(self.below(5))s\"}" }
        self.ids += 1
        if self.below(2) == 0 { parts.append("\"id\":\"s\(self.ids)\"") }
        let time = self.pick([
            "", "", "\"at\":\"\(self.below(9000))ms\"", "\"wait\":\(self.below(30)).5", "\"wait\":\"\(self.below(99))us\"",
            "\"wait\":\"${d}\"",
        ])
        if !time.isEmpty { parts.append(time) }
        if self.below(4) == 0 { parts.append("\"x-note\": [1,  {\"b\":2,\"a\":1}]") }
        if self.below(4) == 0 { parts.append("\"skip\":false") }
        if parts.count > 1, self.below(2) == 0 { parts.swapAt(0, parts.count - 1) }
        return "{ \(parts.joined(separator: " , ")) }"
    }

    private mutating func verb(depth: Int) -> String {
        let inner = depth < 2 ? self.below(12) : self.below(9)
        switch inner {
        case 0: return ""
        case 1: return "\"note\":\"n ${uuid} \(self.pick(["", "é\\u00e9\\t"]))\""
        case 2: return "\"pub\":{\"payload\":{\"b\":\"${rand 1 9}\",\"a\":[1.0,1e3]},\"topic\":\"x/${seq s}\"}"
        case 3, 4: return "\"update\":{\"reported\":{\"z\":1,\"a\":\"${pick a b}\"},\"desired\":{\"q\":null},\"thing\":\"${t}\"}"
        case 5: return "\"expect\":{\"json\":{\"b\":1,\"a\":{\"$gt\":1}},\"topic\":\"x/+\"}"
        case 6: return "\"get\":{\"token\":\"${uuid}\",\"thing\":\"T\"}"
        case 7: return "\"order\":[{\"topic\":\"a\",\"client\":\"app\"},{\"topic\":\"\(String(repeating: "b", count: self.below(90)))c\"}]"
        case 8: return "\"mark\":\"m\(self.ids)\""
        case 9: return "\"repeat\":{\"do\":[\(self.steps(depth))],\"times\":3}"
        case 10: return "\"par\":[[\(self.steps(depth))],[\(self.steps(depth))]]"
        default:
            return depth > 0
                ? "\"mark\":\"on\"" : "\"on\":{\"then\":[\(self.steps(depth))],\"match\":{\"topic\":\"x/+\",\"client\":\"app\"}}"
        }
    }

    private mutating func steps(_ depth: Int) -> String {
        var steps = ["{\"note\":\"first\"}"]
        for _ in 0..<self.below(4) { steps.append(self.step(depth: depth + 1)) }
        return steps.joined(separator: ", ")
    }
}
