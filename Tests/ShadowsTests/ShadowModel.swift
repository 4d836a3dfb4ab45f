import JSON
import Shadows

/// One request of a made-up sequence.
struct ModelRequest {
    enum Kind {
        case update(state: JSONValue, version: Version, token: String?)
        case get
        case delete
    }
    /// What the request names, relative to the shadow as it then is.
    enum Version { case none, current, off(by: Int64) }

    /// Which of the shadows of the sequence.
    var shadow: Int
    /// Seconds since the request before.
    var after: Int64
    var kind: Kind
}

/// One shadow done slowly and obviously, straight from device-shadow §3 to §10: what the tests compare the store with.
///
/// It shares the type of JSON values with the store and nothing else: merging, stamping, comparing, measuring are its own.
struct ShadowModel {
    static let documentBytes = 160
    static let documentDepth = 4
    private static let sections = ["desired", "reported"]

    let name: String
    private var exists = false
    private var version: Int64 = 0
    private var deletedAt: Int64 = .min / 2
    private var state: [String: JSONValue] = [:]
    private var metadata: [String: JSONValue] = [:]

    init(name: String) {
        self.name = name
    }

    /// The version that the next conditional update has to name; 1 where there is none.
    func standing(_ now: Int64) -> Int64 { self.remembers(now) ? self.version : 1 }

    private func remembers(_ now: Int64) -> Bool { self.exists || now - self.deletedAt <= 48 * 3600 }

    // MARK: Requests

    /// Answers in order, each with its suffix.
    mutating func get(_ now: Int64) -> [(String, JSONValue)] {
        guard self.exists else { return [self.rejected("get", 404, "No shadow exists with name: '\(self.name)'")] }
        var state = self.state
        if let (delta, _) = self.delta { state["delta"] = delta }
        let parts: JSONValue = ["state": Self.object(state), "metadata": Self.object(self.metadata), "version": JSONValue(self.version)]
        return [("get/accepted", Self.with(parts, ["timestamp": JSONValue(now)]))]
    }

    mutating func delete(_ now: Int64) -> [(String, JSONValue)] {
        guard self.exists else { return [self.rejected("delete", 404, "No shadow exists with name: '\(self.name)'")] }
        let answer: JSONValue = ["version": JSONValue(self.version), "timestamp": JSONValue(now)]
        self = ShadowModel(name: self.name, deletedVersion: self.version + 1, at: now)
        return [("delete/accepted", answer)]
    }

    mutating func update(_ patch: JSONValue, version named: Int64?, token: String?, _ now: Int64) -> [(String, JSONValue)] {
        let tail: JSONValue = token.map { ["clientToken": .string($0)] } ?? [:]
        if let (code, message) = self.obstacle(to: patch, named, now) {
            return [("update/rejected", Self.with(["code": JSONValue(code), "message": .string(message)], tail))]
        }
        var next = ShadowModel(name: self.name)
        next.exists = true
        next.version = (self.remembers(now) ? self.version : 0) + 1
        for section in Self.sections where !patch.isNull {
            let before = (self.state[section], self.metadata[section])
            let after = patch[section].map { Self.merged(before.0 ?? [:], before.1 ?? [:], $0, now) } ?? before
            guard let members = after.0?.object, !members.isEmpty else { continue }
            (next.state[section], next.metadata[section]) = after
        }
        if next.state.values.reduce(0, { $0 + $1.text.utf8.count }) > Self.documentBytes {
            let answer: JSONValue = ["code": 413, "message": "The payload exceeds the maximum size allowed"]
            return [("update/rejected", Self.with(answer, tail))]
        }
        let previous: JSONValue = self.exists ? self.snapshot : .null
        self = next
        let time: JSONValue = ["timestamp": JSONValue(now)]
        let accepted: JSONValue = ["state": patch, "metadata": Self.stamped(patch, now), "version": JSONValue(self.version)]
        var answers = [("update/accepted", Self.with(Self.with(accepted, time), tail))]
        if let (delta, times) = self.delta {
            let message: JSONValue = ["version": JSONValue(self.version), "timestamp": JSONValue(now), "state": delta, "metadata": times]
            answers.append(("update/delta", Self.with(message, tail)))
        }
        let documents: JSONValue = ["previous": previous, "current": self.snapshot]
        return answers + [("update/documents", Self.with(Self.with(documents, time), tail))]
    }

    private init(name: String, deletedVersion: Int64, at now: Int64) {
        self.name = name
        self.version = deletedVersion
        self.deletedAt = now
    }

    private func rejected(_ operation: String, _ code: Int64, _ message: String) -> (String, JSONValue) {
        ("\(operation)/rejected", ["code": JSONValue(code), "message": .string(message)])
    }

