/// Where the steps of a plan come from, one after the other while it runs.
///
/// A value: what is read from a copy can still be read from the original.
package struct PlanSource: Sendable {
    private var steps: ArraySlice<Step>
    private var reader: ScenarioReader?

    /// Steps built in code. They are numbered as they begin, from 0; up to the first block among them that is their place in the list.
    package init(_ steps: [Step]) {
        self.steps = steps[...]
    }

    package init(_ reader: ScenarioReader) {
        self.steps = []
        self.reader = reader
    }

    /// The next step, which gets this number; nil at the end.
    package mutating func next(_ number: StepNumber) throws(ScenarioError) -> Step? {
        if let step = self.steps.popFirst() { return step.numbered(number) }
        return try self.reader?.next(number) ?? nil
    }

    /// The next step of a pass.
    mutating func next(in pass: inout StepPass, _ number: StepNumber) throws(ScenarioError) -> Step? {
        switch pass.steps {
        case .made(var steps):
            let step = steps.next(number)
            pass.steps = .made(steps)
            if let step { pass.timeLine.pass(step) }
            return step
        case .written(var written):
            // Not kept twice, so that changing it copies nothing.
            pass.steps = .made(MadePass())
            defer { pass.steps = .written(written) }
            let step = try self.reader?.next(in: &written, number) ?? nil
            pass.timeLine = written.level.timeLine
            return step
        }
    }

    /// From here on the names of a pass's steps mean those of this pass to what stands behind its block: in the pass around it, or in
    /// the plan.
    mutating func close(_ pass: StepPass, in outer: inout StepPass?) {
        guard case .written(let inner) = pass.steps else { return }
        if case .written(var written) = outer?.steps {
            written.level.adopt(inner.level.names)
            outer?.steps = .written(written)
        } else {
            self.reader?.names.adopt(inner.level.names)
        }
    }
}

/// One pass of a body under way: what of it is still to come.
struct StepPass: Sendable {
    fileprivate enum Steps: Sendable {
        case made(MadePass)
        case written(WrittenPass)
    }

    fileprivate var steps: Steps
    /// How far the planned times of its steps have come.
    fileprivate(set) var timeLine = TimeLine()

    /// - Throws: what the body was to take from the message and is not there.
    init(_ body: StepBody, pass: Int, message: ObservedMessage?) throws(MissingCapture) {
        switch body.content {
        case .made(let make): self.steps = .made(MadePass(make, pass: pass, message: message))
        case .written(let passes): self.steps = .written(try passes.begin(pass: pass, message: message))
        }
    }

    /// A pass that will not run: of a message that would set it off nothing is known.
    init(outlining body: StepBody, pass: Int) {
        switch body.content {
        case .made(let make): self.steps = .made(MadePass(make, pass: pass, message: nil))
        case .written(let passes): self.steps = .written(passes.outline(pass: pass))
        }
    }
}

/// A pass of steps built in code.
private struct MadePass: Sendable {
    private var make: (@Sendable (StepBody.Context) -> [Step])?
    private var steps: ArraySlice<Step> = []
    private var pass = 0
    private var message: ObservedMessage?

    init() {}

    init(_ make: @escaping @Sendable (StepBody.Context) -> [Step], pass: Int, message: ObservedMessage?) {
        self.make = make
        self.pass = pass
        self.message = message
    }

    mutating func next(_ number: StepNumber) -> Step? {
        if let make = self.make {
            self.make = nil
            self.steps = make(.init(pass: self.pass, first: number, message: self.message))[...]
        }
        guard var step = self.steps.popFirst() else { return nil }
        step.id += ".\(self.pass)"
        return step.numbered(number)
    }
}

extension Step {
    fileprivate func numbered(_ number: StepNumber) -> Step {
        var step = self
        step.number = number
        return step
    }
}
