package import JSON

/// Reads a scenario without running it and says what is wrong with it, or will be. Source: scheduler §12.
///
/// What the reader refuses is an error; so is what cannot end well. What is only likely not to be meant is a warning. The file is read
/// as it is run, step by step, and what is kept of it is bounded.
package struct ScenarioCheck {
    /// What is looked at, and how much of it is told.
    package struct Options: Sendable {
        /// As the scenario would be read for a run.
        package var reading = ScenarioOptions()
        /// Findings told one by one.
        package var limit = 100

        package init() {}
    }

    private var findings: Findings
    private var lanes: LaneForecast
    private var quotas: QuotaForecast
    private var sources: MessageSources
    private var variables: VariableUse
    private var tokens: TokenUse
    private let payloads: PayloadCheck
    private let topics: TopicCheck

    /// What is found in a scenario file.
    /// - Parameter file: its name, for messages.
    package static func findings(
        in bytes: [UInt8], file: String, options: Options = .init(), readFile: @escaping ScenarioReader.ReadFile = { _ in nil }
    ) -> CheckResult {
        Self.findings(options, file) { () throws(ScenarioError) in
            try ScenarioReader(bytes, file: file, options: options.reading, readFile: readFile)
        }
    }

    /// What is found in a scenario file of any length.
    /// - Parameter pieces: its bytes from an offset on.
    package static func findings(
        pieces: @escaping JSONSequenceReader.Pieces, file: String, options: Options = .init(),
        readFile: @escaping ScenarioReader.ReadFile = { _ in nil }
    ) -> CheckResult {
        Self.findings(options, file) { () throws(ScenarioError) in
            try ScenarioReader(pieces: pieces, file: file, options: options.reading, readFile: readFile)
        }
    }

    private static func findings(
        _ options: Options, _ file: String, _ open: () throws(ScenarioError) -> ScenarioReader
    ) -> CheckResult {
        var findings = Findings(limit: options.limit)
        do throws(ScenarioError) {
            var reader = try open()
            var check = ScenarioCheck(reader, options, file, findings)
            check.read(&reader)
            findings = check.findings
        } catch {
            findings.add(.error, error)
        }
        findings.sort()
        return findings.result
    }

    private init(_ reader: ScenarioReader, _ options: Options, _ file: String, _ findings: Findings) {
        self.findings = findings
        self.lanes = LaneForecast(reader.settings)
        self.quotas = QuotaForecast(reader.settings)
        self.sources = MessageSources(reader.settings, isRemote: options.reading.isRemote)
        self.variables = VariableUse(reader.header, reader.headerText)
        self.tokens = TokenUse(isRemote: options.reading.isRemote)
        self.payloads = PayloadCheck(reader.settings)
        self.topics = TopicCheck(reader.settings)
    }

    private mutating func read(_ reader: inout ScenarioReader) {
        var count = 0
        while true {
            do throws(ScenarioError) {
                guard let written = try reader.nextWritten(StepNumber(count)) else { break }
                count += 1
                self.variables.look(at: written)
                self.look(at: written)
                self.lookInside(written, reader)
            } catch {
                self.findings.add(.error, error)
                // What the step would have done is not known.
                self.sources.loseTrack()
                self.variables.loseTrack()
            }
        }
        self.findings.countSteps(count)
        self.lanes.finish(&self.findings)
        self.quotas.finish(&self.findings)
        self.sources.finish(&self.findings)
        self.variables.finish(&self.findings)
    }

    private mutating func look(at written: WrittenStep) {
        if written.step.options.isSkipped { return }
        self.payloads.look(at: written, &self.findings)
        self.topics.look(at: written, &self.findings)
        self.sources.look(at: written)
        self.tokens.look(at: written, &self.findings)
        if written.step.block != nil {
            // When it ends is known only when it runs.
            self.lanes.finish(&self.findings)
            self.lanes.loseTrack()
        } else if let planned = self.lanes.look(at: written, &self.findings) {
            self.quotas.look(at: written, planned: planned)
        }
    }

    /// Looks at the steps of a block, as they are in its first pass.
    private mutating func lookInside(_ written: WrittenStep, _ reader: ScenarioReader) {
        let bodies: [StepBody]
        switch written.step.kind {
        case .block(let block): bodies = block.bodies
        case .react(let reaction): bodies = [reaction.body]
        case .connect, .disconnect, .drop, .subscribe, .unsubscribe, .publish, .expect, .never, .order, .shadowIs, .clock, .mark, .note:
            return
        }
        let outer = (self.lanes, self.quotas)
        for body in bodies {
            guard case .written(let passes) = body.content else { continue }
            // A copy, so that the sequences of the file count on from where they are.
            var reader = reader
            var pass = passes.outline(pass: 0)
            self.lanes = LaneForecast(reader.settings)
            self.quotas = QuotaForecast(reader.settings)
            while pass.next < pass.body.elements.count, let step = try? reader.next(in: &pass, written.step.number) {
                let element = pass.body.elements[pass.next - 1]
                let inner = WrittenStep(step: step, node: element.node, text: element.text)
                self.variables.look(at: inner)
                if passes.areNumbered { self.sources.lookAtRepeated(inner) }
                self.look(at: inner)
                self.lookInside(inner, reader)
            }
            self.lanes.finish(&self.findings)
            self.quotas.finish(&self.findings)
        }
        (self.lanes, self.quotas) = outer
    }
}
