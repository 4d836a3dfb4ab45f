import JSON

/// The report as one JSON document.
///
/// What is known only at the end stands before the steps of a run of up to `heldSteps` steps, and behind those of a longer one, so
/// that it can be written while the run goes on.
struct JSONReport: ReportForm {
    private let heldSteps: Int
    private var head = JSONObject()
    private var held: [UInt8] = []
    private var steps = 0

    init(heldSteps: Int = 10_000) {
        self.heldSteps = heldSteps
    }

    mutating func begin(_ report: RunReport, into bytes: inout [UInt8]) {
        self.head = report.headDocument
    }

    mutating func add(_ step: StepRecord, into bytes: inout [UInt8]) {
        if self.steps > 0 { self.held.append(UInt8(ascii: ",")) }
        self.held += "\n    \(step.document.pretty(level: 2))".utf8
        self.steps += 1
        guard self.steps > self.heldSteps else { return }
        if self.steps == self.heldSteps + 1 { self.open(self.head, into: &bytes) }
        bytes += self.held
        self.held.removeAll(keepingCapacity: true)
    }

    mutating func end(_ report: RunReport, into bytes: inout [UInt8]) {
        let close = self.steps == 0 ? "]" : "\n  ]"
        guard self.steps > self.heldSteps else {
            self.open(report.wholeDocument, into: &bytes)
            bytes += self.held
            bytes += "\(close)\n}\n".utf8
            return
        }
        bytes += "\(close),\(Self.members(report.endDocument))\n}\n".utf8
    }

    /// Everything up to the first step.
    private func open(_ members: JSONObject, into bytes: inout [UInt8]) {
        bytes += "{\(Self.members(members)),\n  \"steps\": [".utf8
    }

    /// The lines between the braces.
    private static func members(_ object: JSONObject) -> Substring {
        JSONValue.object(object).pretty().dropFirst().dropLast(2)
    }
}

/// The report as one JSON object per line, each with a `type`: `run` first, a `step` each, `summary` last.
struct JSONLinesReport: ReportForm {
    mutating func begin(_ report: RunReport, into bytes: inout [UInt8]) {
        Self.write("run", report.headDocument, into: &bytes)
    }

    mutating func add(_ step: StepRecord, into bytes: inout [UInt8]) {
        Self.write("step", step.members, into: &bytes)
    }

    mutating func end(_ report: RunReport, into bytes: inout [UInt8]) {
        Self.write("summary", report.endDocument, into: &bytes)
    }

    private static func write(_ type: String, _ members: JSONObject, into bytes: inout [UInt8]) {
        var line: JSONObject = ["type": .string(type)]
        for (key, value) in members { line[key] = value }
        JSONValue.object(line).write(into: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }
}
