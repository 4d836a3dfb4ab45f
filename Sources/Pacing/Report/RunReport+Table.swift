import Timeline

extension RunReport {
    private static let header = [
        "step", "line", "verb", "lane", "planned", "dispatched", "acked", "settled", "late", "gap", "waited", "result",
    ]

    /// The report for a terminal: a line per step, then failures, figures and the ordering proof. Times are seconds.
    package func table() -> String {
        var lines: [String] = []
        let title = self.name.isEmpty ? "run \(self.runID)" : "\(self.name) (run \(self.runID))"
        lines.append("\(title): \(self.state.rawValue) after \(Times.column(self.duration)) s, profile \(self.profile), seed \(self.seed)")
        lines.append("")
        lines += Self.aligned([Self.header] + self.steps.map(Self.row))
        for failure in self.failures { lines += ["", failure.text] }
        lines.append("")
        lines += self.figures
        for pair in self.ordering.pairs {
            let apart = Times.text(pair.inversion.earlierAnsweredAt - pair.inversion.laterAnsweredAt)
            lines.append("inversion: \(pair.inversion.subscriber) got the answer to \(pair.later) \(apart) before that to \(pair.earlier)")
        }
        lines.append(self.ordering.line)
        return lines.joined(separator: "\n") + "\n"
    }

    private var figures: [String] {
        let counts = StepRecord.State.allCases.map { (state: $0, count: self.count($0)) }.filter { $0.count > 0 }
        var lines = ["steps: " + counts.map { "\($0.count) \($0.state.rawValue)" }.joined(separator: ", ")]
        let summary = RunSummary(self.steps)
        if let lateness = summary.lateness { lines.append("lateness: \(Self.text(lateness))") }
        for (lane, gaps) in summary.gapsByLane.prefix(20) { lines.append("gaps in \(lane): \(Self.text(gaps))") }
        if summary.gapsByLane.count > 20 { lines.append("gaps of \(summary.gapsByLane.count - 20) more lanes: see the JSON report") }
        return lines
    }

    private static func text(_ spread: RunSummary.Spread) -> String {
        "least \(Times.column(spread.least)), p50 \(Times.column(spread.median)), p95 \(Times.column(spread.p95)), most \(Times.column(spread.most)) s"
    }

    private static func row(_ step: StepRecord) -> [String] {
        let waits = step.waits.map { "\($0.cause.rawValue) \(Times.column($0.duration))" }.joined(separator: ", ")
        return [
            step.id, "\(step.line)", step.verb, step.lane ?? "-", Times.column(step.planned), Times.column(step.dispatched),
            Times.column(step.acked), step.state == .settled ? Times.column(step.ended) : "-", Times.column(step.lateness),
            Times.column(step.gap), waits.isEmpty ? "-" : waits, Self.result(step),
        ]
    }

    private static func result(_ step: StepRecord) -> String {
        var text = step.state.rawValue
        if let answer = step.answer { text = step.state == .settled ? answer.text : "\(text): \(answer.text)" }
        if let late = step.lateAnswer { text += ", late answer: \(late.text)" }
        if let detail = step.detail { text += ": \(detail)" }
        return text
    }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let widths = Self.header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            return line
        }
    }
}
