import JSON
import Shadows
import Testing
import Timeline

@Suite("Switches for what no capture settles")
struct ShadowSwitchTests {
    /// The texts of all messages that `requests` cause, one second apart.
    private func answers(_ requests: [(ShadowTopic.Operation, String)], _ change: (inout ShadowRules) -> Void) throws -> [[String]] {
        var rules = ShadowRules.aws
        change(&rules)
        var store = ShadowStore(rules: rules)
        let id = ShadowID(thing: try #require(ThingName("T")))
        var answers: [[String]] = []
        for (place, request) in requests.enumerated() {
            let outcome = store.handle(
                ShadowRequest(id: id, operation: request.0), payload: Array(request.1.utf8), now: WallTime(secondsSinceEpoch: Int64(place)))
            answers.append(outcome.messages.map { String(decoding: $0.payload, as: UTF8.self) })
        }
        return answers
    }

    private func last(_ requests: [(ShadowTopic.Operation, String)], _ change: (inout ShadowRules) -> Void) throws -> String {
        try #require(self.answers(requests, change).last?.first)
    }

    @Test func oddTokensCanBeIgnored() throws {
        let text = try self.last([(.update, #"{"state":{},"clientToken":5}"#)]) { $0.switches.nonStringClientToken = .ignore }
        #expect(text == #"{"state":{},"metadata":{},"version":1,"timestamp":0}"#)
        let null = try self.last([(.update, #"{"state":{},"clientToken":null}"#)]) { $0.switches.nullClientToken = .reject }
        #expect(null == #"{"code":400,"message":"Invalid clientToken"}"#)
    }

    @Test func rejectionsCanCarryTokenAndTime() throws {
        let token = String(repeating: "t", count: 65)
        let text = try self.last([(.update, #"{"state":{},"clientToken":"\#(token)"}"#)]) {
            $0.switches.echoesInvalidClientToken = true
            $0.switches.stampsRejections = true
        }
        #expect(text == #"{"code":400,"message":"Invalid clientToken","timestamp":0,"clientToken":"\#(token)"}"#)
    }

    @Test(arguments: [
        (ShadowSwitches.VersionOnMissing.conflict, "1", "Version conflict"), (.conflict, "0", "Version conflict"),
        (.acceptOne, "2", "Invalid version"), (.acceptOne, "0", "Invalid version"),
    ])
    func aVersionWithoutAShadowIsRefused(_ rule: ShadowSwitches.VersionOnMissing, _ version: String, _ message: String) throws {
        let text = try self.last([(.update, #"{"state":{},"version":\#(version)}"#)]) { $0.switches.versionOnMissingShadow = rule }
        #expect(text.contains(#""message":"\#(message)""#))
    }

    @Test func aVersionWithoutAShadowCanBeIgnored() throws {
        let text = try self.last([(.update, #"{"state":{},"version":7}"#)]) { $0.switches.versionOnMissingShadow = .ignore }
        #expect(text.contains(#""version":1"#))
    }

    @Test func emptyAndNonObjectUpdatesCanBeInvalidJSON() throws {
        for payload in ["", "5"] {
            let text = try self.last([(.update, payload)]) {
                $0.switches.emptyUpdate = .invalidJSON
                $0.switches.nonObjectUpdate = .invalidJSON
            }
            #expect(text == #"{"code":400,"message":"Invalid JSON"}"#)
        }
    }

    @Test func nullsInObjectsOfArraysCanBeRefused() throws {
        let text = try self.last([(.update, #"{"state":{"reported":{"a":[{"b":null}]}}}"#)]) { $0.switches.nullInArrayObject = .reject }
        #expect(text == #"{"code":400,"message":"State contains an invalid node: 'a'"}"#)
    }

    @Test(arguments: [
        (ShadowSwitches.NullInArrayText.invalidNode, "State contains an invalid node: 'a'"), (.invalidJSON, "Invalid JSON"),
    ])
    func theTextAboutNullsInArraysCanBeChosen(_ rule: ShadowSwitches.NullInArrayText, _ message: String) throws {
        let text = try self.last([(.update, #"{"state":{"reported":{"a":[null]}},"clientToken":"t"}"#)]) {
            $0.switches.nullInArrayText = rule
        }
        #expect(text == #"{"code":400,"message":"\#(message)","clientToken":"t"}"#)
    }

    @Test(arguments: [ShadowTopic.Operation.get, .delete])
    func contentThatIsNotJSONCanBeRefused(_ operation: ShadowTopic.Operation) throws {
        for (payload, isRefused) in [("{", true), ("hello", true), ("", false), ("5", false), ("{}", false)] {
            let text = try self.last([(.update, #"{"state":{}}"#), (operation, payload)]) { $0.switches.nonJSONContent = .reject }
            #expect((text == #"{"code":400,"message":"Invalid JSON"}"#) == isRefused, "\(payload)")
        }
    }

    @Test func arraysNeedNotAddALevel() throws {
        let nested = #"{"state":{"reported":{"a":[[[{"b":[1]}]]],"c":[]}}}"#
        for (isCounted, depth, code) in [(true, 5, "400"), (true, 6, "200"), (false, 1, "400"), (false, 2, "200")] {
            let text = try self.last([(.update, nested)]) {
                $0.switches.arraysAddLevel = isCounted
                $0.limits.documentDepth = depth
            }
            #expect(text.contains(#""code":400"#) == (code == "400"), "\(isCounted) \(depth)")
        }
    }

    @Test func newObjectsOfNullsCanBeStoredEmpty() throws {
        let text = try self.last([(.update, #"{"state":{"reported":{"a":{"b":{"c":null}},"d":null,"e":{}}}}"#), (.get, "")]) {
            $0.switches.dropsObjectsOfNulls = false
        }
        #expect(text.contains(#""state":{"reported":{"a":{"b":{}},"e":{}}},"metadata":{"reported":{"a":{"b":{}},"e":{}}}"#))
    }

    @Test func previousOfANewShadowCanBeLeftOut() throws {
        let answers = try self.answers([
            (.update, #"{"state":{}}"#), (.update, #"{"state":{}}"#), (.delete, ""), (.update, #"{"state":{}}"#),
        ]) { $0.switches.writesNullPrevious = false }
        #expect(answers[0].last == #"{"current":{"state":{},"metadata":{},"version":1},"timestamp":0}"#)
        #expect(answers[1].last?.hasPrefix(#"{"previous":{"state":{},"metadata":{},"version":1},"current":"#) == true)
        #expect(answers[3].last?.hasPrefix(#"{"current":"#) == true)
    }

    @Test func numbersCanBeComparedAsWritten() throws {
        let both = #"{"state":{"desired":{"a":1,"b":[{"c":2}]},"reported":{"a":1.0,"b":[{"c":2.0}]}}}"#
        #expect(try self.answers([(.update, both)], { _ in })[0].count == 2)
        let strict = try self.answers([(.update, both)]) { $0.switches.comparesNumbersByValue = false }
        #expect(strict[0].count == 3)
        #expect(strict[0][1].contains(#""state":{"a":1,"b":[{"c":2}]}"#))
    }

    @Test func equalValuesCanKeepTheirTime() throws {
        let text = try self.last([
            (.update, #"{"state":{"reported":{"a":1,"b":2}}}"#), (.update, #"{"state":{"reported":{"a":1,"b":3}}}"#), (.get, ""),
        ]) { $0.switches.restampsEqualValues = false }
        #expect(text.contains(#""metadata":{"reported":{"a":{"timestamp":0},"b":{"timestamp":1}}}"#))
    }

    @Test func emptiedObjectsCanBeDropped() throws {
        let text = try self.last([
            (.update, #"{"state":{"reported":{"a":{"b":{"c":1}},"d":1}}}"#), (.update, #"{"state":{"reported":{"a":{"b":{"c":null}}}}}"#),
            (.get, ""),
        ]) { $0.switches.keepsEmptiedObjects = false }
        #expect(text.contains(#""state":{"reported":{"d":1}}"#))
    }

    @Test func anUnchangedDeltaCanBeKeptQuiet() throws {
        let answers = try self.answers([
            (.update, #"{"state":{"desired":{"a":2},"reported":{"a":1}}}"#), (.update, #"{"state":{"reported":{"uptime":7}}}"#),
            (.update, #"{"state":{"desired":{"a":3}}}"#),
        ]) { $0.switches.repeatsUnchangedDelta = false }
        #expect(answers.map(\.count) == [3, 2, 3])
    }

    @Test func aDeleteNeedNotTakeAVersion() throws {
        let text = try self.last([(.update, #"{"state":{}}"#), (.delete, ""), (.update, #"{"state":{}}"#)]) {
            $0.switches.deleteTakesVersion = false
        }
        #expect(text.contains(#""version":2"#))
    }

    @Test func readsAndDeletesOverRESTCanPublishOrNot() throws {
        for isPublished in [true, false] {
            var rules = ShadowRules.aws
            rules.switches.restGetPublishes = isPublished
            rules.switches.restDeletePublishes = isPublished
            var store = ShadowStore(rules: rules)
            let id = ShadowID(thing: try #require(ThingName("T")))
            let now = WallTime(secondsSinceEpoch: 0)
            _ = store.handle(ShadowRequest(id: id, operation: .update), payload: Array(#"{"state":{}}"#.utf8), now: now)
            for operation in [ShadowTopic.Operation.get, .delete] {
                let outcome = store.handle(ShadowRequest(id: id, operation: operation, transport: .rest), payload: [], now: now)
                #expect(outcome.messages.map(\.payload) == (isPublished ? [outcome.response] : []))
            }
        }
    }

    @Test func limitsAreSettings() throws {
        let deep = try self.last([(.update, #"{"state":{"reported":{"a":{"b":1}}}}"#)]) {
            $0.limits.documentDepth = 1
            $0.switches.printedDepth = 1
        }
        #expect(deep.contains("maximum is 1"))
        let large = try self.last([(.update, #"{"state":{"reported":{"a":1}}}"#)]) { $0.limits.documentBytes = 6 }
        #expect(large.contains(#""code":413"#))
        let full = try self.last([(.update, #"{"state":{}}"#)]) { $0.limits.shadows = 0 }
        #expect(full.contains(#""code":429"#))
    }
}
