import Timeline

/// When the steps of a file will go at the earliest, by their planned times and the gaps of their lanes. Source: scheduler §4, §12.
///
/// Finds times that go back in a lane, and steps planned closer than the lane allows. Memory: a few numbers for each lane, of at most
/// ``mostLanes``.
struct LaneForecast {
    private static let mostLanes = 10_000

    private struct Forecast {
        let gap: Duration
        /// The latest planned time, and of which step.
        var planned: Duration
        var id: String
        var place: SourcePlace
        /// When the last one goes at the earliest.
        var dispatch: Duration
        /// The first step that said when it is to go and will be late.
        var late: ScenarioError?
        var laterLate = 0
    }

    private let settings: PlanSettings
    private var lanes: [String: Forecast] = [:]

    init(_ settings: PlanSettings) {
        self.settings = settings
    }

    /// - Returns: when it goes at the earliest, in scenario time; nil for what has no lane, or where nobody knows.
    mutating func look(at written: WrittenStep, _ findings: inout Findings) -> Duration? {
        let step = written.step
        guard step.origin == .start, let key = LaneRule.key(of: step, by: self.settings.laneBy) else { return nil }
        let place = SourcePlace(file: written.text.file, line: step.line)
        guard var lane = self.lanes[key] else {
            guard self.lanes.count < Self.mostLanes else { return nil }
            let settings = self.settings.lane(key)
            self.lanes[key] = Forecast(
                gap: max(settings.minGap ?? .zero, settings.settle ?? .zero), planned: step.planned, id: step.id, place: place,
                dispatch: step.planned)
            return step.planned
        }
        defer { self.lanes[key] = lane }
        let node = written.node["at"] ?? written.node["wait"]
        if step.planned < lane.planned {
            let fault = (node ?? written.node).fault(
                "this time goes back in lane \(key): step \(lane.id) of \(lane.place.text(from: place)) is planned at \(Times.text(lane.planned)), "
                    + "this one at \(Times.text(step.planned)), and the lane goes by time", "put this step before that one")
            findings.add(.warning, written, fault)
            return nil
        }
        let dispatch = max(step.planned, lane.dispatch + lane.gap)
        if dispatch > step.planned, let node { Self.noteLate(written, node, dispatch, key, &lane) }
        lane.planned = step.planned
        lane.id = step.id
        lane.place = place
        lane.dispatch = dispatch
        return dispatch
    }

    private static func noteLate(_ written: WrittenStep, _ node: Node, _ dispatch: Duration, _ key: String, _ lane: inout Forecast) {
        guard lane.late == nil else {
            lane.laterLate += 1
            return
        }
        let late = Times.text(dispatch - written.step.planned)
        let fault = node.fault(
            "this step will be \(late) late: lane \(key) keeps \(Times.text(lane.gap)) after step \(lane.id), which goes at \(Times.text(lane.dispatch))",
            "plan it at \(Times.text(dispatch)), or give the lane a smaller minGap")
        lane.late = written.text.error(fault)
    }

    /// Nothing more comes whose time can be compared with what there was.
    mutating func finish(_ findings: inout Findings) {
        for key in self.lanes.keys.sorted() {
            guard let lane = self.lanes[key], var late = lane.late else { continue }
            if lane.laterLate > 0 { late.what += "; so will \(lane.laterLate) more of this lane" }
            findings.add(.warning, late)
            self.lanes[key]?.late = nil
        }
    }

    mutating func loseTrack() {
        self.lanes = [:]
    }
}
