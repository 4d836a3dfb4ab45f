package import JSON
import Shadows

/// Reads a scenario file step by step, so that a file of any length can be run while it is read. Source: scheduler §16.
///
/// Nothing later in a file changes what something earlier means: names are those of steps before. A value; a copy reads on by itself.
package struct ScenarioReader: Sendable {
    /// The bytes of a file by its path relative to the scenario's folder, nil when it cannot be read. Paths that lead out of the folder
    /// are refused before; following links is the caller's to prevent.
    package typealias ReadFile = @Sendable (_ path: String) -> [UInt8]?

    /// The header.
    package private(set) var settings = PlanSettings()

    let options: ScenarioOptions
    let readFile: ReadFile
    var variables: ScenarioVariables
    var names: StepNames
    var clients = ScenarioClients()
    var level = ReadingLevel()
    var files: ScenarioFiles
    /// What steps on trial name outside their block.
    var namedOutside: [String: StepNumber] = [:]
    /// Further faults of the object that was read last.
    var faults: [ScenarioError] = []
    private(set) var header: Node
    private(set) var headerText: SourceText

    /// Reads the header.
    /// - Parameter file: its name, for messages.
    package init(
        _ bytes: [UInt8], file: String, options: ScenarioOptions = .init(), readFile: @escaping ReadFile = { _ in nil }
    ) throws(ScenarioError) {
        try self.init(JSONSequenceReader(bytes, limits: ScenarioFiles.limits), file: file, options: options, readFile: readFile)
    }

    /// Reads the header of a file that is never held whole.
    /// - Parameter pieces: its bytes from an offset on.
    package init(
        pieces: @escaping JSONSequenceReader.Pieces, file: String, options: ScenarioOptions = .init(),
        readFile: @escaping ReadFile = { _ in nil }
    ) throws(ScenarioError) {
        try self.init(JSONSequenceReader(pieces: pieces, limits: ScenarioFiles.limits), file: file, options: options, readFile: readFile)
    }

    private init(
        _ objects: JSONSequenceReader, file: String, options: ScenarioOptions, readFile: @escaping ReadFile
    ) throws(ScenarioError) {
        self.options = options
        self.readFile = readFile
        self.files = ScenarioFiles(objects, name: file)
        self.names = StepNames(window: options.window)
        guard let (value, text) = try self.files.next() else {
            throw ScenarioError.noHeader(in: file)
        }
        self.header = Node(root: value)
        self.headerText = text.alone
        do throws(StepFault) {
            (self.settings, self.variables) = try HeaderReader.read(self.header, options: options)
        } catch {
            throw text.error(error)
        }
    }

    /// The next step, which gets this number; nil at the end of the file. After an error the steps behind it can still be read, unless
    /// the text is not JSON.
    package mutating func next(_ number: StepNumber) throws(ScenarioError) -> Step? { try self.nextWritten(number)?.step }

    /// The same, together with the object it is.
    mutating func nextWritten(_ number: StepNumber) throws(ScenarioError) -> WrittenStep? {
        if !self.faults.isEmpty { throw self.faults.removeFirst() }
        while true {
            guard let (value, text) = try self.files.next() else {
                if self.files.leave() { continue }
                return nil
            }
            do throws(StepFault) {
                let place = SourcePlace(file: text.file, line: text.positions.object.line)
                let node = Node(root: value)
                if let step = try self.step(node, Surroundings(number: number, place: place, text: text)) {
                    return WrittenStep(step: step, node: node, text: text)
                }
            } catch {
                throw text.error(error)
            }
        }
    }

    /// The next step of a pass; nil at its end.
    mutating func next(in pass: inout WrittenPass, _ number: StepNumber) throws(ScenarioError) -> Step? {
        var clients = ScenarioClients.unchecked
        swap(&self.clients, &clients)
        swap(&self.level, &pass.level)
        swap(&self.variables.scope, &pass.scope)
        self.variables.pass = self.level.pass
        defer {
            swap(&self.clients, &clients)
            swap(&self.level, &pass.level)
            swap(&self.variables.scope, &pass.scope)
            self.variables.pass = self.level.pass
        }
        while pass.next < pass.body.elements.count {
            let element = pass.body.elements[pass.next]
            pass.next += 1
            do throws(StepFault) {
                if let step = try self.step(element.node, Surroundings(number: number, element)) { return step }
            } catch {
                throw element.text.error(error)
            }
        }
        return nil
    }

    // MARK: One object

    /// Where a step is read.
    struct Surroundings {
        var number: StepNumber
        var place: SourcePlace
        var text: SourceText
        /// Inside a block it has been looked at before.
        var element: WrittenBody.Element?

        init(number: StepNumber, place: SourcePlace, text: SourceText) {
            self.number = number
            self.place = place
            self.text = text
        }

        init(number: StepNumber, _ element: WrittenBody.Element) {
            self.init(number: number, place: element.place, text: element.text)
            self.element = element
        }
    }

    /// Nil for what is no step: a pause, an `include`.
    mutating func step(_ written: Node, _ around: Surroundings) throws(StepFault) -> Step? {
        let verb = if let element = around.element { element.verb } else { try StepVerb.of(written) }
        guard let verb else {
            try self.pause(written)
            return nil
        }
        if verb == .include {
            try self.include(written, around)
            return nil
        }
        let name: String
        if let known = around.element?.id {
            name = known
            self.level.names[name] = around.number
        } else {
            name = try self.names.register(self.id(of: written), verb: verb, number: around.number, place: around.place)
        }
        let id = self.level.suffix.isEmpty ? name : name + self.level.suffix
        let node = try self.resolved(written, verb: verb, step: id)
        try verb.checkKeys(node)
        try self.planTime(node)
        let body = node[verb.name] ?? node
        var step = Step(number: around.number, id: id, line: around.place.line, planned: self.level.timeLine.planned, kind: .mark(""))
        step.origin = self.level.timeLine.origin
        if around.place.file != self.files.main { step.file = around.place.file }
        step.kind = try self.kind(verb, body, step: node, id: id, written: written, around)
        step.options = try self.stepOptions(node, of: step, called: name)
        try self.checkCorrelation(of: step, node)
        return step
    }

    private mutating func pause(_ written: Node) throws(StepFault) {
        try written.allowOnly(["wait"], in: "a pause")
        let pause = try self.resolved(written, verb: nil, step: "wait")
        self.level.timeLine.wait(try pause.required("wait", in: "a pause").duration("wait"))
        self.level.spend(.zero)
    }

    /// Replaces the variables known now; steps inside it are left as they are, since they are read when they begin.
    mutating func resolved(_ written: Node, verb: StepVerb?, step: String) throws(StepFault) -> Node {
        guard ScenarioVariables.mentionsVariables(written.value) else { return written }
        var draws = 0
        let node = verb?.holdsSteps == true ? self.withoutBodies(written) : written
        return written.replaced(by: try self.variables.resolved(node, step: step, draws: &draws))
    }

    /// The written id. Its own variables are drawn under the name "id", since the step has no name yet.
    mutating func id(of written: Node) throws(StepFault) -> Node? {
        guard let id = written["id"] else { return nil }
        guard let text = id.value.string, ScenarioVariables.mentionsVariables(id.value) else { return id }
        if ScenarioVariables.mentionsPass(text) {
            throw id.fault("an id cannot have ${i} in it", "leave it out: the number of the pass is put behind ids by itself, as in a.0")
        }
        var draws = 0
        return id.replaced(by: try self.variables.resolved(id, step: "id", draws: &draws))
    }

    /// `at`, `wait`, or the time of the step before. Source: scheduler §16.3.
    mutating func planTime(_ node: Node) throws(StepFault) {
        switch (node["at"], node["wait"]) {
        case (let at?, nil): self.level.timeLine.jump(to: try at.duration("at"))
        case (nil, let wait?): self.level.timeLine.wait(try wait.duration("wait"))
        case (nil, nil): return
        case (.some, let wait?): throw wait.keyFault("a step has either \"at\" or \"wait\", not both", "remove one of them")
        }
        self.level.spend(.zero)
    }

    private mutating func kind(
        _ verb: StepVerb, _ body: Node, step: Node, id: String, written: Node, _ around: Surroundings
    ) throws(StepFault) -> Step.Kind {
        switch verb {
        case .connect: try self.connect(body, written: written["connect"], at: around.place)
        case .disconnect: try self.disconnect(body)
        case .drop: try self.drop(body)
        case .sub: try self.subscribe(body)
        case .unsub: try self.unsubscribe(body)
        case .pub: try self.publish(body, step: step)
        case .update: try self.update(body, step: step)
        case .get: try self.shadowRequest(.get, body, step: step)
        case .delete: try self.shadowRequest(.delete, body, step: step)
        case .device: try self.device(body, step: step, id: id, line: around.place.line)
        case .on: try self.reaction(body, step: step, id: id, written: written, around)
        case .expect: try self.expect(body, step: step)
        case .never: try self.never(body, step: step)
        case .order: try self.order(body, step: step)
        case .shadowIs: try self.shadowIs(body)
        case .repeat: try self.repetition(body, written: written, around)
        case .par: try self.branches(written, around)
        case .clock: try self.clock(body)
        case .mark: .mark(try body.string("mark"))
        case .note: .note(try body.lateString("note"))
        case .include: preconditionFailure("an include is no step")
        }
    }

    private mutating func clock(_ body: Node) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["advance", "speed"], in: "\"clock\"")
        switch (body["advance"], body["speed"]) {
        case (let advance?, nil):
            guard self.settings.clock == .virtual else {
                throw advance.keyFault("only a virtual clock can be moved", "write \"clock\": \"virtual\" in the header")
            }
            let duration = try advance.duration("advance")
            self.level.spend(duration)
            return .clock(.advance(duration))
        case (nil, let speed?): return .clock(.speed(try SettingsWords.speed(speed)))
        case (.some, let speed?): throw speed.keyFault("\"clock\" does one thing at a time", "make it two steps")
        case (nil, nil): throw body.fault("\"clock\" does nothing", "give \"advance\" or \"speed\"")
        }
    }

    // MARK: Other files

    /// From here on the steps of another file are read, as if they stood here. Source: scheduler §16.4 `include`.
    private mutating func include(_ written: Node, _ around: Surroundings) throws(StepFault) {
        let node = try self.resolved(written, verb: .include, step: "include")
        try StepVerb.include.checkKeys(node)
        try Self.checkTags(node)
        if let skip = node["skip"], try skip.bool("skip") { return }
        try self.planTime(node)
        try self.open(node.required("include", in: "a step"), at: around.place)
    }

    /// Opens an included file and takes in its header.
    mutating func open(_ path: Node, at place: SourcePlace) throws(StepFault) {
        try self.files.include(path, at: place, readFile: self.readFile)
        let header: (value: JSONValue, text: SourceText)?
        do throws(ScenarioError) {
            header = try self.files.next()
        } catch {
            throw StepFault(error)
        }
        guard let header else {
            _ = self.files.leave()
            throw path.fault("\"\(path.value.string ?? "")\" has no header", "start it with {\"scenario\": 1}")
        }
        do throws(StepFault) {
            try HeaderReader.include(Node(root: header.value), in: self.header, self.settings, &self.variables, options: self.options)
        } catch {
            _ = self.files.leave()
            throw StepFault(header.text.error(error))
        }
    }
}
