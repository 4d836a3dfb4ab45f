package import JSON

/// The settings of a lane as files and the control API write them.
extension LaneSettings {
    init(_ node: Node) throws(StepFault) {
        try node.allowOnly(["minGap", "settle", "slots", "jitter", "onFail", "late"], in: "a lane")
        self.init()
        if let minGap = node["minGap"] { self.minGap = try minGap.duration("minGap") }
        if let settle = node["settle"] { self.settle = try settle.duration("settle") }
        if let slots = node["slots"] { self.slots = Int(try slots.integer("slots", 1...10_000)) }
        if let jitter = node["jitter"] { self.jitter = try SettingsWords.jitter(jitter) }
        if let onFail = node["onFail"] { self.onFail = try SettingsWords.onFail(onFail) }
        if let late = node["late"] { self.late = try SettingsWords.late(late) }
    }

    /// Reads one object, such as `{"minGap":"500ms"}`.
    /// - Parameter file: names it in messages.
    package init(parsing bytes: [UInt8], file: String) throws(ScenarioError) {
        var objects = JSONSequenceReader(bytes)
        let found: (value: JSONValue, positions: JSONPositions)?
        do throws(JSONError) {
            found = try objects.next()
        } catch {
            throw ScenarioError(
                file: file, line: error.position.line, column: error.position.column, what: error.kindText, cure: "write one JSON object")
        }
        guard let found else {
            throw ScenarioError(file: file, line: 1, column: 1, what: "there are no settings", cure: "write {\"minGap\": \"500ms\"}")
        }
        do throws(StepFault) {
            try self.init(Node(root: found.value))
        } catch {
            throw SourceText(file: file, positions: found.positions).error(error)
        }
    }

    /// What is said, in the words of ``init(parsing:file:)``; of `retry` only the word.
    package var document: JSONValue {
        var root = JSONObject()
        root["minGap"] = self.minGap.map { .string(ScenarioDuration.text($0)) }
        root["settle"] = self.settle.map { .string(ScenarioDuration.text($0)) }
        root["slots"] = self.slots.map { .number(JSONNumber(Int64($0))) }
        root["jitter"] = self.jitter.map { jitter in
            ["uniform": [.string(ScenarioDuration.text(jitter.least)), .string(ScenarioDuration.text(jitter.most))]]
        }
        root["onFail"] = self.onFail.map { policy in .string(FailurePolicy.words.first { $0.policy == policy }?.word ?? "retry") }
        root["late"] = self.late.map { .string($0.rawValue) }
        return .object(root)
    }
}
