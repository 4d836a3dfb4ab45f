import Timeline

/// The report as JUnit XML, as Jenkins (`junit-10.xsd` of its xUnit plugin) and GitLab read it: a suite for the run, a case per step.
///
/// A suite states how many of its cases failed, so it is written when it is complete; after `casesPerSuite` steps the next begins.
struct JUnitReport: ReportForm {
    private let casesPerSuite: Int
    private var name = ""
    private var suites = 0
    private var held = ""
    private var cases = 0
    private var failed = 0
    private var skipped = 0
    private var time = Duration.zero

    init(casesPerSuite: Int = 10_000) {
        self.casesPerSuite = casesPerSuite
    }

    mutating func begin(_ report: RunReport, into bytes: inout [UInt8]) {
        self.name = report.name.isEmpty ? "scenario" : report.name
        bytes += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".utf8
        let properties = [
            ("run", report.runID), ("profile", report.profile), ("clock", report.clock), ("seed", "\(report.seed)"),
            ("emulator", report.emulatorVersion), ("startedAt", report.startedAt?.iso8601 ?? ""),
        ]
        self.held += "    <properties>\n"
        for (name, value) in properties where !value.isEmpty {
            self.held += "      <property\(XMLText.attribute("name", name))\(XMLText.attribute("value", value))/>\n"
        }
        self.held += "    </properties>\n"
    }

    mutating func add(_ step: StepRecord, into bytes: inout [UInt8]) {
        if self.cases == self.casesPerSuite { self.closeSuite(into: &bytes) }
        let body: String
        switch step.state {
        case .settled: body = ""
        case .failed:
            self.failed += 1
            body = Self.failure(step)
        case .skipped, .cancelled:
            self.skipped += 1
            let message = [step.state.rawValue, step.detail].compactMap { $0 }.joined(separator: ": ")
            body = "      <skipped\(XMLText.attribute("message", message))/>\n"
        }
        self.time += step.timeTaken
        self.addCase(step.id, body, time: step.timeTaken)
    }

    mutating func end(_ report: RunReport, into bytes: inout [UInt8]) {
        if report.state != .passed, report.tally.count(.failed) == 0 {
            // No step of its own says so, and a server that counts cases would call the run good.
            if self.cases == self.casesPerSuite { self.closeSuite(into: &bytes) }
            self.failed += 1
            let message = XMLText.attribute("message", "the run is \(report.state.rawValue)")
            self.addCase("run", "      <failure\(message) type=\"\(report.state.rawValue)\"/>\n", time: .zero)
        }
        let inversions = report.ordering.pairs.map(\.text)
        let text = ([report.ordering.line] + inversions).joined(separator: "\n")
        self.held += "    <system-out>\(XMLText.escaped(text))</system-out>\n"
        self.closeSuite(into: &bytes)
        bytes += "</testsuites>\n".utf8
    }

    private static func failure(_ step: StepRecord) -> String {
        let failure = step.failure
        let message = failure.map { "awaited \($0.awaited); got \($0.got)" } ?? step.detail ?? "failed"
        return "      <failure\(XMLText.attribute("message", message))\(XMLText.attribute("type", step.verb))>"
            + "\(XMLText.escaped(failure?.text ?? message))</failure>\n"
    }

    private mutating func addCase(_ id: String, _ body: String, time: Duration) {
        self.cases += 1
        self.held +=
            "    <testcase\(XMLText.attribute("name", id))\(XMLText.attribute("classname", self.name)) time=\"\(Times.column(time))\""
        self.held += body.isEmpty ? "/>\n" : ">\n\(body)    </testcase>\n"
    }

    private mutating func closeSuite(into bytes: inout [UInt8]) {
        self.suites += 1
        let name = self.suites == 1 ? self.name : "\(self.name) (\(self.suites))"
        bytes += "  <testsuite\(XMLText.attribute("name", name)) tests=\"\(self.cases)\" failures=\"\(self.failed)\" errors=\"0\"".utf8
        bytes += " skipped=\"\(self.skipped)\" time=\"\(Times.column(self.time))\">\n\(self.held)  </testsuite>\n".utf8
        self.held = ""
        self.cases = 0
        self.failed = 0
        self.skipped = 0
        self.time = .zero
    }
}

extension StepRecord {
    /// From its dispatch, or for those that only look from its base, to its end.
    var timeTaken: Duration {
        guard let ended else { return .zero }
        return max(.zero, ended - (self.dispatched ?? self.base))
    }
}
