import JSON
import Shadows
import Testing
import Timeline

@Suite("Shadow store")
struct ShadowStoreTests {
    private let start = WallTime(secondsSinceEpoch: 1_700_000_000)

    private func id(_ thing: String, _ name: String? = nil) throws -> ShadowID {
        ShadowID(thing: try #require(ThingName(thing)), name: try name.map { try #require(ShadowName($0)) })
    }

    private func request(_ id: ShadowID, _ operation: ShadowTopic.Operation) -> ShadowRequest {
        ShadowRequest(id: id, operation: operation)
    }

    @Test func shadowsAreListedByThingAndName() throws {
        var store = ShadowStore()
        let ids = try [self.id("b"), self.id("a", "z"), self.id("a"), self.id("a", "c")]
        for id in ids { _ = store.handle(self.request(id, .update), payload: Array(#"{"state":{}}"#.utf8), now: self.start) }
        #expect(store.allShadows == [ids[2], ids[3], ids[1], ids[0]])
        #expect(store.listNamed(ids[2].thing).map(\.text) == ["c", "z"])
        #expect(store.listNamed(ids[0].thing).isEmpty)
        _ = store.handle(self.request(ids[1], .delete), payload: [], now: self.start)
        #expect(store.listNamed(ids[2].thing).map(\.text) == ["c"])
        #expect(store.count == 3)
    }

    /// Once this took time with the square of the keys, and stalled everybody for it.
    @Test func anUpdateOfVeryManyKeysIsJudgedByItsSize() throws {
        var store = ShadowStore()
        let keys = (0..<40_000).map { "\"k\($0)\":1" }.joined(separator: ",")
        let outcome = store.handle(
            self.request(try self.id("T"), .update), payload: Array("{\"state\":{\"reported\":{\(keys)}}}".utf8), now: self.start)
        #expect(outcome.rejection?.code == 413)
        #expect(store.count == 0)
    }

    @Test func aReadShowsStateAndRecord() throws {
        var store = ShadowStore()
        let id = try self.id("T")
        #expect(store.get(id) == nil)
        #expect(store.state(of: id) == nil)
        let update = #"{"state":{"reported":{"b":[1,2]},"desired":{"a":1}}}"#
        let outcome = store.handle(self.request(id, .update), payload: Array(update.utf8), now: self.start)
        #expect(outcome.wasCreated)
        #expect(outcome.version == 1)
        #expect(outcome.change == store.get(id).map { .stored($0) })
        #expect(store.state(of: id) == ["desired": ["a": 1], "reported": ["b": [1, 2]]])
    }

    @Test func deletionsAreForgottenAfterTheirLife() throws {
        var store = ShadowStore()
        let id = try self.id("T")
        _ = store.handle(self.request(id, .update), payload: Array(#"{"state":{}}"#.utf8), now: self.start)
        let outcome = store.handle(self.request(id, .delete), payload: [], now: self.start)
        #expect(outcome.change == .deleted(ShadowTombstone(id: id, version: 2, deletedAt: self.start)))
        #expect(store.tombstones.count == 1)
        #expect(store.forgetDeleted(now: self.start + .seconds(48 * 3600)) == [])
        #expect(store.forgetDeleted(now: self.start + .seconds(48 * 3600 + 1)) == [id])
        #expect(store.tombstones.isEmpty)
        let again = store.handle(self.request(id, .update), payload: Array(#"{"state":{}}"#.utf8), now: self.start + .seconds(1))
        #expect(again.version == 1)
    }

    @Test func answersShareTheirTopic() throws {
        var store = ShadowStore()
        let id = try self.id("T", "cfg")
        let outcome = store.handle(self.request(id, .update), payload: Array(#"{"state":{}}"#.utf8), now: self.start)
        #expect(outcome.messages.first?.topic == store.topic(of: id, .update, .accepted))
        #expect(String(decoding: store.topic(of: id, .update, .delta), as: UTF8.self) == "$aws/things/T/shadow/name/cfg/update/delta")
        let other = try self.id("U")
        #expect(String(decoding: store.topic(of: other, .get, .rejected), as: UTF8.self) == "$aws/things/U/shadow/get/rejected")
    }

    @Test func damagedRecordsAreRefused() throws {
        let id = try self.id("T")
        func record(_ state: String, _ metadata: String, version: Int64 = 1) -> ShadowRecord {
            let section = ShadowRecord.Section(state: Array(state.utf8), metadata: Array(metadata.utf8))
            return ShadowRecord(id: id, version: version, changedAt: self.start, desired: nil, reported: section)
        }
        var store = ShadowStore()
        #expect(throws: ShadowRestoreError.notAnObject(id, section: "reported")) { try store.restore(record("[]", "{}")) }
        #expect(throws: ShadowRestoreError.badVersion(id, 0)) { try store.restore(record("{}", "{}", version: 0)) }
        #expect(throws: ShadowRestoreError.noTimestamp(id, section: "reported", pointer: "/a/b")) {
            try store.restore(record(#"{"a":{"b":1}}"#, #"{"a":{}}"#))
        }
        #expect(throws: ShadowRestoreError.self) { try store.restore(record("{", "{}")) }
        #expect(store.get(id) == nil)
    }

    @Test func anObjectOfThousandsOfKeysIsMergedInOrder() throws {
        var rules = ShadowRules.aws
        rules.limits.documentBytes = 1_000_000
        var store = ShadowStore(rules: rules)
        let id = try self.id("T")
        let keys = (0..<5000).map { "k\($0)" }
        let first = #"{"state":{"desired":{"# + keys.map { #""\#($0)":1"# }.joined(separator: ",") + "}}}"
        let second = #"{"state":{"reported":{"# + keys.reversed().map { #""\#($0)":1"# }.joined(separator: ",") + "}}}"
        let third = #"{"state":{"desired":{"# + keys.reversed().dropLast(2).map { #""\#($0)":null"# }.joined(separator: ",") + "}}}"
        for text in [first, second] {
            _ = store.handle(self.request(id, .update), payload: Array(text.utf8), now: self.start)
        }
        let outcome = store.handle(self.request(id, .update), payload: Array(third.utf8), now: self.start)
        #expect(outcome.messages.map(\.answer) == [.accepted, .documents])
        #expect(store.state(of: id)?["desired"]?.text == #"{"k0":1,"k1":1}"#)
    }
}
