import Foundation
import Testing

/// STYLE §1 and §2: where things are and what they are called.
@Suite struct LayoutTests {
    static let topLevel: Set = [
        "Package.swift", "Package.resolved", "Sources", "Tests", "fixtures", "web", "Makefile", "README.md", "LICENSE", "dist",
    ]

    /// Files that may be longer, each with its reason.
    static let longFiles: [String: String] = [:]

    static let maximumLines = 400

    @Test func theTopLevelHoldsNothingElse() throws {
        let found = try FileManager.default.contentsOfDirectory(atPath: SourceFile.root.path).filter { !$0.hasPrefix(".") }
        let strangers = Set(found).subtracting(Self.topLevel)
        #expect(strangers.isEmpty, "STYLE §1: \(strangers.sorted())")
    }

    @Test func noFileIsLong() {
        for file in SourceFile.all where Self.longFiles[file.path] == nil {
            let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
            #expect(count <= Self.maximumLines, "\(file.path) has \(count) lines; look for its second concept")
        }
    }

    @Test func exceptionsToTheLengthAreStillNeeded() {
        for (path, reason) in Self.longFiles {
            let file = SourceFile.all.first { $0.path == path }
            #expect((file?.lines.count ?? 0) > Self.maximumLines, "\(path) (\(reason)) can leave the list")
        }
    }

    @Test func everyFileHasANameThatSaysSomething() {
        let vague = ["Utils", "Utilities", "Helper", "Helpers", "Manager", "Common", "Extension", "Extensions", "Misc"]
        for file in SourceFile.all {
            let name = file.name.dropLast(".swift".count)
            #expect(
                !vague.contains { name.hasSuffix($0) }, "\(file.path): if it has no name it has no home yet (STYLE §2)")
        }
    }

    @Test func noRoomIsEmpty() throws {
        let sources = SourceFile.root.appendingPathComponent("Sources")
        for target in try FileManager.default.contentsOfDirectory(atPath: sources.path) where !target.hasPrefix(".") {
            let files = try FileManager.default.contentsOfDirectory(atPath: sources.appendingPathComponent(target).path)
            #expect(!files.isEmpty, "Sources/\(target) is an empty room")
        }
    }
}
