import Broker
import Foundation
import Sessions
import Testing

@testable import Persistence

/// What makes no sense in a state file is one sentence that says what to do.
@Suite("A damaged state file")
struct DamagedStateFileTests {
    @Test func aSoundOneComesBackWhole() throws {
        let scene = try StateFileScene()
        let image = try scene.load()
        #expect(image.shadows.count == 2 && image.retained.count == 1 && image.things.count == 1)
        let session = try #require(image.sessions.first)
        #expect(session.will != nil && session.messages.count == 2 && session.unreleased == [8] && session.subscriptions.count == 1)
    }

    @Test(arguments: [
        "PRAGMA user_version = -1", "PRAGMA user_version = 0", "DROP TABLE delivery", "DROP TABLE thing",
        "ALTER TABLE shadow_version DROP COLUMN principal", "ALTER TABLE session RENAME COLUMN expiry TO life",
        "UPDATE message SET qos = -1", "UPDATE message SET qos = 300", "UPDATE message SET cause = -1",
        "UPDATE message SET topic = x'6100'",
        "UPDATE message SET id = 9223372036854775807", "UPDATE message SET properties = x'ff'",
        "UPDATE retained SET qos = 3", "UPDATE retained SET topic = x'23'", "UPDATE retained SET cause = 9223372036854775807",
        "UPDATE delivery SET packet_id = 70000", "UPDATE delivery SET packet_id = -1", "UPDATE delivery SET packet_id = 7",
        "UPDATE delivery SET qos = 3", "UPDATE delivery SET message = 99", "UPDATE delivery SET message = NULL WHERE serial = 1",
        "UPDATE delivery SET serial = 9223372036854775807 WHERE serial = 2", "UPDATE delivery SET serial = -5 WHERE serial = 2",
        "UPDATE delivery SET retain = 2", "UPDATE unreleased SET packet_id = 0", "UPDATE unreleased SET packet_id = 65536",
        "UPDATE session SET expiry = -5", "UPDATE session SET expiry = 4294967296", "UPDATE session SET protocol = 9",
        "UPDATE session SET number = 9223372036854775807", "UPDATE session SET number = -1", "UPDATE session SET client = ''",
        "UPDATE session SET will = x'00'",
        "INSERT INTO session SELECT 5, client, profile, protocol, expiry, left_at, NULL, NULL FROM session",
        "UPDATE subscription SET filter = x'2361'", "UPDATE subscription SET qos = 3", "UPDATE subscription SET retain_handling = 3",
        "UPDATE subscription SET identifier = 0", "UPDATE subscription SET no_local = 7",
        "UPDATE shadow_version SET version = -5", "UPDATE shadow_version SET version = 9223372036854775807",
        "UPDATE shadow_version SET cause = -1", "UPDATE shadow_version SET cause = 9223372036854775807",
        "UPDATE shadow_version SET serial = -5 WHERE serial = 2", "UPDATE shadow_version SET serial = 9223372036854775807 WHERE serial = 2",
        "UPDATE shadow_version SET thing = 'a b'", "UPDATE shadow_version SET name = ''", "UPDATE shadow_version SET is_deletion = 7",
        "UPDATE shadow_version SET desired = CAST('{' AS BLOB) WHERE serial = 1",
        "UPDATE shadow_version SET desired_metadata = CAST('{}' AS BLOB) WHERE serial = 1",
        "UPDATE shadow_version SET desired_metadata = NULL WHERE serial = 1",
        "UPDATE thing SET version = 0", "UPDATE thing SET attributes = '['", "UPDATE thing SET name = ''",
    ])
    func isRefusedInOneSentence(_ sql: String) throws {
        let scene = try StateFileScene()
        try scene.execute(sql)
        let problem = #expect(throws: StateProblem.self) { _ = try scene.load() }
        let text = problem?.text ?? ""
        #expect(text.hasPrefix("the state file \(scene.path) is damaged (") && text.contains("move it away"), "\(text)")
    }

    /// Flips one bit at a time; a crash would end the tests.
    @Test(arguments: 0..<60)
    func aFlippedBitIsTakenOrRefused(_ flip: Int) throws {
        let scene = try StateFileScene()
        let url = URL(fileURLWithPath: scene.path)
        var bytes = try Data(contentsOf: url)
        // Places that hold something, by a fixed sequence.
        let places = bytes.indices.filter { $0 >= 72 && bytes[$0] != 0 }
        var seed = UInt64(flip) &* 0x9E37_79B9_7F4A_7C15 &+ 7
        func next() -> Int {
            seed ^= seed << 13
            seed ^= seed >> 7
            seed ^= seed << 17
            return Int(seed >> 33)
        }
        _ = next()
        bytes[places[next() % places.count]] ^= 1 << UInt8(next() % 8)
        try bytes.write(to: url)
        do {
            _ = try scene.load()
        } catch let problem as StateProblem {
            #expect(problem.text.contains(scene.path))
        }
    }
}
