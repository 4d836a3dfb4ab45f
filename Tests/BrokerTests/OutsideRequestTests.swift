import Broker
import MQTTWire
import Shadows
import Testing
import Topics

/// What comes in without MQTT, as HTTP requests do: the same service, the same messages. `device-shadow.md` §7, §12.
@Suite struct OutsideRequestTests {
    private static func id(_ thing: String) throws -> ShadowID { ShadowID(thing: try #require(ThingName(thing))) }

    @Test func anUpdateIsPublishedAsForAMessage() throws {
        let harness = CoreHarness()
        let watcher = harness.connected("w", .aws)
        watcher.subscribe("$aws/things/T/shadow/#", qos: .atMostOnce)
        let outcome = harness.core.shadow(
            .update, try Self.id("T"), payload: Array(#"{"state":{"desired":{"a":1}}}"#.utf8), from: .accessKey("test"))
        harness.settle()
        #expect(outcome.version == 1)
        #expect(
            watcher.all().map { $0.split(separator: " ")[1] } == [
                "$aws/things/T/shadow/update/accepted", "$aws/things/T/shadow/update/delta", "$aws/things/T/shadow/update/documents",
            ])
    }

    @Test func whatIsRefusedIsNotPublished() throws {
        let harness = CoreHarness()
        let watcher = harness.connected("w", .aws)
        watcher.subscribe("$aws/things/T/shadow/#", qos: .atMostOnce)
        let outcome = harness.core.shadow(.update, try Self.id("T"), payload: Array("{}".utf8), from: .unnamed)
        harness.settle()
        #expect(outcome.rejection == .missingState)
        #expect(watcher.all() == [])
        #expect(harness.core.counters.shadowRejections == 1)
    }

    @Test func itsAnswerWaitsForTheJournalAndSoDoesAReadThatWouldShowIt() throws {
        let journal = ManualJournal()
        let harness = CoreHarness(journal: journal)
        var answered: [String] = []
        _ = harness.core.shadow(.update, try Self.id("T"), payload: Array(#"{"state":{}}"#.utf8), from: .unnamed)
        harness.core.whenSafe { answered.append("update") }
        let read = harness.core.shadow(.get, try Self.id("T"), payload: [], from: .unnamed)
        harness.core.whenSafe { answered.append("get \(read.version ?? 0)") }
        harness.settle()
        #expect(answered == [])
        harness.core.groupCommitted(try #require(journal.groups.last))
        #expect(answered == ["update", "get 1"])
    }
}
