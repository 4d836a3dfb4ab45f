import Timeline

/// One sequence of steps under way: the plan itself, a pass of a block, or what a reaction does. Source: scheduler §16.4.
struct Frame: Sendable {
    /// The plan itself.
    static let plan = 0

    /// The frame that its block stands in; nil for the plan and for what a reaction does.
    let parent: Int?
    /// The block or the reaction whose pass it is; nil for the plan.
    let owner: StepNumber?
    /// The scenario time that its steps count from.
    let origin: Duration
    /// Where its steps come from; nil for the plan.
    var pass: StepPass?

    /// No more steps will come.
    var isDrained = false
    /// Steps begun and not ended.
    var openSteps = 0
    /// What must end before more is read: a block, or inside a block a barrier. So what stands behind a barrier has not begun, and is in
    /// nobody else's way.
    var standsAt: StepNumber?
    /// When the last block ended, in scenario time.
    var blockEnd: Duration
    /// The last planned time, in scenario time.
    var end: Duration
    /// The first step that ended in a way that lets nothing wait for it go on.
    var failure: String?

    /// A barrier that failed, and why nothing goes behind it.
    var barrierStop: (barrier: StepNumber, reason: String)?
    /// Set for what a reaction does.
    var link: ReactionLink?

    init(parent: Int? = nil, owner: StepNumber? = nil, origin: Duration = .zero, pass: StepPass? = nil) {
        self.parent = parent
        self.owner = owner
        self.origin = origin
        self.pass = pass
        self.blockEnd = origin
        self.end = origin
    }

    var canPull: Bool { !self.isDrained && self.standsAt == nil }

    var isDone: Bool { self.isDrained && self.openSteps == 0 }

    /// The scenario time of a planned time.
    func time(_ planned: Duration, from origin: TimeOrigin) -> Duration {
        switch origin {
        case .start: self.origin + planned
        case .blockEnd: self.blockEnd + planned
        }
    }
}

/// How many reactions have set each other off with no time between, and when the last of them began.
struct ReactionLink: Sendable {
    /// What real clocks take for one turn at least.
    private static let noTime = Duration.milliseconds(1)

    private(set) var count: Int
    private var at: Instant

    init(after former: ReactionLink?, at now: Instant) {
        self.count = former.map { now - $0.at < Self.noTime ? $0.count + 1 : 0 } ?? 0
        self.at = now
    }
}

/// A block that has begun.
struct OpenBlock: Sendable {
    let block: Block
    let firstOrigin: Duration
    /// Passes begun.
    var begun = 0
    /// The frames of its passes.
    var frames: [Int] = []
    /// When the next pass begins, once that is known.
    var nextOrigin: Duration?
    var timer: DeadlineToken?
    /// The last planned time of its passes so far.
    var end: Duration
    var failure: String?

    init(_ block: Block, origin: Duration) {
        self.block = block
        self.firstOrigin = origin
        self.end = origin
    }

    /// Whether a pass may begin at this scenario time.
    func goesOn(at origin: Duration) -> Bool {
        guard self.failure == nil, case .repeat(let passes, _) = self.block.kind else { return false }
        switch passes {
        case .times(let times): return self.begun < times
        case .during(let time): return origin < self.firstOrigin + time && self.begun < Block.mostPasses
        }
    }

    var overlaps: Bool {
        if case .repeat(_, overlaps: true) = self.block.kind { true } else { false }
    }

    /// For the report.
    var text: String {
        let passes = self.begun == 1 ? "1 pass" : "\(self.begun) passes"
        return self.block.kind == .par ? "\(self.begun) branches" : passes
    }
}
