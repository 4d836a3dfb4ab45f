import Foundation
import Shadows
import Testing

@Suite("The page of switches")
struct ShadowSwitchPageTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Shadows/Shadows.docc/Switches.md")

    /// Name and default of each row, without the backquotes.
    private func rows() throws -> [String: String] {
        var rows: [String: String] = [:]
        for line in try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
            try #require(cells.count >= 3, "\(line)")
            #expect(rows[cells[0]] == nil, "\(cells[0]) is listed twice")
            #expect(cells.last?.isEmpty == false, "\(cells[0]) has no evidence")
            rows[cells[0]] = cells[1]
        }
        return rows
    }

    @Test func everySwitchAndLimitIsListedWithItsDefaultAndNothingElseIs() throws {
        var expected: [String: String] = [:]
        for mirror in [Mirror(reflecting: ShadowSwitches()), Mirror(reflecting: ShadowLimits())] {
            for child in mirror.children { expected[try #require(child.label)] = String(describing: child.value) }
        }
        #expect(expected.count > 20)
        #expect(try self.rows() == expected)
    }
}
