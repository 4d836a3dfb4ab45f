import Foundation
import Testing

/// The code that the articles show is code that is compiled and run.
@Suite("Articles") struct TutorialTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func lines(_ path: String) throws -> [String] {
        try String(contentsOf: self.root.appendingPathComponent(path), encoding: .utf8).components(separatedBy: "\n")
    }

    /// The Swift blocks of a page.
    private static func blocks(of page: String) throws -> [[String]] {
        var blocks: [[String]] = []
        var block: [String]?
        for line in try self.lines("Sources/TestKit/TestKit.docc/\(page)") {
            if line == "```swift" {
                block = []
            } else if line == "```", let lines = block {
                blocks.append(lines)
                block = nil
            } else {
                block?.append(line)
            }
        }
        return blocks
    }

    @Test func theFirstShadowTestIsCompiledAndRun() throws {
        let tests = try ["FirstShadowTest.swift", "LampXCTests.swift"].map {
            try Self.lines("Tests/TestKitTests/\($0)").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
        }
        let blocks = try Self.blocks(of: "FirstShadowTest.md")
        #expect(blocks.count == 6)
        for block in blocks {
            let code = block.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
            #expect(tests.contains { $0.contains(code) }, "this code is in no test:\n\(code)")
        }
    }
}
