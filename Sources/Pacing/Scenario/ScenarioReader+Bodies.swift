import JSON

/// What the bodies of blocks consist of. Source: scheduler §16.4.
extension ScenarioReader {
    /// The bodies of a block: looked at when it is read from its file, known when it stands in a pass.
    mutating func bodies(_ nodes: [Node], of verb: StepVerb, _ around: Surroundings) throws(StepFault) -> [WrittenBody] {
        if let element = around.element { return element.bodies }
        self.namedOutside = [:]
        var count = 0
        let place = BodyPlace(verb: verb, source: BodySource(around.text.alone), number: around.number)
        do throws(StepFault) {
            return try self.bodies(nodes, place, &count)
        } catch {
            self.names.closeBlock()
            throw error
        }
    }

    private mutating func bodies(_ nodes: [Node], _ place: BodyPlace, _ count: inout Int) throws(StepFault) -> [WrittenBody] {
        var bodies: [WrittenBody] = []
        for node in nodes {
            var elements: [WrittenBody.Element] = []
            let faultsBefore = self.faults.count
            for child in try node.elements(place.verb == .par ? "a branch" : "the steps of \"\(place.verb.name)\"") {
                do throws(StepFault) {
                    try self.add(child, place, to: &elements, &count)
                } catch {
                    self.faults.append(place.source.text.error(error))
                }
            }
            if !elements.contains(where: { $0.verb != nil }), self.faults.count == faultsBefore {
                let what = place.verb == .par ? "this branch" : "\"\(place.verb.name)\""
                throw node.fault("\(what) has no steps", "put at least one into it")
            }
            bodies.append(WrittenBody(elements))
        }
        return bodies
    }

    private mutating func add(
        _ node: Node, _ place: BodyPlace, to elements: inout [WrittenBody.Element], _ count: inout Int
    ) throws(StepFault) {
        count += 1
        if count > WrittenBody.mostElements {
            throw node.fault("a block holds at most \(WrittenBody.mostElements) steps", "make it two blocks")
        }
        let source = place.source.place(of: node)
        var element = WrittenBody.Element(
            value: node.value, pointer: node.pointer, text: place.source.text, line: source.line, verb: try StepVerb.of(node))
        if let verb = element.verb {
            if verb == .include {
                try self.addFile(node, place, to: &elements, &count)
                return
            }
            try place.check(verb, node)
            element.id = try self.names.registerInBlock(self.id(of: node), verb: verb, number: place.number, place: source)
            element.bodies = try self.bodies(Self.bodyNodes(of: verb, node), place.inside(verb), &count)
        }
        elements.append(element)
    }

    /// What is wrong with the step around them is said when it is read itself.
    private static func bodyNodes(of verb: StepVerb, _ node: Node) throws(StepFault) -> [Node] {
        guard verb.holdsSteps, let body = node[verb.name] else { return [] }
        if verb == .par { return try body.elements("par") }
        return body[verb == .on ? "then" : "do"].map { [$0] } ?? []
    }

    /// An include inside a block: the whole file is taken in now.
    private mutating func addFile(
        _ node: Node, _ place: BodyPlace, to elements: inout [WrittenBody.Element], _ count: inout Int
    ) throws(StepFault) {
        let resolved = try self.resolved(node, verb: .include, step: "include")
        try StepVerb.include.checkKeys(resolved)
        for key in ["at", "wait"] {
            if let time = resolved[key] { throw time.keyFault("an include inside a block has no time of its own", "put a pause before it") }
        }
        if let skip = resolved["skip"], try skip.bool("skip") { return }
        try self.open(resolved.required("include", in: "a step"), at: place.source.place(of: node))
        defer { _ = self.files.leave() }
        do throws(ScenarioError) {
            while let (value, text) = try self.files.next() {
                do throws(StepFault) {
                    try self.add(Node(root: value), place.from(BodySource(text.alone)), to: &elements, &count)
                } catch {
                    throw text.error(error)
                }
            }
        } catch {
            throw StepFault(error)
        }
    }
}

/// Where a body stands.
private struct BodyPlace {
    /// Whose body it is.
    var verb: StepVerb
    var source: BodySource
    /// Of the block around all; until its passes run, it stands for their steps.
    var number: StepNumber
    private var depth = 1
    /// The verb around it, if any, by which it begins more than once.
    private var repeats: StepVerb?

    init(verb: StepVerb, source: BodySource, number: StepNumber) {
        self.verb = verb
        self.source = source
        self.number = number
        self.repeats = verb == .par ? nil : verb
    }

    func inside(_ verb: StepVerb) -> BodyPlace {
        var place = self
        place.verb = verb
        place.depth += 1
        if verb != .par { place.repeats = verb }
        return place
    }

    func from(_ source: BodySource) -> BodyPlace {
        var place = self
        place.source = source
        return place
    }

    /// Whether such a step can stand here.
    func check(_ verb: StepVerb, _ node: Node) throws(StepFault) {
        if verb.holdsSteps, self.depth >= Block.deepest {
            throw node.fault("blocks stand at most \(Block.deepest) deep in each other", "move this one further out")
        }
        if verb == .on || verb == .device, let repeats {
            throw node.fault(
                "\"\(verb.name)\" inside \"\(repeats.name)\" would be there once more after every pass", "put it before the block")
        }
    }
}

/// One object of a file, and on which line what is in it begins.
private struct BodySource {
    let text: SourceText
    private let lines: [String: Int]

    init(_ text: SourceText) {
        self.text = text
        self.lines = Dictionary(text.positions.entries.map { ($0.pointer, $0.value.line) }) { _, last in last }
    }

    func place(of node: Node) -> SourcePlace {
        SourcePlace(file: self.text.file, line: self.lines[node.pointer] ?? self.text.positions.object.line)
    }
}
