package import JSON
import Timeline

extension RunReport {
    /// The report as JSON, the same bytes for the same run; all times are nanoseconds from the start of the run. Source: scheduler §9 G6, §14.
    package func json() -> [UInt8] {
        Array((self.document.pretty() + "\n").utf8)
    }

    package var document: JSONValue {
        var root = JSONObject()
        root["report"] = 1
        root["name"] = .string(self.name)
        root["run"] = .string(self.runID)
        if let startedAt { root["startedAt"] = .string(startedAt.iso8601) }
        if !self.emulatorVersion.isEmpty { root["emulator"] = .string(self.emulatorVersion) }
        root["profile"] = .string(self.profile)
        root["clock"] = .string(self.clock)
        root["seed"] = .number(JSONNumber(text: String(self.seed)) ?? JSONNumber(0))
        root["state"] = .string(self.state.rawValue)
        root["timesIn"] = "nanoseconds"
        root["duration"] = Self.time(self.duration)
        root["summary"] = self.summaryDocument
        root["ordering"] = self.ordering.document
        root["steps"] = .array(self.steps.map(\.document))
        return .object(root)
    }

    private var summaryDocument: JSONValue {
        let summary = RunSummary(self.steps)
        var counts = JSONObject()
        for state in StepRecord.State.allCases { counts[state.rawValue] = .number(JSONNumber(Int64(self.count(state)))) }
        var lanes = JSONObject()
        for (lane, gaps) in summary.gapsByLane { lanes[lane] = gaps.document }
        var root = JSONObject()
        root["steps"] = .object(counts)
        if let lateness = summary.lateness { root["lateness"] = lateness.document }
        root["gaps"] = .object(lanes)
        return .object(root)
    }

    static func time(_ duration: Duration) -> JSONValue { .number(JSONNumber(duration.wholeNanoseconds)) }
}

extension RunSummary.Spread {
    var document: JSONValue {
        [
            "least": RunReport.time(self.least), "p50": RunReport.time(self.median), "p95": RunReport.time(self.p95),
            "most": RunReport.time(self.most),
        ]
    }
}

extension OrderingSummary {
    var document: JSONValue {
        var subscribers = JSONObject()
        for (subscriber, inversions) in self.inversionsBySubscriber { subscribers[subscriber] = .number(JSONNumber(Int64(inversions))) }
        var root = JSONObject()
        root["steps"] = .number(JSONNumber(Int64(self.steps)))
        root["inversions"] = .number(JSONNumber(Int64(self.inversions)))
        root["subscribers"] = .object(subscribers)
        if let leastGap { root["leastGap"] = RunReport.time(leastGap) }
        root["pairs"] = .array(
            self.pairs.map { pair in
                [
                    "subscriber": .string(pair.inversion.subscriber), "earlier": .string(pair.earlier), "later": .string(pair.later),
                    "apart": RunReport.time(pair.inversion.earlierAnsweredAt - pair.inversion.laterAnsweredAt),
                ]
            })
        root["line"] = .string(self.line)
        return .object(root)
    }
}

extension StepRecord {
    /// What the report says of the step.
    package var document: JSONValue {
        var root = JSONObject()
        root["id"] = .string(self.id)
        root["line"] = .number(JSONNumber(Int64(self.line)))
        root["verb"] = .string(self.verb)
        root["state"] = .string(self.state.rawValue)
        root["lane"] = self.lane.map { .string($0) }
        root["topic"] = self.topic.map { .string($0) }
        root["publisher"] = self.publisher.map { .string($0) }
        root["bytes"] = self.payloadBytes.map { .number(JSONNumber(Int64($0))) }
        root["planned"] = RunReport.time(self.planned)
        root["base"] = RunReport.time(self.base)
        root["dispatched"] = self.dispatched.map { RunReport.time($0) }
        root["acked"] = self.acked.map { RunReport.time($0) }
        root[self.state == .failed ? "failed" : "settled"] = self.ended.map { RunReport.time($0) }
        root["lateness"] = self.lateness.map { RunReport.time($0) }
        root["gap"] = self.gap.map { RunReport.time($0) }
        if !self.waits.isEmpty {
            root["waits"] = .array(self.waits.map { ["cause": .string($0.cause.rawValue), "for": RunReport.time($0.duration)] })
        }
        root["attempts"] = .number(JSONNumber(Int64(self.attempts)))
        root["result"] = self.answer?.document
        root["lateAnswer"] = self.lateAnswer?.document
        root["lateAnswerAt"] = self.lateAnswerAt.map { RunReport.time($0) }
        root["cause"] = self.causeID.flatMap { JSONNumber(text: String($0)) }.map { .number($0) }
        root["detail"] = self.detail.map { .string($0) }
        root["failure"] = self.failure?.document
        return .object(root)
    }
}

extension StepAnswer {
    var document: JSONValue {
        switch self {
        case .accepted(let version):
            var root: JSONObject = ["answer": "accepted"]
            root["version"] = version.map { .number(JSONNumber($0)) }
            return .object(root)
        case .rejected(let code, let message):
            return ["answer": "rejected", "code": .number(JSONNumber(Int64(code))), "message": .string(message)]
        }
    }

    /// `accepted, version 3`, for tables.
    var text: String {
        switch self {
        case .accepted(let version): "accepted" + (version.map { " v\($0)" } ?? "")
        case .rejected(let code, _): "rejected \(code)"
        }
    }
}

extension StepFailure {
    var document: JSONValue {
        [
            "topic": .string(self.topic), "awaited": .string(self.awaited), "got": .string(self.got),
            "related": .array(self.related.map { .string($0) }),
        ]
    }
}
