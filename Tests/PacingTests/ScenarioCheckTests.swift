import JSON
import Pacing
import Testing

/// What `check` finds without running anything. Scheduler §12.
@Suite struct ScenarioCheckTests {
    private static func result(_ text: String, remote: Bool = false, limit: Int = 100, files: [String: String] = [:]) -> CheckResult {
        var options = ScenarioCheck.Options()
        options.limit = limit
        options.reading.isRemote = remote
        return ScenarioCheck.findings(in: Array(text.utf8), file: "f", options: options) { files[$0].map { Array($0.utf8) } }
    }

    private static func findings(_ steps: String, header: String = "{\"scenario\":1}", remote: Bool = false) -> [String] {
        Self.result("\(header)\n{\"connect\":{\"client\":\"app\"}}\n\(steps)", remote: remote).findings.map(\.text)
    }

    // MARK: Fixtures

    /// Acceptance test 13.
    @Test func everyPlantedFaultIsFoundAtItsPlaceAndNothingElse() throws {
        let names = try Fixtures.badNames
        #expect(names.count >= 30)
        for name in names {
            let bytes = try Fixtures.bytes("bad/\(name)")
            let expected = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("#! ") }.map {
                $0.dropFirst(3)
            }
            let result = ScenarioCheck.findings(in: bytes, file: name) { try? Fixtures.bytes("bad/\($0)") }
            #expect(!expected.isEmpty, "\(name)")
            #expect(result.findings.map(\.text) == expected.map { "\(name):\($0)" })
        }
    }

    @Test func theShippedScenariosHaveNoFinding() throws {
        for name in try Fixtures.names {
            let result = ScenarioCheck.findings(in: try Fixtures.bytes(name), file: name) { try? Fixtures.bytes($0) }
            #expect(result.findings.isEmpty, "\(result.findings.map(\.text))")
            #expect(result.steps > 0)
        }
    }

    @Test func aFileInPiecesIsCheckedAsAWhole() throws {
        for name in try Fixtures.badNames where name != "binary-junk.scenario" {
            let bytes = try Fixtures.bytes("bad/\(name)")
            let whole = ScenarioCheck.findings(in: bytes, file: name) { try? Fixtures.bytes("bad/\($0)") }
            let pieces = ScenarioCheck.findings(
                pieces: { Array(bytes.dropFirst($0).prefix(100)) }, file: name, readFile: { try? Fixtures.bytes("bad/\($0)") })
            #expect(pieces.findings == whole.findings)
        }
    }

    // MARK: Times

    @Test func onlyAStepThatSaysItsTimeCanBeLate() {
        let updates = (0..<3).map { "{\"update\":{\"thing\":\"T\",\"shadow\":\"s\($0)\",\"reported\":{}}}\n" }.joined()
        #expect(Self.findings(updates).isEmpty)
        #expect(
            Self.findings(updates + "{\"at\":\"1.5s\",\"update\":{\"thing\":\"T\",\"reported\":{}}}") == [
                "f:6:7: warning: this step will be 1.5 s late: lane thing:T keeps 1 s after step update3, which goes at 2 s; "
                    + "plan it at 3 s, or give the lane a smaller minGap"
            ])
        #expect(Self.findings(updates + "{\"at\":\"1.5s\",\"update\":{\"thing\":\"U\",\"reported\":{}}}").isEmpty)
    }

    @Test func behindABlockNobodyKnowsTheTime() {
        let block =
            #"{"repeat":{"times":2,"do":[{"update":{"thing":"T","reported":{}}},{"wait":"10ms","update":{"thing":"T","reported":{}}}]}}"#
        let before = "{\"at\":\"5s\",\"update\":{\"thing\":\"T\",\"reported\":{}}}\n"
        let after = "\n{\"wait\":\"10ms\",\"update\":{\"thing\":\"T\",\"reported\":{}}}"
        #expect(
            Self.findings(before + block + after) == [
                "f:4:75: warning: this step will be 990 ms late: lane thing:T keeps 1 s after step update2.0, which goes at 0 s; "
                    + "plan it at 1 s, or give the lane a smaller minGap"
            ])
    }

    @Test func quotasAreOnlyCountedWhereTheyAreObeyed() {
        let publishes = String(repeating: "{\"wait\":\"9ms\",\"as\":\"app\",\"pub\":{\"topic\":\"t\",\"payload\":1}}\n", count: 150)
        #expect(
            Self.findings(publishes) == [
                "f:103:1: warning: client app publishes 111 messages in the second from 0 s, and its connection may 100: the others will wait; "
                    + "spread them, or write \"quota\": \"exceed\" to see what happens"
            ])
        #expect(Self.findings(publishes, header: "{\"scenario\":1,\"quota\":\"exceed\"}").isEmpty)
        #expect(Self.findings(publishes, header: "{\"scenario\":1,\"profile\":\"plain\"}").isEmpty)
    }

    // MARK: Messages

    @Test(arguments: [
        // The messages of a step's own request, of a device, of a will, of a reaction.
        #"{"update":{"thing":"T","reported":{}}}"# + "\n" + #"{"expect":{"topic":"$aws/things/T/shadow/update/documents"}}"#,
        #"{"device":{"thing":"T"}}"# + "\n" + #"{"expect":{"topic":"$aws/things/T/shadow/update/accepted"}}"#,
        #"{"connect":{"client":"w","will":{"topic":"gone","payload":1}}}"# + "\n" + #"{"expect":{"topic":"gone"}}"#,
        #"{"on":{"match":{"topic":"a"},"then":[{"pub":{"topic":"b","payload":1}}]}}"# + "\n" + #"{"expect":{"topic":"b"}}"#,
        // What others do, what comes later, what is not known before the run.
        #"{"expect":{"topic":"$aws/events/presence/connected/app"}}"#,
        #"{"expect":{"topic":"a/b"}}"# + "\n" + #"{"pub":{"topic":"a/b","payload":1}}"#,
        #"{"repeat":{"times":3,"do":[{"pub":{"topic":"a/${i}","payload":1}}]}}"# + "\n" + #"{"expect":{"topic":"a/2"}}"#,
        #"{"pub":{"topic":"a/${now}","payload":1}}"# + "\n" + #"{"expect":{"topic":"a/b"}}"#,
        // Seen by a filter with wildcards, by one that comes later, by an old session.
        #"{"sub":{"client":"app","filters":["a/+/#"]}}"# + "\n" + #"{"pub":{"topic":"a/b","payload":1}}"# + "\n"
            + #"{"expect":{"client":"app","topic":"+/b"}}"#,
        #"{"expect":{"client":"app","topic":"a"},"within":"5s"}"# + "\n" + #"{"pub":{"topic":"a","payload":1}}"# + "\n"
            + #"{"sub":{"client":"app","filters":["a"]}}"#,
        #"{"connect":{"client":"old","clean":false}}"# + "\n" + #"{"pub":{"topic":"a","payload":1}}"# + "\n"
            + #"{"expect":{"client":"old","topic":"a"}}"#,
        #"{"expect":{"topic":"nothing"},"count":0}"#, #"{"never":{"topic":"nothing"},"for":"1s"}"#,
    ])
    func whatMayComeIsNoFinding(_ steps: String) {
        #expect(Self.findings(steps).isEmpty, "\(Self.findings(steps))")
    }

    @Test func atARemoteTargetOthersMayPublish() {
        let steps = "{\"expect\":{\"topic\":\"a\"}}"
        #expect(Self.findings(steps).count == 1)
        #expect(Self.findings(steps, remote: true).isEmpty)
    }

    @Test func equalTokensAreToldApartOnlyInside() {
        let steps =
            #"{"as":"app","get":{"thing":"T","token":"x"},"expectReject":404}"# + "\n"
            + #"{"as":"app","get":{"thing":"T","token":"x"},"expectReject":404}"#
        #expect(Self.findings(steps).isEmpty)
        #expect(
            Self.findings(steps, remote: true) == [
                "f:4:40: warning: the request of line 3 has the same token, so at a remote target their answers cannot be told apart; "
                    + "give this one another token, or none"
            ])
    }

    // MARK: Variables

    @Test func aVariableIsUsedWhereverItStands() {
        let header = #"{"scenario":1,"vars":{"a":1,"b":"T","c":"x","d":2},"lanes":{"${c}":{"slots":"${d}"}}}"#
        let steps =
            #"{"repeat":{"times":2,"do":[{"note":"no ${a}"}]}}"# + "\n" + #"{"never":{"topic":"x","json":{"v":{"$var":"b"}}},"for":"1s"}"#
        #expect(Self.findings(steps, header: header).isEmpty, "\(Self.findings(steps, header: header))")
    }

    @Test func aVariableMayBeForAnIncludedFile() {
        let text = "{\"scenario\":1,\"vars\":{\"a\":1}}\n{\"include\":\"other\"}"
        #expect(Self.result(text, files: ["other": "{\"scenario\":1}\n{\"note\":\"no ${a}\"}"]).findings.isEmpty)
    }

    // MARK: The result

    @Test func whatIsInAnIncludedFileIsToldThere() {
        let text = "{\"scenario\":1}\n{\"include\":\"other\"}\n{\"nte\":1}"
        let result = Self.result(text, files: ["other": "{\"scenario\":1}\n{\"pub\":{\"topic\":\"$x\",\"payload\":1}}"])
        #expect(result.findings.map { "\($0.file):\($0.line):\($0.column)" } == ["f:3:2", "other:2:17"])
    }

    @Test func noMoreThanTheLimitIsToldAndTheRestIsCounted() {
        let steps = String(repeating: "{\"nte\":\"x\"}\n", count: 250)
        let result = Self.result("{\"scenario\":1}\n\(steps)", limit: 7)
        #expect(result.findings.map(\.line) == Array(2...8))
        #expect(result.errors == 250 && result.warnings == 0 && result.more == 243)
    }

    @Test func skippedStepsAreNotLookedAt() {
        #expect(Self.findings(#"{"skip":true,"pub":{"topic":"$x","payload":1}}"#).isEmpty)
    }

    @Test func findingsAreJSONToo() throws {
        let finding = try #require(Self.result("{\"scenario\":2}").findings.first)
        #expect(finding.document["severity"] == "error" && finding.document["line"] == 1 && finding.document["column"] == 13)
        #expect(finding.document.object?.keys == ["severity", "file", "line", "column", "what", "cure"])
    }
}
