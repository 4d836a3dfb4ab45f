import Pacing
import Testing
import Timeline

/// `include`. Scheduler §16.4, §19 "include cycle, too deep".
@Suite struct IncludeTests {
    private static func plan(_ main: String, _ files: [String: String], file: String = "dir/main.scenario") throws -> Plan {
        try Plan.read(Array(main.utf8), file: file) { path in files[path].map { Array($0.utf8) } }
    }

    private static func fault(_ main: String, _ files: [String: String]) throws -> ScenarioError {
        try #require(throws: ScenarioError.self) { try Self.plan(main, files) }
    }

    @Test func theStepsOfAnotherFileStandInItsPlace() throws {
        let plan = try Self.plan(
            """
            {"scenario":1,"profile":"plain","vars":{"x":1}}
            {"id":"a","at":"1s","pub":{"topic":"a","payload":1}}
            {"include":"./lib/part.scenario","wait":"1s"}
            {"id":"z","wait":"1s","after":["b"],"pub":{"topic":"z/${y}","payload":"${x}"}}
            """,
            [
                "lib/part.scenario": """
                # part
                {"scenario":1,"name":"part","profile":"plain","vars":{"y":"why","x":1}}
                {"id":"b","wait":"500ms","after":["a"],"pub":{"topic":"b/${y}","payload":1}}
                {"include":"other.scenario"}
                """,
                "other.scenario": "{\"scenario\":1}{\"id\":\"c\",\"pub\":{\"topic\":\"c\",\"payload\":{\"file\":\"f.bin\"}}}",
                "f.bin": "from a file",
            ])
        let steps = plan.steps
        #expect(steps.map(\.id) == ["a", "b", "c", "z"])
        #expect(steps.map(\.planned) == [.seconds(1), .milliseconds(2500), .milliseconds(2500), .milliseconds(3500)])
        #expect(steps.map(\.file) == [nil, "dir/lib/part.scenario", "dir/other.scenario", nil])
        #expect(steps.map(\.line) == [2, 3, 1, 4])
        let shell = VirtualShell(plan)
        #expect(shell.run().state == .passed)
        #expect(shell.publishes.map(\.publish.topic) == ["a", "b/why", "c", "z/why"])
        #expect(shell.publishes[2].publish.payload == Array("from a file".utf8))
    }

