import JSON
import Shadows
import Testing
import Timeline

/// Shadows done slowly and obviously, on plain values: what the tests compare the store with.
private struct Model {
    var state: [String: JSONValue] = [:]
    var metadata: [String: JSONValue] = [:]
    var version: Int64 = 0

    static func stripped(_ value: JSONValue) -> JSONValue? {
        guard case .object(let object) = value else { return value.isNull ? nil : value }
        var result = JSONObject()
        for (key, value) in object { if let kept = stripped(value) { result[key] = kept } }
        return result.isEmpty && !object.isEmpty ? nil : .object(result)
    }

    static func merged(_ stored: JSONValue?, _ patch: JSONValue) -> JSONValue? {
        guard case .object(let changes) = patch else { return patch.isNull ? nil : patch }
        guard let stored else { return stripped(patch) }
        guard case .object(var result) = stored else { return stripped(patch) ?? [:] }
        for (key, value) in changes { result[key] = merged(result[key], value) }
        return .object(result)
    }

    static func stamped(_ value: JSONValue, _ seconds: Int64) -> JSONValue {
        switch value {
        case .object(let object):
            var result = JSONObject()
            for (key, value) in object { result[key] = stamped(value, seconds) }
            return .object(result)
        case .array(let elements): return .array(elements.map { stamped($0, seconds) })
        case .null, .bool, .number, .string: return ["timestamp": JSONValue(seconds)]
        }
    }

    /// Metadata of `now`: taken from the patch where the patch set a value, else from before.
    static func times(_ now: JSONValue, before: JSONValue?, old: JSONValue?, patch: JSONValue?, _ seconds: Int64) -> JSONValue {
        guard let patch else { return old ?? [:] }
        guard case .object(let object) = now else { return stamped(now, seconds) }
        let wasObject = before?.object != nil
        var result = JSONObject()
        for (key, value) in object {
            result[key] = times(
                value, before: wasObject ? before?[key] : nil, old: wasObject ? old?[key] : nil, patch: patch[key], seconds)
        }
        return .object(result)
    }

    static func delta(_ desired: JSONValue, _ reported: JSONValue?) -> JSONValue? {
        guard let reported else { return desired }
        if case .object(let wanted) = desired, case .object(let present) = reported {
            var result = JSONObject()
            for (key, value) in wanted { if let difference = delta(value, present[key]) { result[key] = difference } }
            return result.isEmpty ? nil : .object(result)
        }
        return desired == reported ? nil : desired
    }

    static func picked(_ times: JSONValue?, along delta: JSONValue) -> JSONValue? {
        guard case .object(let differing) = delta, case .object(let all)? = times else { return times }
        var result = JSONObject()
        for (key, value) in differing { result[key] = picked(all[key], along: value) }
        return .object(result)
    }

    mutating func update(_ patch: JSONValue, _ seconds: Int64) {
        self.version += 1
        for section in ["desired", "reported"] {
            guard !patch.isNull else {
                self.state[section] = nil
                self.metadata[section] = nil
                continue
            }
            guard let change = patch[section] else { continue }
            let before = self.state[section]
            let now = Self.merged(before ?? [:], change)
            let isEmpty = now.map { $0 == [:] } ?? true
            self.metadata[section] =
                isEmpty ? nil : now.map { Self.times($0, before: before ?? [:], old: self.metadata[section], patch: change, seconds) }
            self.state[section] = isEmpty ? nil : now
        }
    }

    private func object(_ parts: [String: JSONValue]) -> JSONValue {
        var object = JSONObject()
        for section in ["desired", "reported", "delta"] { object[section] = parts[section] }
        return .object(object)
    }

    var snapshot: JSONValue {
        ["state": self.object(self.state), "metadata": self.object(self.metadata), "version": JSONValue(self.version)]
    }

    var delta: JSONValue? { self.state["desired"].flatMap { Self.delta($0, self.state["reported"]) } }
}

/// Makes documents with few names and values, so that they meet often.
private struct Documents {
    var random: SeededNumbers

    mutating func value(_ depth: Int, nulls: Bool) -> JSONValue {
        switch Int.random(in: 0..<12, using: &self.random) {
        case 0 where nulls, 1 where nulls: return .null
        case 2: return true
        case 3: return .string(["", "a", "é", "e\u{301}", "\"\\\n"].randomElement(using: &self.random) ?? "")
        case 4: return .array((0..<Int.random(in: 0...3, using: &self.random)).map { _ in self.value(0, nulls: false) })
        case 5...9 where depth > 0: return self.object(depth - 1, nulls: nulls)
        default: return JSONValue(Int64.random(in: 0...2, using: &self.random))
        }
    }

    mutating func object(_ depth: Int, nulls: Bool) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...4, using: &self.random) {
            let key = ["a", "b", "c", "timestamp", "é"].randomElement(using: &self.random) ?? "a"
            object[key] = self.value(depth, nulls: nulls)
        }
        return .object(object)
    }

    mutating func state() -> JSONValue {
        if Int.random(in: 0..<40, using: &self.random) == 0 { return .null }
        var state = JSONObject()
        for section in ["reported", "desired"].shuffled(using: &self.random) where Bool.random(using: &self.random) {
            state[section] = Int.random(in: 0..<20, using: &self.random) == 0 ? .null : self.object(3, nulls: true)
        }
        return .object(state)
    }
}

@Suite("Shadow store against a slow model")
struct ShadowModelTests {
    @Test(arguments: 1...40)
    func mergeDeltaAndMetadataAgreeWithTheModel(_ seed: Int) throws {
        var documents = Documents(random: SeededNumbers(seed: UInt64(seed)))
        var store = ShadowStore()
        var model = Model()
        let request = ShadowRequest(id: ShadowID(thing: try #require(ThingName("T"))), operation: .update)
        for step in 0..<60 {
            let seconds = 1_700_000_000 + Int64(step)
            let state = documents.state()
            let previous: JSONValue = model.version == 0 ? .null : model.snapshot
            model.update(state, seconds)
            let outcome = store.handle(request, payload: (["state": state] as JSONValue).utf8, now: WallTime(secondsSinceEpoch: seconds))
            let sent = try outcome.messages.map { try JSONValue(parsing: $0.payload) }
            let delta = model.delta
            try #require(
                outcome.messages.map(\.answer) == (delta == nil ? [.accepted, .documents] : [.accepted, .delta, .documents]),
                "seed \(seed), step \(step)")
            #expect(
                sent[0] == [
                    "state": state, "metadata": Model.stamped(state, seconds), "version": JSONValue(model.version),
                    "timestamp": JSONValue(seconds),
                ])
            if let delta {
                #expect(sent[1]["state"] == delta, "seed \(seed), step \(step)")
                #expect(sent[1]["metadata"] == Model.picked(model.metadata["desired"], along: delta), "seed \(seed), step \(step)")
            }
            let expected: JSONValue = ["previous": previous, "current": model.snapshot, "timestamp": JSONValue(seconds)]
            try #require(sent.last == expected, "seed \(seed), step \(step): \(state.text)")
        }
    }
}
