package import JSON
import Timeline

extension RunReport {
    /// The report as JSON, the same bytes for the same run; all times are nanoseconds from the start of the run. Source: scheduler §9 G6, §14.
    package func json() -> [UInt8] { self.written(.json) }

    package var document: JSONValue {
        var root = self.wholeDocument
        root["steps"] = .array(self.steps.map(\.document))
        return .object(root)
    }

    /// Everything but the steps.
    var wholeDocument: JSONObject {
        var root = self.headDocument
        for (key, value) in self.endDocument { root[key] = value }
        return root
    }

    /// What is known at the start of the run.
    var headDocument: JSONObject {
        var root = JSONObject()
        root["report"] = 1
        root["name"] = .string(self.name)
        root["run"] = .string(self.runID)
        if let startedAt { root["startedAt"] = .string(startedAt.iso8601) }
        if !self.emulatorVersion.isEmpty { root["emulator"] = .string(self.emulatorVersion) }
        root["profile"] = .string(self.profile)
        root["clock"] = .string(self.clock)
        root["seed"] = .number(JSONNumber(text: String(self.seed)) ?? JSONNumber(0))
        root["timesIn"] = "nanoseconds"
        return root
    }

    /// What is known at its end.
    var endDocument: JSONObject {
        var root = JSONObject()
        root["state"] = .string(self.state.rawValue)
        root["duration"] = Self.time(self.duration)
        root["scenarioDuration"] = self.scenarioDuration.map { Self.time($0) }
        root["wallDuration"] = self.wallDuration.map { Self.time($0) }
        root["summary"] = self.tally.document
        if !self.quotas.isEmpty { root["quotas"] = .array(self.quotas.map(\.document)) }
        root["ordering"] = self.ordering.document
        return root
    }

    static func time(_ duration: Duration) -> JSONValue { .number(JSONNumber(duration.wholeNanoseconds)) }
}

extension RunTally {
    var document: JSONValue {
        var counts = JSONObject()
        for state in StepRecord.State.allCases { counts[state.rawValue] = .number(JSONNumber(Int64(self.count(state)))) }
        var lanes = JSONObject()
        for (lane, gaps) in self.gapsByLane { lanes[lane] = gaps.document }
        var root = JSONObject()
        root["steps"] = .object(counts)
        root["lateness"] = self.lateness?.document
        root["gaps"] = .object(lanes)
        if self.gapsElsewhere > 0 { root["gapsInFurtherLanes"] = .number(JSONNumber(Int64(self.gapsElsewhere))) }
        return .object(root)
    }
}

extension Spread {
    var document: JSONValue {
        var root: JSONObject = [
            "least": RunReport.time(self.least), "p50": RunReport.time(self.median), "p95": RunReport.time(self.p95),
            "most": RunReport.time(self.most),
        ]
        if !self.isExact { root["percentiles"] = .string(Self.approximation) }
        return .object(root)
    }
}

extension QuotaHeadroom {
    var document: JSONValue {
        [
            "quota": .string(self.quota), "subject": .string(self.subject), "used": .number(JSONNumber(Int64(self.used))),
            "limit": .number(JSONNumber(Int64(self.limit))),
            "at": RunReport.time(self.at),
        ]
    }
}

extension OrderingSummary {
    var document: JSONValue {
        var subscribers = JSONObject()
        for (subscriber, inversions) in self.inversionsBySubscriber { subscribers[subscriber] = .number(JSONNumber(Int64(inversions))) }
        var root = JSONObject()
        root["scope"] = .string(self.scope.rawValue)
        root["steps"] = .number(JSONNumber(Int64(self.steps)))
        root["inversions"] = .number(JSONNumber(Int64(self.inversions)))
        root["subscribers"] = .object(subscribers)
        if self.beyondWindow > 0 { root["answersBeyondWindow"] = .number(JSONNumber(Int64(self.beyondWindow))) }
        root["leastGap"] = self.leastGap.map { RunReport.time($0) }
        root["pairs"] = .array(self.pairs.map(\.document))
        root["line"] = .string(self.line)
        return .object(root)
    }
}

extension OrderingSummary.Pair {
    var document: JSONValue {
        [
            "subscriber": .string(self.subscriber), "earlier": .string(self.earlier), "later": .string(self.later),
            "earlierAnsweredAt": RunReport.time(self.earlierAnsweredAt), "laterAnsweredAt": RunReport.time(self.laterAnsweredAt),
            "apart": RunReport.time(self.apart),
        ]
    }
}

extension StepRecord {
    /// What the report says of the step.
    package var document: JSONValue { .object(self.members) }

    var members: JSONObject {
        var root = JSONObject()
        root["id"] = .string(self.id)
        root["line"] = .number(JSONNumber(Int64(self.line)))
        root["file"] = self.file.map { .string($0) }
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
        if !self.lateGates.isEmpty { root["lateGates"] = .array(self.lateGates.map(\.document)) }
        if !self.failedAttempts.isEmpty { root["failedAttempts"] = .array(self.failedAttempts.map(\.document)) }
        root["cause"] = self.causeID.flatMap { JSONNumber(text: String($0)) }.map { .number($0) }
        root["detail"] = self.detail.map { .string($0) }
        root["failure"] = self.failure?.document
        return root
    }
}

extension LateGate {
    var document: JSONValue { ["gates": .string(self.gates.text), "at": RunReport.time(self.at)] }
}

extension FailedAttempt {
    var document: JSONValue {
        ["dispatched": RunReport.time(self.dispatched), "ended": RunReport.time(self.ended), "got": .string(self.got)]
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
