import Pacing
import Testing

/// Planted faults of blocks and reactions, each found before the run at its line and column. Scheduler §12, §16.4.
@Suite struct BadBlockTests {
    typealias Planted = BadFileTests.Planted

    private static func step(_ text: String, _ line: Int, _ column: Int, _ what: String, _ cure: String) -> Planted {
        Planted("{\"scenario\":1}\n{\"connect\":{\"client\":\"app\"}}\n" + text, line, column, what, cure)
    }

    static let blocks: [Planted] = [
        step(#"{"repeat":{"times":3,"do":[]}}"#, 3, 27, "\"repeat\" has no steps", "at least one"),
        step(#"{"repeat":{"times":3,"do":[{"wait":1}]}}"#, 3, 27, "\"repeat\" has no steps", "at least one"),
        step(#"{"repeat":{"times":3}}"#, 3, 11, "needs \"do\"", "add \"do\""),
        step(#"{"repeat":{"do":[{"note":"x"}]}}"#, 3, 11, "how often", "\"times\" or \"for\""),
        step(#"{"repeat":{"times":1,"for":1,"do":[{"note":"x"}]}}"#, 3, 22, "either \"times\" or \"for\"", "remove one"),
        step(#"{"repeat":{"times":1000001,"do":[{"note":"x"}]}}"#, 3, 20, "out of range", "1 to 1000000"),
        step(#"{"repeat":{"times":0,"do":[{"note":"x"}]}}"#, 3, 20, "out of range", "1 to 1000000"),
        step(#"{"repeat":{"times":-1,"do":[{"note":"x"}]}}"#, 3, 20, "out of range", "1 to 1000000"),
        step(#"{"repeat":{"for":"-1s","do":[{"wait":1,"note":"x"}]}}"#, 3, 18, "cannot be negative", "write seconds"),
        step(#"{"repeat":{"for":"1s","do":[{"note":"x"}]}}"#, 3, 12, "never ends", "wait"),
        step(#"{"repeat":{"for":"1s","do":[{"par":[[{"note":"x"}]]}]}}"#, 3, 12, "never ends", "wait"),
        step(#"{"repeat":{"for":"100h","do":[{"wait":"1us","note":"x"}]}}"#, 3, 18, "more than 1000000 passes", "shorter"),
        step(#"{"repeat":{"tims":3,"do":[{"note":"x"}]}}"#, 3, 12, "unknown key \"tims\"", "did you mean \"times\"?"),
        step(#"{"repeat":{"times":2,"do":{"note":"x"}}}"#, 3, 27, "must be an array", "[…]"),
        step(
            "{\"repeat\":{\"times\":2,\"do\":[\n{\"note\":\"x\"},\n  {\"nte\":\"x\"}]}}", 5, 4,
            "unknown verb or key \"nte\"", "did you mean \"note\"?"),
        step("{\"repeat\":{\"times\":2,\"do\":[\n{\"note\":\"${nowhere}\"}]}}", 4, 9, "unknown variable ${nowhere}", "i, run"),
        step(#"{"repeat":{"times":2,"do":[{"id":"a${i}","note":"x"}]}}"#, 3, 34, "cannot have ${i}", "put behind ids by itself"),
        step(
            #"{"repeat":{"times":2,"do":[{"id":"a","note":"x"},{"id":"a","note":"x"}]}}"#, 3, 56,
            "taken by the step of line 3", "another id"),
        step(
            #"{"repeat":{"times":2,"do":[{"id":"a23456789012345678901234567890123","note":"x"}]}}"#, 3, 34,
            "inside a block", "1 to 32 bytes"),
        step(#"{"repeat":{"times":2,"do":[{"connect":{"client":"b"}}]}}"#, 3, 49, "connected since line 3", "disconnect"),
        step(#"{"repeat":{"times":2,"do":[{"disconnect":{"client":"app"}}]}}"#, 3, 52, "not connected any more", "connect it again"),
        step(
            #"{"repeat":{"times":2,"do":[{"on":{"match":{"topic":"t"},"then":[{"note":"x"}]}}]}}"#, 3, 28,
            "\"on\" inside \"repeat\"", "before the block"),
        step(
            #"{"repeat":{"times":2,"do":[{"par":[[{"device":{"thing":"T"}}]]}]}}"#, 3, 37,
            "\"device\" inside \"repeat\"", "before the block"),
        step(#"{"repeat":{"times":2,"do":[{"note":"x"}]},"lane":"l"}"#, 3, 43, "does not go with \"repeat\"", "remove it"),
        step(#"{"par":[]}"#, 3, 1, "no branches", "[[…], […]]"),
        step(#"{"par":[[{"note":"x"}],[]]}"#, 3, 24, "this branch has no steps", "at least one"),
        step(#"{"par":[{"note":"x"}]}"#, 3, 9, "must be an array", "[…]"),
        step(#"{"par":[[{"id":"a","note":"x"}],[{"note":"x","after":["a"]}]]}"#, 3, 55, "runs beside this step", "same branch"),
        step(
            #"{"par":[[{"par":[[{"par":[[{"par":[[{"par":[[{"note":"x"}]]}]]}]]}]]}]]}"#, 3, 37, "at most 4 deep", "further out"),
        step("{\"par\":[[{\"note\":\"x\"}]]}\n{\"after\":[\"nothing\"],\"note\":\"y\"}", 4, 11, "names no earlier step", "note1"),
    ]

    static let reactions: [Planted] = [
        step(#"{"on":{"then":[{"note":"x"}]}}"#, 3, 7, "needs \"match\"", "add"),
        step(#"{"on":{"match":{"topic":"t"}}}"#, 3, 7, "needs \"then\"", "add"),
        step(#"{"on":{"match":{},"then":[{"note":"x"}]}}"#, 3, 16, "would match everything", "topic"),
        step(#"{"on":{"match":{"topic":"t"},"then":[]}}"#, 3, 37, "\"on\" has no steps", "at least one"),
        step(#"{"on":{"match":{"topic":"t"},"then":[{"note":"x"}],"times":0}}"#, 3, 60, "out of range", "1 to 1000000"),
        step(#"{"on":{"match":{"topic":"t"},"then":[{"note":"${nowhere}"}]}}"#, 3, 46, "unknown variable ${nowhere}", "known here"),
        step(#"{"on":{"match":{"topic":"t"},"then":[{"note":"x"}]},"capture":{"n":"n"}}"#, 3, 68, "not a JSON pointer", "/state"),
        step(
            #"{"on":{"match":{"topic":"t"},"then":[{"id":"a","note":"x"}]}}{"note":"y","after":["a"]}"#, 3, 83, "stands in a reaction",
            "expect"),
        step(
            "{\"on\":{\"match\":{\"topic\":\"t\"},\"then\":[{\"note\":\"x\"}]},\"capture\":{\"inside\":\"/n\"}}\n{\"note\":\"${inside}\"}",
            4, 9,
            "unknown variable ${inside}", "known here"),
        step(#"{"device":{"thing":"T","echo":"all"}}"#, 3, 31, "only its delta", "on"),
        step(#"{"device":{"thing":"T","until":"x"}}"#, 3, 32, "not a duration", "write seconds"),
    ]

    @Test(arguments: Self.blocks + Self.reactions)
    func thePlantedFaultIsFoundAtItsPlace(_ planted: Planted) throws {
        let faults = Plan.faults(in: Array(planted.text.utf8), file: "bad.scenario")
        let fault = try #require(faults.first)
        #expect(faults.count == 1, "\(faults.map(\.text))")
        #expect(fault.line == planted.line && fault.column == planted.column, "\(fault.text)")
        #expect(fault.what.contains(planted.what), "\(fault.text)")
        #expect(fault.cure.contains(planted.cure), "\(fault.text)")
    }

    @Test func everyFaultOfABlockIsFoundAtOnce() {
        let text = """
            {"scenario":1}
            {"repeat":{"times":2,"do":[
              {"nte":"x"},
              {"id":"ok","note":"fine"},
              {"par":[[{"note":"${u}"}],[{"at":-1,"note":"y"}]]}]}}
            {"note":"z","after":["ok"]}
            {"nte":"x"}
            """
        let faults = Plan.faults(in: Array(text.utf8), file: "f")
        #expect(faults.map { [$0.line, $0.column] } == [[3, 4], [5, 20], [5, 36], [7, 2]])
    }
}
