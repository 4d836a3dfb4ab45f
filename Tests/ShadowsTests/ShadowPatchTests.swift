import JSON
import Shadows
import Testing
import Timeline

/// Taking a shadow back to an earlier version by an ordinary update.
@Suite struct ShadowPatchTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var present: JSONValue
        var wanted: JSONValue
        var patch: JSONValue?
    }

    static let examples = [
        Example(testDescription: "same", present: ["desired": ["a": 1]], wanted: ["desired": ["a": 1]], patch: nil),
        Example(
            testDescription: "one value differs", present: ["desired": ["a": 1, "b": 2]], wanted: ["desired": ["a": 1, "b": 3]],
            patch: ["desired": ["b": 3]]),
        Example(
            testDescription: "a key must go", present: ["desired": ["a": ["b": 1, "c": 2]]], wanted: ["desired": ["a": ["c": 2]]],
            patch: ["desired": ["a": ["b": .null]]]),
        Example(
            testDescription: "a section must go", present: ["desired": ["a": 1], "reported": ["a": 1]], wanted: ["reported": ["a": 1]],
            patch: ["desired": .null]),
        Example(testDescription: "no shadow yet", present: [:], wanted: ["reported": ["a": []]], patch: ["reported": ["a": []]]),
        Example(
            testDescription: "an array is replaced whole", present: ["desired": ["a": [1, 2]]], wanted: ["desired": ["a": [1]]],
            patch: ["desired": ["a": [1]]]),
        Example(
            testDescription: "an object for a value", present: ["desired": ["a": 1]], wanted: ["desired": ["a": ["b": 1]]],
            patch: ["desired": ["a": ["b": 1]]]),
    ]

    @Test(arguments: Self.examples)
    func thePatchHoldsWhatDiffersOnly(_ example: Example) throws {
        let patch = ShadowPatch.state(from: try #require(example.present.object), to: try #require(example.wanted.object))
        #expect(patch.map { JSONValue.object($0) } == example.patch)
    }

    @Test func numbersComeBackAsTheyWereWritten() throws {
        let present: JSONObject = ["desired": ["a": .number(try #require(JSONNumber(text: "1.0")))]]
        let wanted: JSONObject = ["desired": ["a": 1]]
        let patch = try #require(ShadowPatch.state(from: present, to: wanted))
        #expect(JSONValue.object(patch).text == #"{"desired":{"a":1}}"#)
    }

    /// Applying it to the present yields the old state, whatever happened in between.
    @Test(arguments: 1...20)
    func thePatchTakesAnyStateToAnyOther(_ seed: Int) throws {
        var documents = StateDocuments(random: SeededNumbers(seed: UInt64(seed)))
        for number in 0..<100 {
            var shadow = try OneShadow()
            for _ in 0..<3 { shadow.update(documents.state()) }
            let old = shadow.state
            if documents.oneIn(8) { shadow.delete() }
            for _ in 0..<3 { shadow.update(documents.state()) }
            if documents.oneIn(8) { shadow.delete() }
            guard let patch = ShadowPatch.state(from: shadow.state, to: old) else {
                #expect(shadow.state == old, "seed \(seed), number \(number)")
                continue
            }
            let before = JSONValue.object(shadow.state).text
            shadow.update(.object(patch))
            #expect(
                Self.sorted(.object(shadow.state)).text == Self.sorted(.object(old)).text,
                "seed \(seed), number \(number): from \(before) by \(JSONValue.object(patch).text)")
        }
    }

    /// The same value with its keys in order, for comparing numbers as they are written.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        guard let object = value.object else { return value }
        var sorted = JSONObject()
        for (key, value) in object.sorted(by: { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }) {
            sorted[key] = Self.sorted(value)
        }
        return .object(sorted)
    }
}

private struct OneShadow: ~Copyable {
    private var store = ShadowStore()
    private let id: ShadowID

    init() throws {
        self.id = ShadowID(thing: try #require(ThingName("T")))
    }

    var state: JSONObject { self.store.state(of: self.id)?.object ?? [:] }

    mutating func update(_ state: JSONValue) {
        let outcome = self.store.handle(
            ShadowRequest(id: self.id, operation: .update), payload: JSONValue.object(["state": state]).utf8,
            now: WallTime(secondsSinceEpoch: 1_700_000_000))
        #expect(outcome.rejection == nil)
    }

    mutating func delete() {
        _ = self.store.handle(
            ShadowRequest(id: self.id, operation: .delete), payload: [], now: WallTime(secondsSinceEpoch: 1_700_000_000))
    }
}

/// States with few names, so that they meet often.
private struct StateDocuments {
    var random: SeededNumbers

    mutating func state() -> JSONValue {
        var state = JSONObject()
        for section in ["desired", "reported"] where !self.oneIn(3) { state[section] = self.oneIn(10) ? .null : self.object(3) }
        return .object(state)
    }

    mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self.random) == 0 }

    private mutating func object(_ depth: Int) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...3, using: &self.random) {
            object[["a", "b", "é", "e\u{301}", "~/"].randomElement(using: &self.random) ?? "a"] = self.value(depth)
        }
        return .object(object)
    }

    private mutating func value(_ depth: Int) -> JSONValue {
        switch Int.random(in: 0..<8, using: &self.random) {
        case 0: .null
        case 1: .string(["", "é", "e\u{301}"].randomElement(using: &self.random) ?? "")
        case 2: .array([.object(["a": .null]), 1])
        case 3: JSONNumber(text: ["1.0", "1e0", "9007199254740993"].randomElement(using: &self.random) ?? "1").map { .number($0) } ?? 1
        case 4...6 where depth > 1: self.object(depth - 1)
        default: 1
        }
    }
}
