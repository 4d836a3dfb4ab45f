import Testing
import Timeline

@testable import Shadows

@Suite("The past of shadows")
struct ShadowHistoryTests {
    private static func limits(_ versions: Int = 3, perShadow: Int = .max, bytes: Int = .max) -> ShadowHistory.Limits {
        var limits = ShadowHistory.Limits()
        limits.versions = versions
        limits.bytesPerShadow = perShadow
        limits.bytes = bytes
        return limits
    }

    private static func id(_ name: String) throws -> ShadowID { ShadowID(thing: try #require(ThingName(name))) }

    private static func stored(_ name: String, _ version: Int64, bytes: Int = 10) throws -> ShadowChange {
        let section = ShadowRecord.Section(state: Array(repeating: 0x20, count: bytes), metadata: [])
        return .stored(
            ShadowRecord(
                id: try Self.id(name), version: version, changedAt: WallTime(secondsSinceEpoch: version), desired: section, reported: nil))
    }

    private static let origin = ShadowVersion.Origin(cause: 1, clientID: "c", principal: nil)

    @Test func theLatestVersionsAreKept() throws {
        var history = ShadowHistory(limits: Self.limits(3))
        var dropped: [UInt64] = []
        for version in 1...5 {
            let made = history.append(try Self.stored("a", Int64(version)), origin: Self.origin)
            dropped += history.becameSafe(through: made.serial)
        }
        #expect(history.versions(of: try Self.id("a")).map(\.version) == [3, 4, 5])
        #expect(dropped == [1, 2])
    }

    @Test func nothingIsDroppedBeforeALaterVersionIsSafe() throws {
        var history = ShadowHistory(limits: Self.limits(2))
        _ = history.append(try Self.stored("a", 1), origin: Self.origin)
        #expect(history.becameSafe(through: 1) == [])
        for version in 2...5 { _ = history.append(try Self.stored("a", Int64(version)), origin: Self.origin) }
        #expect(history.versions(of: try Self.id("a")).map(\.version) == [1, 2, 3, 4, 5])
        #expect(history.rollBack().map { $0.version?.version } == [1])
        #expect(history.versions(of: try Self.id("a")).map(\.version) == [1])
        #expect(history.append(try Self.stored("a", 2), origin: Self.origin).serial == 2, "what was taken back left no gap")
    }

    @Test func aShadowMadeInVainIsForgotten() throws {
        var history = ShadowHistory()
        _ = history.append(try Self.stored("a", 1), origin: Self.origin)
        let back = history.rollBack()
        #expect(back.count == 1 && back[0].version == nil)
        #expect(history.all.isEmpty)
    }

    @Test func oneShadowTakesOnlySoManyBytes() throws {
        var history = ShadowHistory(limits: Self.limits(100, perShadow: 3000))
        for version in 1...10 {
            _ = history.append(try Self.stored("a", Int64(version), bytes: 800), origin: Self.origin)
            _ = history.becameSafe(through: UInt64(version))
        }
        #expect(history.versions(of: try Self.id("a")).map(\.version) == [7, 8, 9, 10])
    }

    @Test func ofAllShadowsTheOldestVersionsGoFirstButNeverThePresentOnes() throws {
        var history = ShadowHistory(limits: Self.limits(100, bytes: 4000))
        var serial: UInt64 = 0
        for (name, version) in [("a", 1), ("b", 1), ("a", 2), ("b", 2), ("c", 1), ("a", 3), ("c", 2), ("c", 3)] as [(String, Int64)] {
            serial = history.append(try Self.stored(name, version, bytes: 800), origin: Self.origin).serial
            _ = history.becameSafe(through: serial)
        }
        #expect(try ["a", "b", "c"].map { try history.versions(of: Self.id($0)).map(\.version) } == [[2, 3], [1, 2], [1, 2, 3]])
        for version in 4...7 {
            serial = history.append(try Self.stored("c", Int64(version), bytes: 800), origin: Self.origin).serial
            _ = history.becameSafe(through: serial)
        }
        #expect(try ["a", "b", "c"].map { try history.versions(of: Self.id($0)).map(\.version) } == [[3], [2], [3, 4, 5, 6, 7]])
    }

    @Test func aDeletionIsAVersionToo() throws {
        var history = ShadowHistory()
        _ = history.append(try Self.stored("a", 1), origin: Self.origin)
        let tombstone = ShadowTombstone(id: try Self.id("a"), version: 2, deletedAt: WallTime(secondsSinceEpoch: 9))
        _ = history.append(.deleted(tombstone), origin: Self.origin)
        #expect(history.versions(of: try Self.id("a")).map { $0.record == nil } == [false, true])
        #expect(history.forget(try Self.id("a")) == [1, 2])
        #expect(history.all.isEmpty)
    }

    /// Random changes, commits and roll-backs against lists that are searched from end to end.
    @Test(arguments: UInt64(1)...20)
    func itAgreesWithAListThatIsSearched(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        let limits = Self.limits(4, perShadow: 2500, bytes: 6000)
        var history = ShadowHistory(limits: limits)
        var model = Model(limits: limits)
        for step in 1...400 {
            let name = ["a", "b", "c", "d", "e"].randomElement(using: &numbers) ?? "a"
            switch Int.random(in: 1...10, using: &numbers) {
            case ...6:
                let change = try Self.stored(name, Int64(step), bytes: Int.random(in: 0...900, using: &numbers))
                model.versions.append(history.append(change, origin: Self.origin))
            case ...9:
                let serial = history.lastSerial
                #expect(Set(history.becameSafe(through: serial)) == Set(model.becameSafe(through: serial)), "seed \(seed), step \(step)")
            default:
                _ = history.rollBack()
                model.versions.removeAll { $0.serial > model.safe }
            }
            #expect(history.all.map(\.serial) == model.versions.map(\.serial), "seed \(seed), step \(step)")
        }
    }

    private struct Model {
        let limits: ShadowHistory.Limits
        var versions: [ShadowVersion] = []
        var safe: UInt64 = 0

        /// All but the newest of each shadow, in the order in which they got a successor.
        private var older: [ShadowVersion] {
            self.versions.compactMap { version in
                self.versions.first { $0.id == version.id && $0.serial > version.serial }.map { (version, $0.serial) }
            }.sorted { $0.1 < $1.1 }.map(\.0)
        }

        mutating func becameSafe(through serial: UInt64) -> [UInt64] {
            let touched = Set(self.versions.filter { $0.serial > self.safe && $0.serial <= serial }.map(\.id))
            self.safe = max(self.safe, serial)
            var dropped: [UInt64] = []
            for id in touched {
                while true {
                    let own = self.versions.filter { $0.id == id }
                    let older = own.dropLast().reduce(0) { $0 + $1.bytes }
                    guard own.count > self.limits.versions || older > self.limits.bytesPerShadow, own.count > 1 else { break }
                    dropped.append(own[0].serial)
                    self.versions.removeAll { $0.serial == own[0].serial }
                }
            }
            while self.older.reduce(0, { $0 + $1.bytes }) > self.limits.bytes, let oldest = self.older.first {
                dropped.append(oldest.serial)
                self.versions.removeAll { $0.serial == oldest.serial }
            }
            return dropped
        }
    }
}
