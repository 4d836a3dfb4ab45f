/// Steps that run in passes or side by side. What follows it at its level begins when it has ended. Source: scheduler §16.4.
package struct Block: Sendable {
    package enum Kind: Equatable, Sendable {
        /// The one body again and again; each pass starts when the former's steps have ended, or with `overlaps` at its last planned time.
        case `repeat`(Passes, overlaps: Bool)
        /// Every body at once.
        case par
    }

    package enum Passes: Equatable, Sendable {
        case times(Int)
        /// No pass starts this long after the first one; scenario time.
        case during(Duration)
    }

    /// What neither `times` nor `for` may go beyond.
    package static let mostPasses = 1_000_000
    /// Blocks and reactions inside each other.
    package static let deepest = 4

    package var kind: Kind
    package var bodies: [StepBody]

    package init(_ kind: Kind, bodies: [StepBody]) {
        self.kind = kind
        self.bodies = bodies
    }
}

/// Steps that are made at the moment they begin: a pass of `repeat`, a branch of `par`, the `then` of `on`.
package struct StepBody: Sendable {
    /// What is known then.
    package struct Context: Sendable {
        /// From 0: the value of `${i}`.
        package var pass: Int
        /// The number of the first step made; the others follow it, up to a block among them.
        package var first: StepNumber
        /// The message that set it off.
        package var message: ObservedMessage?
    }

    enum Content: Sendable {
        case made(@Sendable (Context) -> [Step])
        case written(WrittenPasses)
    }

    let content: Content

    init(_ passes: WrittenPasses) {
        self.content = .written(passes)
    }

    /// Steps built in code. Their numbers are given when they begin, and their ids get the number of the pass behind them: `a.0`.
    package init(_ steps: @escaping @Sendable (Context) -> [Step]) {
        self.content = .made(steps)
    }
}
