import Broker
import Foundation
import JSON
import Shadows
import Testing

@testable import sundial

/// The file of `--seed-shadows`.
@Suite struct SeedFileTests {
    private static func seeds(_ text: String) throws -> [ShadowSeed] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("seeds-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return try SeedFile(path: path).read()
    }

    private static func lines(_ seeds: [ShadowSeed]) -> [String] {
        seeds.map { "\($0.id.text) \(String(decoding: $0.update, as: UTF8.self))" }
    }

    @Test func aMapWrittenByHandNamesThingsAndShadows() throws {
        let seeds = try Self.seeds(
            """
            {"lamp": {"classic": {"desired": {"mode": "eco"}, "reported": {}}, "named": {"$cfg": {"reported": {"on": 1.0}}, "empty": {}}},
             "oven": {}}
            """)
        #expect(
            Self.lines(seeds) == [
                #"lamp {"state":{"desired":{"mode":"eco"},"reported":{}}}"#, #"lamp/$cfg {"state":{"reported":{"on":1.0}}}"#,
                #"lamp/empty {"state":{}}"#,
            ])
    }

    @Test func ofASnapshotThePresentShadowsCount() throws {
        let version = { (serial: Int, number: Int, state: String) in
            """
            {"serial":\(serial),"version":\(number),"time":"2026-01-02T03:04:05Z","cause":1,"deleted":false,"state":{"desired":{"a":\(state)}},
             "metadata":{"desired":{"a":{"timestamp":1}}}}
            """
        }
        let seeds = try Self.seeds(
            """
            {"sundial":"snapshot","version":1,"shadows":[{"thing":"lamp","versions":[\(version(1, 1, "1")),\(version(2, 2, "2"))]},
             {"thing":"gone","versions":[\(version(3, 1, "1")),
             {"serial":4,"version":2,"time":"2026-01-02T03:04:05Z","cause":1,"deleted":true}]}],"retained":[],"sessions":[],"things":[]}
            """)
        #expect(Self.lines(seeds) == [#"lamp {"state":{"desired":{"a":2}}}"#])
    }

    @Test(arguments: [
        ("", "is not JSON: line 1, column 1"), ("{\n  \"lamp\": {,", "is not JSON: line 2, column 12"),
        ("[]", "the document must be an object"), (#"{"a b":{}}"#, "'/a b' is no name of a thing"),
        (#"{"lamp":{"desired":{}}}"#, "'/lamp/desired' is not known here; there are classic, named"),
        (#"{"lamp":{"classic":{"state":{}}}}"#, "'/lamp/classic/state' is not known here"),
        (#"{"lamp":{"classic":{"desired":5}}}"#, "'/lamp/classic' would be refused: 'state.desired' must be an object or null"),
        (#"{"lamp":{"named":{"a/b":{}}}}"#, "'/lamp/named/a~1b' is no name of a shadow"),
        (#"{"lamp":{"named":[]}}"#, "'/lamp/named' must be an object"), (#"{"sundial":"snapshot","version":1}"#, "'/shadows' is missing"),
        (#"{"lamp":{"classic":{"desired":{"a":[null]}}}}"#, "'/lamp/classic' would be refused: the array at"),
    ])
    func aFaultIsNamedByItsPlace(text: String, fault: String) {
        #expect {
            _ = try Self.seeds(text)
        } throws: { error in
            let complaint = error as? Complaint
            #expect(complaint?.text.contains(fault) == true, "\(complaint?.text ?? "\(error)")")
            return complaint?.status == .badArguments
        }
    }
}
