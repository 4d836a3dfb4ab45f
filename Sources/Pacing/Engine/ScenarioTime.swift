import Timeline

/// How scenario time lies on the run's clock: where it stands, and how fast it goes. Source: scheduler §4, §10.
///
/// A pause that shifts and a change of speed begin a new stretch; what lies before it stays where it was. Exact: at normal speed to
/// the nanosecond either way, else to the rounding of one division, always upwards.
struct ScenarioTime: Sendable {
    private struct Stretch: Sendable {
        /// The first scenario time that is its own, and the instant from which on it holds.
        var first: Duration
        var since: Instant
        var anchor: Duration
        var anchorAt: Instant
        var speed: Speed

        func instant(of time: Duration) -> Instant {
            time > self.anchor ? self.anchorAt + self.speed.scaled(time - self.anchor) : self.anchorAt
        }

        func time(at instant: Instant) -> Duration {
            instant > self.anchorAt ? max(self.first, self.anchor + self.speed.planned(instant - self.anchorAt)) : self.first
        }
    }

    /// Of older stretches nothing is known any more; what is planned there counts as planned where the oldest one begins.
    private static let keptStretches = 64

    /// Oldest first, never empty.
    private var stretches: [Stretch]

    /// Scenario time `time` is at `start`.
    init(start: Instant, time: Duration = .zero, speed: Speed) {
        self.stretches = [Stretch(first: time, since: start, anchor: time, anchorAt: start, speed: speed)]
    }

    var speed: Speed { self.stretches[self.stretches.count - 1].speed }

    /// When this moment of the scenario comes or came.
    func instant(of time: Duration) -> Instant {
        let stretch = self.stretches.last { $0.first <= time } ?? self.stretches[0]
        return stretch.instant(of: time)
    }

    /// The moment of the scenario at an instant. During a pause that shifted, it is the one at which the pause began.
    func time(at instant: Instant) -> Duration {
        guard let place = self.stretches.lastIndex(where: { $0.since <= instant }) else { return self.stretches[0].first }
        let time = self.stretches[place].time(at: instant)
        return place + 1 < self.stretches.count ? min(time, self.stretches[place + 1].first) : time
    }

    /// Everything planned from `begin` on comes later by the time from `begin` to `end`, which is now.
    mutating func shift(from begin: Instant, to end: Instant) {
        guard end > begin else { return }
        var stretch = self.stretches[self.stretches.count - 1]
        stretch.first = self.time(at: begin)
        stretch.since = end
        stretch.anchorAt += end - begin
        self.append(stretch)
    }

    /// From `now` on, which is no earlier than the moment `time` of the scenario, it goes at another speed.
    mutating func change(to speed: Speed, now: Instant, time: Duration) {
        let here = max(time, self.time(at: now))
        self.append(Stretch(first: here, since: now, anchor: here, anchorAt: now, speed: speed))
    }

    private mutating func append(_ stretch: Stretch) {
        self.stretches.append(stretch)
        if self.stretches.count > Self.keptStretches { self.stretches.removeFirst() }
    }
}
