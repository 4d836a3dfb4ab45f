import Foundation
import Testing
import Topics

/// The tables under `fixtures/topics`.
enum Golden {
    static let matching = rows("matching.json", of: MatchingRow.self)
    static let names = rows("names.json", of: NameRow.self)
    static let filters = rows("filters.json", of: FilterRow.self)

    private static func rows<Row: Decodable>(_ file: String, of type: Row.Type) -> [Row] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let url = folder.appending(path: "fixtures/topics/\(file)")
        do {
            return try JSONDecoder().decode([Row].self, from: Data(contentsOf: url))
        } catch {
            preconditionFailure("cannot read \(url.path()): \(error)")
        }
    }
}

/// `aws` is what counts where `a/#` does not match `a`.
struct MatchingRow: Decodable, Sendable, CustomTestStringConvertible {
    var filter: String
    var topic: String
    var mqtt: Bool
    var aws: Bool

    var testDescription: String { "\(self.filter) and \(self.topic)" }
}

struct NameRow: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var topic: RepeatedText?
    var hex: String?
    var limits: LimitsName
    var error: String?

    var bytes: [UInt8] {
        if let topic = self.topic { return Array(topic.text.utf8) }
        let digits = Array((self.hex ?? "").utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }

    var testDescription: String { self.name }
}

struct FilterRow: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var filter: RepeatedText
    var limits: LimitsName
    var error: String?
    var shareName: String?
    var rest: String?
    var hasWildcards: Bool?

    var testDescription: String { self.name }
}

enum LimitsName: String, Decodable, Sendable {
    case mqtt, aws

    var limits: TopicLimits {
        switch self {
        case .mqtt: .specification
        case .aws: TopicLimits(maximumBytes: 256, maximumSlashes: 7, maximumShareNameCharacters: 128)
        }
    }
}

/// `[["a", 3], ["/#", 1]]` stands for `aaa/#`.
struct RepeatedText: Decodable, Sendable {
    var text = ""

    init(from decoder: any Decoder) throws {
        var parts = try decoder.unkeyedContainer()
        while !parts.isAtEnd {
            var part = try parts.nestedUnkeyedContainer()
            let unit = try part.decode(String.self)
            self.text += String(repeating: unit, count: try part.decode(Int.self))
        }
    }
}