    @Test func aBlockTakesInAFileForEveryPass() throws {
        let plan = try Self.plan(
            #"{"scenario":1}{"repeat":{"times":2,"do":[{"include":"p"},{"wait":"1s"}]}}"#,
            ["p": #"{"scenario":1}{"id":"a","pub":{"topic":"t/${i}","payload":1}} {"repeat":{"times":2,"do":[{"id":"b","note":"${i}"}]}}"#])
        let shell = VirtualShell(plan)
        let report = shell.run()
        #expect(report.state == .passed)
        #expect(shell.publishes.map(\.publish.topic) == ["t/0", "t/1"])
        #expect(report.steps.map(\.id).filter { $0.hasPrefix("b") } == ["b.0.0", "b.0.1", "b.1.0", "b.1.1"])
    }

    @Test(arguments: [
        ("/etc/passwd", "leads out of"), ("../x", "leads out of"), ("a/../../x", "leads out of"), ("a\\\\x", "leads out of"),
        ("", "leads out of"),
        ("./", "leads out of"), ("a//b", "leads out of"), ("nowhere", "cannot be read"),
    ])
    func filesOutsideTheFolderAreRefused(_ path: String, _ what: String) throws {
        let fault = try Self.fault("{\"scenario\":1}\n{\"include\":\"\(path)\"}", ["x": "{\"scenario\":1}"])
        #expect(fault.what.contains(what), "\(fault.text)")
        #expect([fault.line, fault.column] == [2, 12])
        #expect(fault.file == "dir/main.scenario")
    }

    @Test func circlesAreFoundWithBothPlaces() throws {
        let itself = try Self.fault("{\"scenario\":1}\n{\"include\":\"main.scenario\"}", ["main.scenario": ""])
        #expect(itself.text.hasPrefix("dir/main.scenario:2:12: \"main.scenario\" includes itself; "), "\(itself.text)")
        let circle = try Self.fault(
            "{\"scenario\":1}\n\n{\"include\":\"a\"}",
            ["a": "{\"scenario\":1}\n{\"include\":\"b\"}", "b": "{\"scenario\":1}\n\n\n{\"include\":\"./a\"}"])
        #expect(circle.text.hasPrefix("dir/b:4:12: \"a\" includes itself, through line 2 of dir/a; "), "\(circle.text)")
    }

    @Test func includesStandAtMostEightDeep() throws {
        let files = Dictionary(uniqueKeysWithValues: (1...12).map { ("f\($0)", "{\"scenario\":1}\n{\"include\":\"f\($0 + 1)\"}") })
        let fault = try Self.fault("{\"scenario\":1}\n{\"include\":\"f1\"}", files)
        #expect(
            fault.text
                == "dir/f8:2:12: files are included more than 8 deep, beginning at line 2 of dir/main.scenario; include it further out")
        var fewer = files
        fewer["f8"] = "{\"scenario\":1}"
        #expect(try Self.plan("{\"scenario\":1}\n{\"include\":\"f1\"}", fewer).steps.isEmpty)
    }

    @Test(arguments: [
        (#"{"scenario":1,"profile":"plain"}"#, 25, "contradicts the scenario, whose profile"),
        (#"{"scenario":1,"seed":9}"#, 22, "whose seed"),
        (#"{"scenario":1,"clock":"virtual"}"#, 23, "whose clock"), (#"{"scenario":1,"vars":{"x":2}}"#, 23, "has another value"),
        (#"{"scenario":1,"laneBy":"one"}"#, 15, "says nothing of the kind"), (#"{"note":"x"}"#, 1, "not a header"),
        ("", 12, "has no header"),
    ])
    func headersMustNotContradict(_ header: String, _ column: Int, _ what: String) throws {
        let fault = try Self.fault("{\"scenario\":1,\"seed\":3,\"vars\":{\"x\":1}}\n{\"include\":\"p\"}", ["p": header])
        #expect(fault.what.contains(what), "\(fault.text)")
        #expect(fault.column == column && fault.file == (header.isEmpty ? "dir/main.scenario" : "dir/p"), "\(fault.text)")
    }

    @Test func headersMayAgree() throws {
        let plan = try Self.plan(
            #"{"scenario":1,"seed":3,"clock":"scaled(10)","laneBy":"one","vars":{"x":1}}{"include":"p"}"#,
            ["p": #"{"scenario":1,"profile":"aws","seed":3,"clock":{"scaled":10.0},"laneBy":"one","vars":{"x":1.0},"x-tool":1}"#])
        #expect(plan.steps.isEmpty)
    }

    @Test func failuresNameTheFileOfTheirStep() throws {
        let plan = try Self.plan(
            "{\"scenario\":1}\n{\"include\":\"p\"}\n{\"id\":\"z\",\"get\":{\"thing\":\"T\"}}",
            ["p": "{\"scenario\":1}\n{\"id\":\"a\",\"get\":{\"thing\":\"T\"}}"])
        let shell = VirtualShell(plan)
        shell.respond = { _ in .init(answer: .rejected(code: 404, message: "No shadow")) }
        let report = shell.run()
        #expect(report.failures.first?.text.hasPrefix("step a (get, line 2 of dir/p) failed") == true)
        #expect(report.step("z")?.detail == "step a (line 2 of dir/p) failed")
        #expect(report.document[pointer: "/steps/0/file"] == "dir/p")
    }

    @Test func idsAreSharedAndFaultsNameTheirFile() throws {
        let taken = try Self.fault(
            "{\"scenario\":1}\n{\"id\":\"a\",\"note\":\"x\"}\n{\"include\":\"p\"}", ["p": "{\"scenario\":1}\n{\"id\":\"a\",\"note\":\"y\"}"]
        )
        #expect(taken.text == "dir/p:2:7: the id \"a\" is taken by the step of line 2 of dir/main.scenario; give this step another id")
        let bad = try Self.fault("{\"scenario\":1}\n{\"include\":\"p\"}", ["p": "{\"scenario\":1}\n{\"note\":\"y\"} oops"])
        #expect(bad.text.hasPrefix("dir/p:2:14: found 'o', expected an object"), "\(bad.text)")
        let inBlock = try Self.fault(
            "{\"scenario\":1}\n{\"par\":[[{\"include\":\"p\"}]]}", ["p": "{\"scenario\":1}\n{\"note\":\"${u}\"}"])
        #expect(inBlock.text.hasPrefix("dir/p:2:9: unknown variable ${u}"), "\(inBlock.text)")
    }
}
