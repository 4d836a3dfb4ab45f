import Shadows
import Testing
import Timeline

@Suite("Counts and lists of shadows")
struct ShadowIndexTests {
    /// Creations, deletions, refusals, restored records and forgotten deletions in any order, against a plain set.
    @Test(arguments: 1...20)
    func countsAndListsFollowEveryChange(_ seed: Int) throws {
        var random = SeededNumbers(seed: UInt64(seed))
        var store = ShadowStore()
        var live: Set<ShadowID> = []
        let things = try ["a", "b", "B"].map { try #require(ThingName($0)) }
        let names = [nil] + ["x", "y", "$"].map { ShadowName($0) }
        for step in 0..<300 {
            let now = WallTime(secondsSinceEpoch: Int64(step) * 3600)
            let thing = try #require(things.randomElement(using: &random))
            let id = ShadowID(thing: thing, name: try #require(names.randomElement(using: &random)))
            switch Int.random(in: 0..<9, using: &random) {
            case 0...2:
                _ = store.handle(.init(id: id, operation: .update), payload: Array(#"{"state":{"reported":{"n":1}}}"#.utf8), now: now)
                live.insert(id)
            case 3:
                let large = #"{"state":{"reported":{"n":""# + String(repeating: "x", count: 9000) + #""}}}"#
                #expect(store.handle(.init(id: id, operation: .update), payload: Array(large.utf8), now: now).rejection?.code == 413)
            case 4, 5:
                _ = store.handle(.init(id: id, operation: .delete), payload: [], now: now)
                live.remove(id)
            case 6:
                try store.restore(ShadowRecord(id: id, version: 5, changedAt: now, desired: nil, reported: nil))
                live.insert(id)
            case 7:
                store.restore(ShadowTombstone(id: id, version: 6, deletedAt: now))
                live.remove(id)
            case 8:
                try store.roll(id, backTo: nil)
                live.remove(id)
            default:
                _ = store.forgetDeleted(now: now)
            }
            try #require(store.count == live.count, "seed \(seed), step \(step)")
            try #require(Set(store.allShadows) == live, "seed \(seed), step \(step)")
            for thing in things {
                let expected = live.filter { $0.thing == thing }.compactMap(\.name).sorted()
                try #require(store.listNamed(thing) == expected, "seed \(seed), step \(step)")
            }
        }
        store.removeAll()
        #expect(store.count == 0)
        #expect(store.allShadows.isEmpty)
        #expect(things.allSatisfy { store.listNamed($0).isEmpty })
    }
}
