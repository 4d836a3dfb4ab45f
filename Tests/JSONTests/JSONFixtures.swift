import Foundation
import JSON
import Testing

/// One case of `fixtures/json`.
struct JSONCase: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    /// The compact text, or the error's.
    let expected: String

    var testDescription: String { self.name }

    static let accepted = read("accepted", "compact")
    static let refused = read("refused", "error")

    private static func read(_ file: String, _ field: String) -> [JSONCase] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        do {
            let bytes = try Data(contentsOf: folder.appending(path: "fixtures/json/\(file).json"))
            let rows = try #require(JSONValue(parsing: Array(bytes))["cases"]?.array)
            return try rows.map {
                JSONCase(
                    name: try #require($0["name"]?.string), text: try #require($0["text"]?.string),
                    expected: try #require($0[field]?.string))
            }
        } catch {
            Issue.record(error, "fixtures/json/\(file).json cannot be read")
            return []
        }
    }
}
