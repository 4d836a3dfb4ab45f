import JSON
import Pacing
import Shadows
import Testing
import Timeline

/// `shadowIs`. Scheduler §16.4.
@Suite struct ShadowCheckTests {
    private static let state = #"{"desired":{"temp":21,"on":true},"reported":{"temp":20,"list":[1,2],"deep":{"a":{"b":1}}}}"#

    private static func report(_ check: String, state: String? = Self.state) throws -> RunReport {
        let step = #"{"id":"s","at":"1s","shadowIs":{"thing":"T","shadow":"cfg",\#(check)}}"#
        let shell = try VirtualShell(#"{"scenario":1,"vars":{"t":20}}"# + step)
        let value = try state.map { try JSONValue(parsing: $0) }
        shell.read = { id in
            #expect(id.topicPrefix == "$aws/things/T/shadow/name/cfg")
            return ShadowReading(state: value, version: value == nil ? nil : 7)
        }
        return shell.run()
    }

    @Test(arguments: [
        #""version":7"#, #""includes":{"reported":{"temp":20}}"#,
        #""includes":{"reported":{"temp":"${t}"},"desired":{"on":{"$type":"boolean"}}}"#,
        #""equals":{"reported":{"deep":{"a":{"b":1}},"list":[1,2],"temp":20.0},"desired":{"on":true,"temp":21}},"version":7"#,
    ])
    func aShadowThatIsAsAskedForSettles(_ check: String) throws {
        let report = try Self.report(check)
        #expect(report.state == .passed)
        #expect(report.step("s")?.ended == .seconds(1))
        #expect(report.step("s")?.dispatched == nil)
    }

    @Test(arguments: [
        (#""version":6"#, "version: expected 6, found 7"),
        (#""includes":{"reported":{"temp":21}}"#, "/reported/temp: expected 21, found 20"),
        (
            #""includes":{"reported":{"temp":{"$gt":20}},"desired":{"off":true}}"#,
            "/reported/temp: expected more than 20.0, found 20; /desired/off: expected true, found nothing"
        ),
        (
            #""includes":{"reported":{"list":[1,3],"deep":{"a":{"b":2}}}}"#,
            "/reported/list/1: expected 3, found 2; /reported/deep/a/b: expected 2, found 1"
        ),
        (#""includes":{"reported":{"temp":{"$absent":true}}}"#, "/reported/temp: expected nothing, found 20"),
        (
            #""equals":{"desired":{"temp":21},"reported":{"temp":20,"list":[1],"deep":{}}}"#,
            "/desired/on: expected nothing, found true; /reported/list: expected [1], found [1,2]; /reported/deep/a: expected nothing, found {\"b\":1}"
        ),
        (#""absent":true"#, "there is one, version 7: " + Self.state),
    ])
    func theFailureShowsTheDifference(_ check: String, _ got: String) throws {
        let failure = try #require(try Self.report(check).step("s")?.failure)
        #expect(failure.got == got)
        #expect(failure.topic == "$aws/things/T/shadow/name/cfg/get")
        #expect(!failure.awaited.isEmpty)
    }

    @Test func aShadowThatIsNotThere() throws {
        #expect(try Self.report(#""absent":true"#, state: nil).state == .passed)
        #expect(try Self.report(#""version":1"#, state: nil).step("s")?.failure?.got == "there is no such shadow")
    }

    @Test func anAnswerThatDoesNotComeIsATimeOut() throws {
        let shell = try VirtualShell(#"{"scenario":1}{"id":"s","timeout":"2s","shadowIs":{"thing":"T","absent":true}}"#)
        shell.read = { _ in nil }
        let report = shell.run()
        #expect(report.step("s")?.failure?.got == "nothing in time (time-out)")
        #expect(report.step("s")?.ended == .seconds(2))
    }
}
