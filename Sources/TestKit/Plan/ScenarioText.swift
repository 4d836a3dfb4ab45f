/// The text of a scenario file, with the line of the test that each of its lines came from.
struct ScenarioText {
    private(set) var text: String
    /// By line of the text; the header is the first.
    private var sources: [SourceLine]

    init(header: String, from source: SourceLine) {
        self.text = header
        self.sources = [source]
    }

    mutating func beginLine(_ source: SourceLine) {
        self.text += "\n"
        self.sources.append(source)
    }

    mutating func append(_ part: String) {
        self.text += part
    }

    /// Where a line of the text came from.
    /// - Parameter line: from 1.
    func source(ofLine line: Int) -> SourceLine {
        self.sources[min(max(line, 1), self.sources.count) - 1]
    }
}
