import JSON
import Shadows

/// Reads a scenario file step by step, so that a file of any length can be run while it is read. Source: scheduler §16.
///
/// Nothing later in a file changes what something earlier means: names are those of steps before.
package struct ScenarioReader: Sendable {
    /// The header.
    package private(set) var settings = PlanSettings()

    let options: ScenarioOptions
    var variables: ScenarioVariables
    var names: StepNames
    var clients = ScenarioClients()

    private let file: String
    private var objects: JSONSequenceReader
    private var nextNumber = 0
    private var planned = Duration.zero

    /// Reads the header.
    package init(_ bytes: [UInt8], file: String, options: ScenarioOptions = .init()) throws(ScenarioError) {
        self.file = file
        self.options = options
        self.objects = JSONSequenceReader(bytes)
        self.names = StepNames(window: options.window)
        self.variables = ScenarioVariables(seed: options.seed ?? 1, runID: options.runID)
        guard let header = try self.nextObject() else {
            throw ScenarioError(file: file, line: 1, column: 1, what: "the file has no header", cure: "start it with {\"scenario\": 1}")
        }
        do throws(StepFault) {
            let read = try HeaderReader.read(Node(root: header.value), options: options)
            self.settings = read.settings
            self.variables = read.variables
        } catch {
            throw self.error(error, header.positions)
        }
    }

    /// The next step; nil at the end of the file. After an error the steps behind it can still be read, unless the text is not JSON.
    /// - Parameter readFile: the bytes of a payload file by its relative path, nil when it cannot be read.
    package mutating func next(readFile: (String) -> [UInt8]? = { _ in nil }) throws(ScenarioError) -> Step? {
        while let found = try self.nextObject() {
            do throws(StepFault) {
                let line = found.positions.object.line
                if let step = try self.step(Node(root: found.value), line: line, readFile: readFile) { return step }
            } catch {
                throw self.error(error, found.positions)
            }
        }
        return nil
    }

    private mutating func nextObject() throws(ScenarioError) -> (value: JSONValue, positions: JSONPositions)? {
        do throws(JSONError) {
            return try self.objects.next()
        } catch {
            throw ScenarioError(
                file: self.file, line: error.position.line, column: error.position.column, what: error.kindText,
                cure: "a scenario file is UTF-8 text: JSON objects one after the other, and comment lines starting with #")
        }
    }

    private func error(_ fault: StepFault, _ positions: JSONPositions) -> ScenarioError {
        let value = fault.atKey ? positions.key(at: fault.pointer) : positions.value(at: fault.pointer)
        let place = value ?? positions.nearest(to: fault.pointer)
        return ScenarioError(file: self.file, line: place.line, column: place.column, what: fault.what, cure: fault.cure)
    }

    // MARK: One object

    private mutating func step(_ written: Node, line: Int, readFile: (String) -> [UInt8]?) throws(StepFault) -> Step? {
        guard let verb = try StepVerb.of(written) else {
            try written.allowOnly(["wait"], in: "a pause")
            self.planned += try self.resolved(written, step: "wait").required("wait", in: "a pause").duration("wait")
            return nil
        }
        let number = StepNumber(self.nextNumber)
        self.nextNumber += 1
        let id = try self.names.register(self.id(of: written), verb: verb.rawValue, number: number, line: line)
        let node = try self.resolved(written, step: id)
        try verb.checkKeys(node)
        self.planned = try self.plannedTime(node)
        let body = node.child(node.value.object?[verb.rawValue] ?? .null, verb.rawValue)
        let kind = try self.kind(verb, body, step: node, id: id, line: line, readFile: readFile)
        var step = Step(number: number, id: id, line: line, planned: self.planned, kind: kind)
        step.options = try self.stepOptions(node, of: step)
        try self.checkCorrelation(of: step, node)
        return step
    }

    /// Replaces the variables known now.
    private mutating func resolved(_ written: Node, step: String) throws(StepFault) -> Node {
        guard ScenarioVariables.mentionsVariables(written.value) else { return written }
        var draws = 0
        return Node(root: try self.variables.resolved(written, step: step, draws: &draws))
    }

    /// The written id. Its own variables are drawn under the name "id", since the step has no name yet.
    private mutating func id(of written: Node) throws(StepFault) -> Node? {
        guard let id = written["id"] else { return nil }
        guard ScenarioVariables.mentionsVariables(id.value) else { return id }
        var draws = 0
        return written.child(try self.variables.resolved(id, step: "id", draws: &draws), "id")
    }

    /// `at`, `wait`, or the time of the step before. Source: scheduler §16.3.
    private func plannedTime(_ node: Node) throws(StepFault) -> Duration {
        switch (node["at"], node["wait"]) {
        case (let at?, nil): return try at.duration("at")
        case (nil, let wait?): return self.planned + (try wait.duration("wait"))
        case (nil, nil): return self.planned
        case (.some, let wait?): throw wait.keyFault("a step has either \"at\" or \"wait\", not both", "remove one of them")
        }
    }

    private mutating func kind(
        _ verb: StepVerb, _ body: Node, step: Node, id: String, line: Int, readFile: (String) -> [UInt8]?
    ) throws(StepFault) -> Step.Kind {
        switch verb {
        case .connect: try self.connect(body, line: line, readFile: readFile)
        case .disconnect: try self.disconnect(body)
        case .drop: try self.drop(body)
        case .sub: try self.subscribe(body)
        case .unsub: try self.unsubscribe(body)
        case .pub: try self.publish(body, step: step, readFile: readFile)
        case .update: try self.update(body, step: step, readFile: readFile)
        case .get: try self.shadowRequest(.get, body, step: step)
        case .delete: try self.shadowRequest(.delete, body, step: step)
        case .expect: try self.expect(body, step: step)
        case .never: try self.never(body, step: step)
        case .order: try self.order(body, step: step)
        case .mark: .mark(try body.string("mark"))
        case .note: .note(try body.lateString("note"))
        }
    }
}

extension JSONError {
    /// The text without line and column.
    var kindText: String {
        let prefix = "line \(self.position.line), column \(self.position.column): "
        return self.text.hasPrefix(prefix) ? String(self.text.dropFirst(prefix.count)) : self.text
    }
}
