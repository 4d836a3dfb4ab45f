import Foundation
import JSON
import Shadows
import Testing
import Timeline

/// One file of `fixtures/shadows`; its README says what the fields mean.
struct ShadowCase: CustomTestStringConvertible, Sendable {
    let name: String
    let steps: [ShadowStep]

    var testDescription: String { self.name }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/shadows")

    static let all: [ShadowCase] = {
        do {
            let files = try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
            return try files.map { try ShadowCase($0) }
        } catch {
            Issue.record(error, "the shadow fixtures cannot be read")
            return []
        }
    }()

    init(_ file: URL) throws {
        let value = try Self.read(file)
        self.name = try #require(value["name"]?.string)
        self.steps = try #require(value["steps"]?.array).map { try ShadowStep($0) }
    }

    static func read(_ file: URL) throws -> JSONValue {
        try JSONValue(parsing: Array(Data(contentsOf: file)), limits: JSONLimits(maximumDepth: 500))
    }
}

struct ShadowStep: Sendable {
    let now: WallTime
    /// Nil when the topic is no request of the shadow service.
    let request: ShadowRequest?
    let payload: [UInt8]
    /// Nil for preparation.
    let messages: [(topic: String, payload: JSONValue)]?
    let status: Int64?
    let message: String?
    let body: JSONValue?
    let listed: [String]?
    let isExact: Bool

    init(_ value: JSONValue) throws {
        self.now = WallTime(secondsSinceEpoch: try #require(value["at"]?.int64))
        let transport: ShadowTransport = value["transport"]?.string == "rest" ? .rest : .mqtt
        self.request = ShadowTopic(try #require(value["topic"]?.string)).flatMap { topic in
            topic.isRequest ? ShadowRequest(id: topic.id, operation: topic.operation, transport: transport) : nil
        }
        if let hex = value["payloadHex"]?.string {
            let digits = Array(hex)
            self.payload = try stride(from: 0, to: digits.count, by: 2).map { try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16)) }
        } else if let text = value["payloadText"]?.string {
            self.payload = Array(text.utf8)
        } else {
            self.payload = try #require(value["payload"]).utf8
        }
        self.messages = try value["messages"]?.array?.map {
            (topic: try #require($0["topic"]?.string), payload: try #require($0["payload"]))
        }
        self.status = value["status"]?.int64
        self.message = value["message"]?.string
        self.body = value["body"]
        self.listed = value["listed"]?.array?.compactMap(\.string)
        self.isExact = value["exact"]?.bool ?? false
    }
}
