/// How a report is written. Source: scheduler §14.
package enum ReportFormat: String, CaseIterable, Sendable {
    /// For a terminal: a line per step, then failures, figures and the ordering proof.
    case table
    /// One JSON document.
    case json
    /// A JSON object per line: the run, each step, the summary.
    case jsonl
    /// JUnit XML, for CI servers.
    case junit
}

/// Writes a report while the run goes on, in bounded memory: appends to bytes that the caller takes away.
package struct ReportWriter: Sendable {
    private var form: any ReportForm
    private var hasBegun = false

    package init(_ format: ReportFormat) {
        switch format {
        case .table: self.init(TableReport())
        case .json: self.init(JSONReport())
        case .jsonl: self.init(JSONLinesReport())
        case .junit: self.init(JUnitReport())
        }
    }

    init(_ form: any ReportForm) {
        self.form = form
    }

    /// Takes in the next part of a report; the one whose state is not `running` is the last and completes what is written.
    package mutating func write(_ part: RunReport, into bytes: inout [UInt8]) {
        self.add(part, into: &bytes)
        if part.state != .running { self.form.end(part, into: &bytes) }
    }

    fileprivate mutating func add(_ part: RunReport, into bytes: inout [UInt8]) {
        if !self.hasBegun { self.form.begin(part, into: &bytes) }
        self.hasBegun = true
        for step in part.steps { self.form.add(step, into: &bytes) }
    }

    /// The whole of `report`, whether or not its run has ended.
    mutating func writeWhole(_ report: RunReport, into bytes: inout [UInt8]) {
        self.add(report, into: &bytes)
        self.form.end(report, into: &bytes)
    }
}

/// One format: told of the run, of each step in order, and of the end.
protocol ReportForm: Sendable {
    mutating func begin(_ report: RunReport, into bytes: inout [UInt8])
    mutating func add(_ step: StepRecord, into bytes: inout [UInt8])
    mutating func end(_ report: RunReport, into bytes: inout [UInt8])
}

extension RunReport {
    /// The report at once, of a run that has ended or of what there is so far.
    package func written(_ format: ReportFormat) -> [UInt8] {
        var writer = ReportWriter(format)
        var bytes: [UInt8] = []
        writer.writeWhole(self, into: &bytes)
        return bytes
    }
}
