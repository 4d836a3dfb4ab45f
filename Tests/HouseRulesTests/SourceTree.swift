import Foundation

/// The Swift files under `Sources`, as text, for rules that a machine can check.
struct SourceFile: Sendable {
    /// The target that holds it, the first folder under `Sources`.
    var target: String
    /// From the root of the project.
    var path: String
    var lines: [String]
    /// Lines of code with their numbers: comments and the contents of string literals are blanked.
    var code: [(number: Int, text: String)]

    var name: String { String(self.path.split(separator: "/").last ?? "") }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let all: [SourceFile] = {
        let sources = Self.root.appendingPathComponent("Sources").resolvingSymlinksInPath()
        guard let found = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil) else { return [] }
        return found.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.compactMap { url in
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
            let inside = url.resolvingSymlinksInPath().path.dropFirst(sources.path.count + 1)
            let lines = text.components(separatedBy: "\n")
            return SourceFile(
                target: String(inside.prefix { $0 != "/" }), path: "Sources/\(inside)", lines: lines, code: Self.code(lines))
        }.sorted { $0.path < $1.path }
    }()

    private static func code(_ lines: [String]) -> [(number: Int, text: String)] {
        var isInsideText = false
        return lines.enumerated().map { index, line in
            let isEdge = line.components(separatedBy: "\"\"\"").count.isMultiple(of: 2)
            defer { if isEdge { isInsideText.toggle() } }
            return (index + 1, isInsideText ? "" : Self.withoutTextAndComments(line))
        }
    }

    private static func withoutTextAndComments(_ line: String) -> String {
        let quote = UInt8(ascii: "\"")
        let slash = UInt8(ascii: "/")
        var code: [UInt8] = []
        var isText = false
        var rest = Array(line.utf8)[...]
        while let byte = rest.popFirst() {
            if isText, byte == UInt8(ascii: "\\") {
                _ = rest.popFirst()
            } else if byte == quote {
                isText.toggle()
                code.append(byte)
            } else if !isText {
                if byte == slash, rest.first == slash { break }
                code.append(byte)
            }
        }
        return String(decoding: code, as: UTF8.self)
    }
}

extension String {
    /// Whether `word` stands here on its own: what comes before it is no part of a name, nor, unless `afterDot`, a dot.
    /// A `word` that ends with a letter must also end a name.
    func holds(_ word: String, afterDot: Bool = true) -> Bool {
        var from = self.startIndex
        while let range = self.range(of: word, range: from..<self.endIndex) {
            let before = range.lowerBound == self.startIndex ? nil : self[self.index(before: range.lowerBound)]
            let after = range.upperBound == self.endIndex ? nil : self[range.upperBound]
            let isStart = !(before?.isNamePart ?? false) && (afterDot || before != ".")
            let isEnd = !(word.last?.isNamePart ?? false) || !(after?.isNamePart ?? false)
            if isStart, isEnd { return true }
            from = range.upperBound
        }
        return false
    }
}

extension Character {
    fileprivate var isNamePart: Bool { self.isLetter || self.isNumber || self == "_" }
}
