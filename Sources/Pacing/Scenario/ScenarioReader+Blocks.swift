import JSON
import Timeline

/// `repeat`, `par` and `on`: steps that are read again whenever a pass of them begins. Source: scheduler §16.4.
///
/// When its block is read, a body is read once (twice where it repeats) without anything being kept, so that what is wrong with it is
/// known, with its line and column, before the run.
extension ScenarioReader {
    mutating func repetition(_ body: Node, written: Node, _ around: Surroundings) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["times", "for", "do", "overlap"], in: "\"repeat\"")
        let overlaps = try body["overlap"].map { (node) throws(StepFault) in try node.bool("overlap") } ?? false
        guard let steps = written["repeat"]?["do"] else { throw body.fault("\"repeat\" needs \"do\", its steps", "add \"do\": […]") }
        let passes: Block.Passes
        switch (body["times"], body["for"]) {
        case (let times?, nil): passes = .times(Int(try times.integer("times", 1...Int64(Block.mostPasses))))
        case (nil, let time?): passes = .during(try time.duration("for"))
        case (.some, let time?): throw time.keyFault("\"repeat\" has either \"times\" or \"for\"", "remove one of them")
        case (nil, nil): throw body.fault("\"repeat\" does not say how often", "give \"times\" or \"for\"")
        }
        let bodies = try self.bodies([steps], of: .repeat, around)
        let trial = try self.tryOut(bodies, around, .repeat, passes: passes == .times(1) ? 1 : 2)
        switch passes {
        case .times(let times): self.level.passBlock(least: trial * times)
        case .during(let time):
            if self.level.kind != .pass { try Self.check(body, time, against: trial) }
            self.level.passBlock(least: time)
        }
        return .block(Block(.repeat(passes, overlaps: overlaps), bodies: self.passes(of: bodies, .repeat).map { StepBody($0) }))
    }

    /// A loop by time must get on.
    private static func check(_ body: Node, _ time: Duration, against pass: Duration) throws(StepFault) {
        guard let node = body["for"] else { return }
        if pass == .zero {
            throw node.keyFault("this loop never ends: its steps take no time", "give a step in it a \"wait\", or use \"times\"")
        }
        if time.wholeNanoseconds / pass.wholeNanoseconds >= Int64(Block.mostPasses) {
            throw node.fault("that may be more than \(Block.mostPasses) passes", "make it shorter, or its passes longer")
        }
    }

    mutating func branches(_ written: Node, _ around: Surroundings) throws(StepFault) -> Step.Kind {
        let branches = try (written["par"] ?? written).elements("par")
        if branches.isEmpty { throw written.fault("\"par\" has no branches", "write [[…], […]]") }
        let bodies = try self.bodies(branches, of: .par, around)
        self.level.passBlock(least: try self.tryOut(bodies, around, .par, passes: 1))
        return .block(Block(.par, bodies: self.passes(of: bodies, .par).map { StepBody($0) }))
    }

    mutating func reaction(_ body: Node, step: Node, id: String, written: Node, _ around: Surroundings) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["match", "then", "times"], in: "\"on\"")
        guard let steps = written["on"]?["then"] else { throw body.fault("\"on\" needs \"then\", its steps", "add \"then\": […]") }
        let match = try self.match(body.required("match", in: "\"on\""))
        let times = try body["times"].map { (node) throws(StepFault) in Int(try node.integer("times", 1...Int64(Block.mostPasses))) }
        let captures = try step["capture"].map { (node) throws(StepFault) in try Self.captures(node) } ?? []
        let bodies = try self.bodies([steps], of: .on, around)
        let lane = self.level.lane
        self.level.lane = "on:\(id)"
        defer { self.level.lane = lane }
        _ = try self.tryOut(bodies, around, .on, passes: 1, captures: captures)
        let passes = self.passes(of: bodies, .on, captures)
        return .react(Reaction(match, body: StepBody(passes[0]), times: times))
    }

    /// The step without those inside it.
    func withoutBodies(_ written: Node) -> Node {
        guard var object = written.value.object else { return written }
        if object["par"] != nil { object["par"] = .array([]) }
        for (verb, key) in [("repeat", "do"), ("on", "then")] {
            guard case .object(var body)? = object[verb] else { continue }
            body[key] = body[key].map { _ in .array([]) }
            object[verb] = .object(body)
        }
        return written.replaced(by: .object(object))
    }

    private func passes(of bodies: [WrittenBody], _ verb: StepVerb, _ captures: [Expectation.Capture] = []) -> [WrittenPasses] {
        let names = self.level.kind == .files ? self.namedOutside : self.level.visibleNames
        return bodies.map { body in
            WrittenPasses(
                body: body, scope: self.variables.scope, names: names, areNumbered: verb != .par, pass: self.level.pass,
                suffix: self.level.suffix, lane: self.level.lane, captures: captures)
        }
    }

    // MARK: On trial

    /// Reads every step of the bodies once per pass and keeps none of them. In a pass that runs that has been done before.
    /// - Returns: the least time that a pass takes.
    private mutating func tryOut(
        _ bodies: [WrittenBody], _ around: Surroundings, _ verb: StepVerb, passes: Int, captures: [Expectation.Capture] = []
    ) throws(StepFault) -> Duration {
        guard self.level.kind != .pass else { return .zero }
        let variables = self.variables
        let clients = self.clients
        for capture in captures { self.variables.scope.declareCaptured(capture.name) }
        var least = Duration.zero
        for trial in self.passes(of: bodies, verb) {
            for pass in 0..<passes where pass == 0 || self.faults.isEmpty {
                let level = self.tryOut(trial, around, pass: pass)
                least = max(least, level.least)
                if verb != .on, self.level.isTrial { self.level.adopt(level.names) }
            }
        }
        self.variables.restoreSequences(of: variables)
        if verb == .on {
            // Whatever happens there, nothing outside can count on it.
            self.variables.scope = variables.scope
            self.clients = clients
            self.names.closeReaction(bodies.flatMap(\.ids))
        }
        guard self.level.kind == .files else { return least }
        self.names.closeBlock()
        self.faults.sort { ($0.line, $0.column) < ($1.line, $1.column) }
        if !self.faults.isEmpty { throw StepFault(self.faults.removeFirst()) }
        return least
    }

    private mutating func tryOut(_ passes: WrittenPasses, _ around: Surroundings, pass: Int) -> ReadingLevel {
        var level = passes.level(pass: pass)
        level.kind = .trial
        swap(&self.level, &level)
        self.variables.pass = self.level.pass
        for element in passes.body.elements {
            do throws(StepFault) {
                _ = try self.step(element.node, Surroundings(number: around.number, element))
            } catch {
                self.faults.append(element.text.error(error))
            }
        }
        swap(&self.level, &level)
        self.variables.pass = self.level.pass
        return level
    }
}
