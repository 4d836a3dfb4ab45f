import JSON
import Shadows
import Testing
import Timeline

/// Makes sequences with few names and values, so that they meet often.
private struct Sequences {
    var random: SeededNumbers

    mutating func requests() -> [ModelRequest] {
        (0..<Int.random(in: 2...9, using: &self.random)).map { _ in self.request() }
    }

    private mutating func request() -> ModelRequest {
        let after: Int64 =
            switch Int.random(in: 0..<16, using: &self.random) {
            case 0: 48 * 3600
            case 1: 48 * 3600 + 1
            default: Int64.random(in: 0...3, using: &self.random)
            }
        return ModelRequest(shadow: Int.random(in: 0..<8, using: &self.random) / 7, after: after, kind: self.kind())
    }

    private mutating func kind() -> ModelRequest.Kind {
        switch Int.random(in: 0..<12, using: &self.random) {
        case 0: return .get
        case 1, 2: return .delete
        default:
            let version: ModelRequest.Version =
                switch Int.random(in: 0..<12, using: &self.random) {
                case 0: .off(by: [-9, -1, 1].randomElement(using: &self.random) ?? 1)
                case 1...3: .current
                default: .none
                }
            return .update(state: self.state(), version: version, token: Bool.random(using: &self.random) ? nil : "t")
        }
    }

    private mutating func state() -> JSONValue {
        if self.oneIn(40) { return .null }
        var state = JSONObject()
        for section in ["reported", "desired"].shuffled(using: &self.random) where !self.oneIn(3) {
            state[section] = self.oneIn(16) ? .null : self.object(self.oneIn(30) ? 5 : 3)
        }
        return .object(state)
    }

    private mutating func object(_ depth: Int) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...3, using: &self.random) {
            let key = ["a", "b", "timestamp", "é", "e\u{301}"].randomElement(using: &self.random) ?? "a"
            object[key] = self.value(depth)
        }
        return .object(object)
    }

    private mutating func value(_ depth: Int) -> JSONValue {
        switch Int.random(in: 0..<12, using: &self.random) {
        case 0, 1: return .null
        case 2: return .bool(Bool.random(using: &self.random))
        case 3: return .string(["", "1", "é", "e\u{301}", "\"\\\n\u{0}"].randomElement(using: &self.random) ?? "")
        case 4: return self.array(depth)
        case 5...8 where depth > 1: return self.object(depth - 1)
        default: return Self.numbers.randomElement(using: &self.random).map { .number($0) } ?? 0
        }
    }

    private mutating func array(_ depth: Int) -> JSONValue {
        .array(
            (0..<Int.random(in: 0...2, using: &self.random)).map { _ in
                let element = depth > 1 && self.oneIn(3) ? self.object(depth - 1) : self.value(1)
                return element.isNull && !self.oneIn(8) ? 1 : element
            })
    }

    private mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self.random) == 0 }

    private static let numbers = ShadowModel.numbers.keys.sorted().compactMap { JSONNumber(text: $0) }
}

/// A sequence run through the store and the model together.
private struct Comparison {
    private(set) var transcript: [String] = []
    /// Where they first part.
    private(set) var difference: String?

    init(_ requests: [ModelRequest]) throws {
        var rules = ShadowRules.aws
        rules.limits.documentBytes = ShadowModel.documentBytes
        rules.limits.documentDepth = ShadowModel.documentDepth
        var store = ShadowStore(rules: rules)
        let thing = try #require(ThingName("T"))
        let ids = [ShadowID(thing: thing), ShadowID(thing: thing, name: ShadowName("n"))]
        var models = [ShadowModel(name: "T"), ShadowModel(name: "n")]
        var now: Int64 = 1_700_000_000
        for request in requests {
            now += request.after
            let (operation, payload, expected) = Self.run(request.kind, on: &models[request.shadow], now)
            self.transcript.append("\(now) \(ids[request.shadow].topicPrefix) \(operation.text) \(payload)")
            let outcome = store.handle(
                ShadowRequest(id: ids[request.shadow], operation: operation), payload: Array(payload.utf8),
                now: WallTime(secondsSinceEpoch: now))
            let wanted = expected.map { "\(ids[request.shadow].topicPrefix)/\($0.0) \($0.1.text)" }
            let got = outcome.messages.map { String(decoding: $0.topic + [UInt8(ascii: " ")] + $0.payload, as: UTF8.self) }
            if zip(wanted, got).contains(where: { !$0.utf8.elementsEqual($1.utf8) }) || wanted.count != got.count {
                self.difference = (["the model says"] + wanted + ["the store says"] + got).joined(separator: "\n")
                return
            }
        }
    }

    private static func run(
        _ kind: ModelRequest.Kind, on model: inout ShadowModel, _ now: Int64
    ) -> (ShadowTopic.Operation, String, [(String, JSONValue)]) {
        switch kind {
        case .get: return (.get, "", model.get(now))
        case .delete: return (.delete, "", model.delete(now))
        case .update(let state, let version, let token):
            let named: Int64? =
                switch version {
                case .none: nil
                case .current: model.standing(now)
                case .off(let by): model.standing(now) + by
                }
            var request = JSONObject()
            request["state"] = state
            request["version"] = named.map { JSONValue($0) }
            request["clientToken"] = token.map { .string($0) }
            return (.update, JSONValue.object(request).text, model.update(state, version: named, token: token, now))
        }
    }

    /// The same failure with as few requests as leaving them out one by one gives.
    static func shortened(_ requests: [ModelRequest]) throws -> Comparison {
        var requests = requests
        var place = 0
        while place < requests.count {
            var fewer = requests
            fewer.remove(at: place)
            if try Comparison(fewer).difference == nil { place += 1 } else { requests = fewer }
        }
        return try Comparison(requests)
    }
}

@Suite("Shadow store against a slow model")
struct ShadowModelTests {
    private static let sequencesPerSeed = 50

    /// Merge, delta, metadata, versions and refusals: every message of every request, to the byte.
    @Test(arguments: 1...40)
    func everyAnswerAgreesWithTheModel(_ seed: Int) throws {
        var sequences = Sequences(random: SeededNumbers(seed: UInt64(seed)))
        for number in 0..<Self.sequencesPerSeed {
            let requests = sequences.requests()
            if try Comparison(requests).difference == nil { continue }
            let shortest = try Comparison.shortened(requests)
            Issue.record(
                "seed \(seed), sequence \(number):\n\(shortest.transcript.joined(separator: "\n"))\n\(shortest.difference ?? "")")
            return
        }
    }
}