    /// What comes before the merge, in the order of device-shadow §9.
    private func obstacle(to patch: JSONValue, _ named: Int64?, _ now: Int64) -> (Int64, String)? {
        let sections = patch.object?.members.map(\.value) ?? []
        if sections.contains(where: { Self.levels($0) > Self.documentDepth }) {
            return (400, "JSON contains too many levels of nesting; maximum is 6")
        }
        for section in sections {
            if let key = Self.keyOfArrayWithNull(section, "") { return (400, "State contains an invalid node: '\(key)'") }
        }
        guard let named else { return nil }
        if named < 0 { return (400, "Invalid version") }
        if self.remembers(now) { return named == self.version ? nil : (409, "Version conflict") }
        return named == 1 ? nil : (400, "Invalid version")
    }

    // MARK: Rules

    private static func levels(_ value: JSONValue) -> Int {
        let inner = value.array ?? value.object?.members.map(\.value) ?? []
        return inner.map { self.levels($0) + 1 }.max() ?? 0
    }

    private static func keyOfArrayWithNull(_ value: JSONValue, _ key: String) -> String? {
        if let elements = value.array {
            return elements.contains { $0.isNull } ? key : elements.lazy.compactMap { self.keyOfArrayWithNull($0, key) }.first
        }
        return value.object?.members.lazy.compactMap { self.keyOfArrayWithNull($0.value, $0.key.text) }.first
    }

    private static func stripped(_ value: JSONValue) -> JSONValue? {
        guard case .object(let object) = value else { return value.isNull ? nil : value }
        var result = JSONObject()
        for (key, value) in object { if let kept = stripped(value) { result[key] = kept } }
        return result.isEmpty && !object.isEmpty ? nil : .object(result)
    }

    /// State and metadata after a patch of something stored.
    private static func merged(
        _ stored: JSONValue?, _ times: JSONValue?, _ patch: JSONValue, _ now: Int64
    ) -> (JSONValue?, JSONValue?) {
        guard case .object(let changes) = patch else { return patch.isNull ? (nil, nil) : (patch, stamped(patch, now)) }
        guard case .object(var state)? = stored, case .object(var metadata)? = times else {
            let new = stripped(patch) ?? (stored == nil ? nil : [:])
            return (new, new.map { stamped($0, now) })
        }
        for (key, change) in changes { (state[key], metadata[key]) = merged(state[key], metadata[key], change, now) }
        return (.object(state), .object(metadata))
    }

    private static func stamped(_ value: JSONValue, _ now: Int64) -> JSONValue {
        switch value {
        case .object(let object):
            var result = JSONObject()
            for (key, value) in object { result[key] = stamped(value, now) }
            return .object(result)
        case .array(let elements): return .array(elements.map { stamped($0, now) })
        case .null, .bool, .number, .string: return ["timestamp": JSONValue(now)]
        }
    }

    private var delta: (JSONValue, JSONValue)? {
        guard let desired = self.state["desired"], let times = self.metadata["desired"] else { return nil }
        return Self.delta(desired, times, self.state["reported"] ?? [:])
    }

    private static func delta(_ desired: JSONValue, _ times: JSONValue, _ reported: JSONValue?) -> (JSONValue, JSONValue)? {
        guard let reported else { return (desired, times) }
        guard let wanted = desired.object, reported.object != nil else { return alike(desired, reported) ? nil : (desired, times) }
        var state = JSONObject()
        var metadata = JSONObject()
        for (key, value) in wanted {
            guard let (different, at) = delta(value, times[key] ?? .null, reported[key]) else { continue }
            state[key] = different
            metadata[key] = at
        }
        return state.isEmpty ? nil : (.object(state), .object(metadata))
    }

    /// Spellings of the numbers in the sequences with what they stand for.
    static let numbers = [
        "0": 0, "-0": 0, "0e5": 0, "1": 1, "1.0": 1, "10e-1": 1, "2": 2, "9007199254740992": 3, "9007199254740993": 4, "1e400": 5,
        "10e399": 5,
    ]

    private static func alike(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): numbers[left.text] == numbers[right.text]
        case (.string(let left), .string(let right)): Array(left.utf8) == Array(right.utf8)
        case (.array(let left), .array(let right)): left.count == right.count && zip(left, right).allSatisfy { alike($0, $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { key, value in right[key].map { alike(value, $0) } ?? false }
        default: false
        }
    }

    // MARK: Documents

    private var snapshot: JSONValue {
        ["state": Self.object(self.state), "metadata": Self.object(self.metadata), "version": JSONValue(self.version)]
    }

    private static func object(_ parts: [String: JSONValue]) -> JSONValue {
        var object = JSONObject()
        for part in self.sections + ["delta"] { object[part] = parts[part] }
        return .object(object)
    }

    private static func with(_ document: JSONValue, _ more: JSONValue) -> JSONValue {
        guard case .object(var object) = document, case .object(let more) = more else { return document }
        for (key, value) in more { object[key] = value }
        return .object(object)
    }
}
