/// What stands at one place of a plan.
package indirect enum PlanItem: Sendable {
    case step(Step)
    case block(Block)
}

/// Steps that run in passes or side by side. What follows it in the plan begins when it has ended. Source: scheduler §16.4.
package struct Block: Sendable {
    package enum Kind: Sendable {
        /// The one body again and again; each pass starts when the former's steps have ended, or with `overlaps` at its last planned time.
        case `repeat`(Passes, overlaps: Bool)
        /// Every body at once.
        case par
    }

    package enum Passes: Equatable, Sendable {
        case times(Int)
        /// No pass starts this long after the first one.
        case during(Duration)
    }

    package var kind: Kind
    package var id: String
    package var line: Int
    /// When it begins: scenario time from ``origin``.
    package var planned: Duration
    package var origin: TimeOrigin
    package var bodies: [StepBody]

    package init(_ kind: Kind, id: String, line: Int, planned: Duration, origin: TimeOrigin, bodies: [StepBody]) {
        self.kind = kind
        self.id = id
        self.line = line
        self.planned = planned
        self.origin = origin
        self.bodies = bodies
    }
}

/// Steps that are made at the moment they begin: a pass of `repeat`, a branch of `par`, the `then` of `on`.
package struct StepBody: Sendable {
    /// What is known then.
    package struct Context: Sendable {
        /// From 0: the value of `${i}`.
        package var pass: Int
        /// The number of the first step made.
        package var first: StepNumber
        /// The message that set it off.
        package var message: ObservedMessage?
    }

    /// The items of one pass, in order, their times counted from its start, numbered without gaps from `first`.
    package var items: @Sendable (Context) throws(ScenarioError) -> [PlanItem]

    package init(_ items: @escaping @Sendable (Context) throws(ScenarioError) -> [PlanItem]) {
        self.items = items
    }
}
