import Timeline

/// The lanes of a run.
extension PlanEngine {
    /// The place of the lane with this key, which is made when it is not there.
    mutating func laneIndex(_ key: String) -> Int {
        if let index = self.laneByKey[key] { return index }
        if self.laneByKey.count >= self.lanesBeforeForgetting { self.forgetIdleLanes() }
        let lane = Lane(key: key, settings: self.settings, speed: self.scenario.speed)
        let index: Int
        if let free = self.freeLanes.popLast() {
            self.lanes[free] = lane
            index = free
        } else {
            self.lanes.append(lane)
            index = self.lanes.count - 1
        }
        self.laneByKey[key] = index
        return index
    }

    /// A lane without work is forgotten once its gap and ten minutes have passed. Source: scheduler §5.
    private mutating func forgetIdleLanes() {
        for index in self.lanes.indices {
            guard let lane = self.lanes[index], lane.isIdle, lane.stopped == nil, let last = lane.lastDispatch,
                last + max(lane.minGap, .seconds(600)) <= self.now
            else { continue }
            self.forgetLane(index)
        }
        // Where all are in use, looking again at each new one would cost more than it gives.
        self.lanesBeforeForgetting = max(4096, 2 * self.laneByKey.count)
    }

    mutating func forgetLane(_ index: Int) {
        guard let lane = self.lanes[index] else { return }
        if let timer = lane.timer { self.timers.cancel(timer) }
        self.laneByKey[lane.key] = nil
        self.lanes[index] = nil
        self.freeLanes.append(index)
    }

    /// Looks at the lane's head again, now.
    mutating func lookAtHead(of index: Int) {
        if let first = self.lanes[index]?.first { self.ready.insert(first) }
    }

    /// The settings of a lane, or of all whose key begins like this, change where the new ones say something; what is in flight stays.
    mutating func changeLane(_ key: String, _ settings: LaneSettings) {
        self.settings.lanes[key] = settings.over(self.settings.lanes[key] ?? LaneSettings())
        self.useLaneSettings()
    }

    /// Gaps, slots and the rest follow the plan's settings and speed as they are now.
    mutating func useLaneSettings() {
        for index in self.lanes.indices where self.lanes[index] != nil {
            self.lanes[index]?.use(self.settings, speed: self.scenario.speed, now: self.now)
            self.lookAtHead(of: index)
        }
    }

    /// The lanes with work or a past, in order of their keys. Source: scheduler §15 `GET /lanes`.
    package func laneViews() -> [LaneView] {
        self.lanes.compactMap { lane in
            lane.map { lane in
                LaneView(
                    key: lane.key, settings: lane.settings, waiting: lane.waitingCount, inFlight: lane.inFlight,
                    lastDispatch: lane.lastDispatch.map { $0 - self.start }, isPaused: lane.pausedSince != nil, stopped: lane.stopped)
            }
        }.sorted { $0.key < $1.key }
    }
}

/// A lane as it is now.
package struct LaneView: Equatable, Sendable {
    package var key: String
    package var settings: LaneSettings
    /// Steps that wait in it.
    package var waiting: Int
    package var inFlight: Int
    /// From the start of the run.
    package var lastDispatch: Duration?
    package var isPaused: Bool
    /// Why nothing more is dispatched in it.
    package var stopped: String?
}
