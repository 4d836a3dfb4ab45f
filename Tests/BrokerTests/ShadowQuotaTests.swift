import Broker
import MQTTWire
import NIOCore
import Sessions
import Shadows
import Testing
import Timeline
import Topics

/// Rates and counts of the shadow service. `device-shadow.md` §8 (429), §10.
@Suite("Quotas of shadows")
struct ShadowQuotaTests {
    private let state = #"{"state":{"reported":{"a":1}},"clientToken":"t"}"#

    private func watched(_ harness: CoreHarness, _ profile: ServiceProfile, _ id: String = "c") -> TestClient {
        let client = harness.connected(id, profile)
        client.subscribe("$aws/things/+/shadow/+/accepted", "$aws/things/+/shadow/+/rejected", qos: .atMostOnce)
        client.subscribe("$aws/things/+/shadow/name/+/+/accepted", "$aws/things/+/shadow/name/+/+/rejected", qos: .atMostOnce)
        return client
    }

    /// The last words of the answers' topics: `accepted` or `rejected`.
    private func answers(_ client: TestClient) -> [String] {
        client.all().compactMap { text in text.split(separator: " ")[1].split(separator: "/").last.map(String.init) }
    }

    private func update(_ client: TestClient, _ shadow: String) {
        client.publish("$aws/things/\(shadow)/update", self.state)
    }

