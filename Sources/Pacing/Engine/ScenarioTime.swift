import Timeline

/// How scenario time lies on the run's clock: where it stands, and how fast it goes. Source: scheduler §4, §10.
///
/// A pause that shifts, a late policy that shifts, and a change of speed move the anchor; nothing ever moves back.
struct ScenarioTime: Sendable {
    private var anchor = Duration.zero
    private var anchorAt: Instant
    private(set) var speed: Speed

    init(start: Instant, speed: Speed) {
        self.anchorAt = start
        self.speed = speed
    }

    /// When this moment of the scenario comes.
    func instant(of time: Duration) -> Instant {
        time >= self.anchor ? self.anchorAt + self.speed.scaled(time - self.anchor) : self.anchorAt
    }
}
