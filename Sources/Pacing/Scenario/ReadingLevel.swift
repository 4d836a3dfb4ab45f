import JSON

/// One sequence of steps while it is read: that of the files, a body on trial, or a pass that runs.
struct ReadingLevel: Sendable {
    enum Kind: Sendable {
        case files, trial, pass
    }

    var kind = Kind.files
    var timeLine = TimeLine()
    /// The value of `${i}`.
    var pass = 0
    /// Behind the ids of the pass's steps: `.0`.
    var suffix = ""
    /// Where its steps go that name no lane.
    var lane: String?
    /// The steps of this pass so far, by their ids without the suffix, and those of the passes around it.
    var names: [String: StepNumber] = [:]
    var outerNames: [String: StepNumber] = [:]
    /// The least scenario time its steps take, as far as that can be known.
    var least = Duration.zero
    /// What of it lies before the end of the last block.
    private var beforeBlock = Duration.zero

    var isTrial: Bool { self.kind == .trial }

    /// What a body inside it can name.
    var visibleNames: [String: StepNumber] {
        self.names.isEmpty ? self.outerNames : self.outerNames.merging(self.names) { _, inner in inner }
    }

    func number(of id: String) -> StepNumber? { self.names[id] ?? self.outerNames[id] }

    /// A block inside this level has ended a pass.
    mutating func adopt(_ passNames: [String: StepNumber]) {
        self.names.merge(passNames) { known, new in max(known, new) }
    }

    /// A step takes at least this long from its planned time on.
    mutating func spend(_ duration: Duration) {
        let begin = self.timeLine.origin == .blockEnd ? self.beforeBlock : .zero
        self.least = max(self.least, begin + self.timeLine.planned + duration)
    }

    /// What comes now stands behind a block that takes at least this long.
    mutating func passBlock(least: Duration) {
        self.spend(least)
        self.beforeBlock = self.least
        self.timeLine.passBlock()
    }
}