    @Test func requestsBeyondTheRateOfAShadowAreRejected() {
        let harness = CoreHarness()
        let client = self.watched(harness, QuotaTests.aws(.shadowRate, Quota(.enforce, limit: 2)))
        for _ in 1...2 { self.update(client, "T/shadow") }
        client.publish("$aws/things/T/shadow/get", #"{"clientToken":"g"}"#)
        #expect(
            client.all().last
                == #"PUBLISH $aws/things/T/shadow/get/rejected "{"code":429,"message":"TOO_MANY_REQUESTS","clientToken":"g"}" q0"#)
        self.update(client, "T/shadow/name/other")
        self.update(client, "U/shadow")
        #expect(self.answers(client) == ["accepted", "accepted"], "other shadows have their own")
        harness.advance(by: .nanoseconds(499_999_999))
        self.update(client, "T/shadow")
        harness.advance(by: .nanoseconds(1))
        self.update(client, "T/shadow")
        #expect(self.answers(client) == ["rejected", "accepted"])
        #expect(harness.core.counters.overQuota[.shadowRate] == 2)
        #expect(harness.core.counters.shadowRejections == 2)
    }

    @Test func theRateCanBeThatOfAThing() {
        let harness = CoreHarness()
        let client = self.watched(
            harness, QuotaTests.aws(.shadowRate, Quota(.enforce, limit: 2)) { $0.shadowRateScope = .thing })
        for shadow in ["T/shadow", "T/shadow/name/a", "T/shadow/name/b", "U/shadow"] { self.update(client, shadow) }
        #expect(self.answers(client) == ["accepted", "accepted", "rejected", "accepted"])
    }

    @Test func whatWaitsForTheJournalIsInFlight() throws {
        let journal = ManualJournal()
        let harness = CoreHarness(journal: journal)
        let client = self.watched(harness, QuotaTests.aws(.shadowInFlight, Quota(.enforce, limit: 2)))
        for _ in 1...3 { self.update(client, "T/shadow") }
        self.update(client, "U/shadow")
        while harness.core.hasUncommittedWork {
            harness.core.groupCommitted(try #require(journal.groups.last))
            harness.settle()
        }
        #expect(self.answers(client) == ["accepted", "accepted", "rejected", "accepted"])
        self.update(client, "T/shadow")
        harness.core.groupCommitted(try #require(journal.groups.last))
        harness.settle()
        #expect(self.answers(client) == ["accepted"])
        #expect(harness.core.counters.overQuota[.shadowInFlight] == 1)
    }

    @Test func whatTheJournalCouldNotKeepIsInFlightNoMore() throws {
        let journal = ManualJournal()
        let harness = CoreHarness(journal: journal)
        let client = self.watched(harness, QuotaTests.aws(.shadowInFlight, Quota(.enforce, limit: 1)))
        self.update(client, "T/shadow")
        harness.core.groupFailed(try #require(journal.groups.last), "full")
        harness.settle()
        client.publish("$aws/things/T/shadow/get")
        #expect(
            client.all().map { $0.contains("\"code\":500") ? 500 : $0.contains("\"code\":404") ? 404 : 0 } == [500, 404],
            "neither is refused for being one too many")
    }

    /// Packets that come in one piece are handled before any answer leaves.
    @Test func requestsOfOneTickAreInFlightTogether() {
        let harness = CoreHarness()
        let client = self.watched(harness, QuotaTests.aws(.shadowInFlight, Quota(.enforce, limit: 10)))
        var bytes = ByteBuffer()
        for _ in 1...12 {
            OutgoingPublish(topic: "$aws/things/T/shadow/update", payload: self.state, qos: .atMostOnce)
                .write(to: &bytes, version: .v5)
        }
        client.raw(Array(bytes.readableBytesView))
        #expect(self.answers(client) == Array(repeating: "accepted", count: 10) + ["rejected", "rejected"])
        client.raw(Array(bytes.readableBytesView))
        #expect(self.answers(client).count { $0 == "accepted" } == 10, "the next tick begins with none")
    }

    @Test func requestsInFlightCanBeThoseOfAConnection() {
        let journal = ManualJournal()
        let harness = CoreHarness(journal: journal)
        let profile = QuotaTests.aws(.shadowInFlight, Quota(.enforce, limit: 2)) { $0.shadowInFlightScope = .connection }
        let one = harness.connected("1", profile)
        let two = harness.connected("2", profile)
        for thing in ["T", "U", "V"] { self.update(one, "\(thing)/shadow") }
        self.update(two, "T/shadow")
        #expect(harness.core.counters.overQuota[.shadowInFlight] == 1)
        #expect(harness.core.counters.shadowRejections == 1)
    }

    @Test func restAndMessagesAreCountedTogether() throws {
        let harness = CoreHarness()
        let profile = QuotaTests.aws(.shadowRate, Quota(.enforce, limit: 2))
        let client = harness.connected("c", profile)
        for _ in 1...2 { self.update(client, "T/shadow") }
        let id = ShadowID(thing: try #require(ThingName("T")))
        let door = Door(name: "http", profile: profile)
        let outcome = harness.core.shadow(.get, id, payload: [], from: .accessKey("test"), through: door)
        let why = "more than 2 requests a second for one shadow; AWS IoT answers what is more with 429 (quota shadow-rate)"
        #expect(outcome.rejection == .tooManyRequests(why: why))
        #expect(outcome.messages.isEmpty)
        #expect(String(decoding: outcome.response, as: UTF8.self) == #"{"code":429,"message":"The rate exceeds the limit."}"#)
        #expect(outcome.rejection?.exceptionName == "ThrottlingException")
        #expect(harness.core.shadow(.get, id, payload: [], from: .unnamed).version == 2, "without a door nothing is charged")
        let topic = try TopicName("$aws/things/T/shadow/update")
        harness.core.inject(topic: topic, payload: Array(self.state.utf8), qos: .atMostOnce, retain: false, through: door)
        #expect(harness.core.counters.shadowRejections == 2)
    }

    @Test func aWarningRejectsNothing() {
        let lines = LogLines()
        let harness = CoreHarness(logger: lines.logger)
        let client = self.watched(harness, .aws)
        for _ in 1...30 { self.update(client, "T/shadow") }
        #expect(self.answers(client) == Array(repeating: "accepted", count: 30))
        #expect(harness.core.counters.overQuota[.shadowRate] == 10)
        #expect(lines.all.count { $0.contains("more than 20 requests a second for one shadow") } == 1)
    }

    @Test func thePlainDoorIsNotCharged() {
        let harness = CoreHarness()
        let client = harness.connected("c")
        for _ in 1...30 { self.update(client, "T/shadow") }
        #expect(QuotaName.allCases.allSatisfy { harness.core.counters.overQuota[$0] == 0 })
    }
}
