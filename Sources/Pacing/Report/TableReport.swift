import Timeline

/// The report for a terminal: a line per step, then failures, figures and the ordering proof. Times are seconds.
///
/// Columns are as wide as the first ``sizedRows`` rows need. Of a longer run the first and the last rows are shown, and between them
/// those that failed.
struct TableReport: ReportForm {
    static let sizedRows = 1000
    static let lastRows = 500

    /// The steps that decide the widths; afterwards the last ones, as a ring that starts at `first`.
    private var held: [StepRecord] = []
    private var first = 0
    private var widths: [Int]?
    private var leftOut = 0
    private var title = ""

    mutating func begin(_ report: RunReport, into bytes: inout [UInt8]) {
        self.title = report.name.isEmpty ? "run \(report.runID)" : "\(report.name) (run \(report.runID))"
    }

    mutating func add(_ step: StepRecord, into bytes: inout [UInt8]) {
        guard let widths else {
            self.held.append(step)
            if self.held.count > Self.sizedRows { self.open(into: &bytes) }
            return
        }
        let leaving = self.held[self.first]
        self.held[self.first] = step
        self.first = (self.first + 1) % self.held.count
        if leaving.state == .failed {
            self.sayLeftOut(&bytes)
            Self.line(TableRow(leaving).text(widths), &bytes)
        } else {
            self.leftOut += 1
        }
    }

    mutating func end(_ report: RunReport, into bytes: inout [UInt8]) {
        let title =
            "\(self.title): \(report.state.rawValue) after \(Times.column(report.duration)) s, profile \(report.profile), seed \(report.seed)"
        if self.widths == nil { Self.line("\(title)\n", &bytes) }
        self.sayLeftOut(&bytes)
        self.writeRows(self.held[self.first...] + self.held[..<self.first], into: &bytes)
        for failure in report.failures { Self.line("\n\(failure.text)", &bytes) }
        let more = report.tally.count(.failed) - report.failures.count
        if more > 0 { Self.line("\nand \(more) more failures; --format jsonl shows each", &bytes) }
        if self.widths != nil { Self.line("\n\(title)", &bytes) }
        Self.line("", &bytes)
        for line in report.figures + report.ordering.pairs.map(\.text) + [report.ordering.line] { Self.line(line, &bytes) }
    }

    // MARK: Rows

    /// Settles the widths and writes the first rows; the others become the ring.
    private mutating func open(into bytes: inout [UInt8]) {
        Self.line("\(self.title)\n", &bytes)
        let shown = self.held.count - Self.lastRows
        self.widths = self.writeRows(self.held[...], showing: shown, into: &bytes)
        self.held.removeFirst(shown)
    }

    /// Writes rows, under a header and in widths of their own if there are none yet.
    @discardableResult
    private func writeRows(_ steps: ArraySlice<StepRecord>, showing count: Int = .max, into bytes: inout [UInt8]) -> [Int] {
        let rows = steps.map(TableRow.init)
        let isFirst = self.widths == nil
        let widths = self.widths ?? TableRow.widths(rows)
        for row in (isFirst ? [.header] : []) + rows.prefix(count) { Self.line(row.text(widths), &bytes) }
        return widths
    }

    private mutating func sayLeftOut(_ bytes: inout [UInt8]) {
        if self.leftOut > 0 { Self.line("… \(self.leftOut) steps that did not fail are left out; --format jsonl shows each", &bytes) }
        self.leftOut = 0
    }

    private static func line(_ text: String, _ bytes: inout [UInt8]) {
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\n"))
    }
}

/// The cells of one line.
private struct TableRow {
    static let header = TableRow(cells: [
        "step", "line", "verb", "lane", "planned", "dispatched", "acked", "settled", "late", "gap", "waited", "result",
    ])

    private let cells: [String]

    private init(cells: [String]) {
        self.cells = cells
    }

    init(_ step: StepRecord) {
        let waits = step.waits.map { "\($0.cause.rawValue) \(Times.column($0.duration))" }.joined(separator: ", ")
        self.cells = [
            step.id, "\(step.line)", step.verb, step.lane ?? "-", Times.column(step.planned), Times.column(step.dispatched),
            Times.column(step.acked), step.state == .settled ? Times.column(step.ended) : "-", Times.column(step.lateness),
            Times.column(step.gap), waits.isEmpty ? "-" : waits, step.result,
        ]
    }

    /// What each column needs, its heading included.
    static func widths(_ rows: [TableRow]) -> [Int] {
        Self.header.cells.indices.map { column in (rows + [Self.header]).map { $0.cells[column].count }.max() ?? 0 }
    }

    func text(_ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in self.cells.enumerated() {
            line += column == self.cells.count - 1 ? cell : cell + String(repeating: " ", count: max(0, widths[column] - cell.count) + 2)
        }
        return line
    }
}

extension StepRecord {
    fileprivate var result: String {
        var text = self.state.rawValue
        if let answer = self.answer { text = self.state == .settled ? answer.text : "\(text): \(answer.text)" }
        if self.attempts > 1 { text += ", \(self.attempts) attempts" }
        if let late = self.lateAnswer { text += ", late answer: \(late.text)" }
        if let detail = self.detail { text += ": \(detail)" }
        return text
    }
}

extension RunReport {
    /// The report for a terminal.
    package func table() -> String { String(decoding: self.written(.table), as: UTF8.self) }

    /// The lines with the figures.
    fileprivate var figures: [String] {
        let counts = StepRecord.State.allCases.map { (state: $0, count: self.tally.count($0)) }.filter { $0.count > 0 }
        var lines = ["steps: " + counts.map { "\($0.count) \($0.state.rawValue)" }.joined(separator: ", ")]
        if let scenario = self.scenarioDuration { lines.append("scenario time: \(Times.column(scenario)) s") }
        if let wall = self.wallDuration { lines.append("real time: \(Times.column(wall)) s") }
        if let lateness = self.tally.lateness { lines.append("lateness: \(lateness.text)") }
        let lanes = self.tally.gapsByLane
        for (lane, gaps) in lanes.prefix(20) { lines.append("gaps in \(lane): \(gaps.text)") }
        if lanes.count > 20 { lines.append("gaps of \(lanes.count - 20) more lanes: see the JSON report") }
        for quota in self.quotas {
            lines.append("\(quota.quota) (\(quota.subject)): at most \(quota.used) of \(quota.limit), at \(Times.column(quota.at)) s")
        }
        return lines
    }
}

extension Spread {
    fileprivate var text: String {
        "least \(Times.column(self.least)), p50 \(Times.column(self.median)), p95 \(Times.column(self.p95)), most \(Times.column(self.most)) s"
            + (self.isExact ? "" : " (percentiles \(Self.approximation))")
    }
}

extension OrderingSummary.Pair {
    /// One line for a person.
    var text: String {
        "inversion: \(self.subscriber) got the answer to \(self.later) \(Times.text(self.apart)) before that to \(self.earlier)"
    }
}
