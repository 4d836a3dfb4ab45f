/// How far the planned times of a sequence of steps have come. Source: scheduler §16.3.
struct TimeLine: Sendable {
    private(set) var origin = TimeOrigin.start
    private(set) var planned = Duration.zero

    /// A step or a pause `offset` after the one before it.
    mutating func wait(_ offset: Duration) {
        self.planned += offset
    }

    /// A step at a time of its own.
    mutating func jump(to time: Duration) {
        self.origin = .start
        self.planned = time
    }

    /// What comes now begins when the block before it has ended.
    mutating func passBlock() {
        self.origin = .blockEnd
        self.planned = .zero
    }

    /// What comes now stands behind this step.
    mutating func pass(_ step: Step) {
        self.origin = step.origin
        self.planned = step.planned
        if step.block != nil { self.passBlock() }
    }
}
