package import Pacing

/// A run that somebody asks a served broker for.
package struct RunRequest: Sendable {
    /// Unique among the runs of the broker; the plan was read with it. See ``RunService/freshID()``.
    package let id: String
    package let plan: Plan
    /// It lives for those who follow its events: once nobody does, it is cancelled.
    package var isAttached: Bool
    /// The mark it begins at; what comes before is skipped. Source: scheduler §10 `seek`.
    package var seek: String?
    /// Ids of steps and texts of marks before which it pauses. Source: scheduler §10 `pauseAt`.
    package var breakpoints: Set<String>

    package init(id: String, plan: Plan, isAttached: Bool = false, seek: String? = nil, breakpoints: Set<String> = []) {
        self.id = id
        self.plan = plan
        self.isAttached = isAttached
        self.seek = seek
        self.breakpoints = breakpoints
    }
}
