import JSON

/// Gives a scenario file its canonical form: `sundial fmt`. Source: scheduler §17.
///
/// A step a line unless it is too long, keys in order, comments and single blank lines where they were. What the file means stays what
/// it was, to the nanosecond and the byte of every payload; formatting twice is formatting once.
package struct ScenarioFormat: Sendable {
    /// How the times of steps are written.
    package enum Times: String, CaseIterable, Sendable {
        case asWritten, at, wait
    }

    private static let width = 120

    private let bytes: [UInt8]
    private let file: String
    private var objects: ScenarioFiles
    private var steps: CanonicalSteps
    private var hasHeader = false
    private var hasWritten = false
    /// A blank line that is due before what comes next.
    private var owesBlankLine = false

    /// - Parameter file: its name, for messages.
    package init(_ bytes: [UInt8], file: String, times: Times = .asWritten) {
        self.bytes = bytes
        self.file = file
        self.objects = ScenarioFiles(JSONSequenceReader(bytes, limits: ScenarioFiles.limits), name: file)
        self.steps = CanonicalSteps(times)
    }

    /// The whole file.
    /// - Throws: why it is no scenario; then nothing should be touched. Names and values are not looked at: that is what `check` does.
    package static func text(of bytes: [UInt8], file: String, times: Times = .asWritten) throws(ScenarioError) -> [UInt8] {
        var format = ScenarioFormat(bytes, file: file, times: times)
        var text: [UInt8] = []
        while try format.next(into: &text) {}
        return text
    }

    /// Writes the next piece of the file.
    /// - Returns: false at its end.
    package mutating func next(into text: inout [UInt8]) throws(ScenarioError) -> Bool {
        let start = self.objects.offset
        guard let (value, source) = try self.objects.next() else {
            guard self.hasHeader else { throw ScenarioError.noHeader(in: self.file) }
            for pause in self.steps.finish() { self.write(pause, into: &text) }
            self.copyComments(self.bytes[start...], toEnd: true, into: &text)
            return false
        }
        var objects: [JSONObject]
        do throws(StepFault) {
            objects = try self.canonical(Node(root: value))
        } catch {
            throw source.error(error)
        }
        let last = objects.popLast()
        // Pauses before it stand before what is said about it.
        for object in objects { self.write(object, into: &text) }
        self.copyComments(self.bytes[start..<source.positions.object.offset], into: &text)
        if let last { self.write(last, into: &text) }
        return true
    }

    private mutating func canonical(_ node: Node) throws(StepFault) -> [JSONObject] {
        if self.hasHeader { return try self.steps.add(node) }
        self.hasHeader = true
        var options = ScenarioOptions()
        options.environment = { _ in "" }
        _ = try HeaderReader.read(node, options: options)
        var header = try node.object("the header")
        guard CanonicalSteps.draws(in: node.value) < 2 else { return [header] }
        header["defaults"] = header["defaults"].map { CanonicalSteps.sorted($0, KeyOrder.defaults) }
        if case .object(var lanes)? = header["lanes"] {
            for (key, lane) in lanes { lanes[key] = CanonicalSteps.sorted(lane, KeyOrder.lane) }
            header["lanes"] = .object(lanes)
        }
        return [KeyOrder.sorted(header, KeyOrder.header)]
    }

    // MARK: Writing

    private mutating func write(_ object: JSONObject, into text: inout [UInt8]) {
        self.write(ScenarioLayout.text(of: object, width: Self.width), into: &text)
    }

    private mutating func write(_ lines: String, into text: inout [UInt8]) {
        if self.owesBlankLine, self.hasWritten { text.append(UInt8(ascii: "\n")) }
        self.owesBlankLine = false
        self.hasWritten = true
        text += lines.utf8
        text.append(UInt8(ascii: "\n"))
    }

    /// Copies what stands between two objects: comments, and one blank line for any number of them.
    private mutating func copyComments(_ gap: ArraySlice<UInt8>, toEnd: Bool = false, into text: inout [UInt8]) {
        let lines = gap.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (place, line) in lines.enumerated() {
            // The first is the rest of the line of the object before, the last the beginning of that of the one behind.
            let isWhole = (place > 0 || gap.startIndex == 0) && (place < lines.count - 1 || toEnd)
            let comment = line.drop { $0 <= 0x20 }
            if !comment.isEmpty {
                let end = comment.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? comment.startIndex
                self.write(String(decoding: comment[..<end], as: UTF8.self), into: &text)
            } else if isWhole {
                self.owesBlankLine = true
            }
        }
    }
}
