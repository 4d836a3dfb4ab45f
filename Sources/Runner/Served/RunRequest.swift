package import Pacing

/// A run that somebody asks a served broker for.
package struct RunRequest: Sendable {
    /// Unique among the runs of the broker; the plan was read with it. See ``RunService/freshID()``.
    package let id: String
    package let plan: Plan
    /// It lives for those who follow its events: once nobody does, it is cancelled.
    package var isAttached: Bool

    package init(id: String, plan: Plan, isAttached: Bool = false) {
        self.id = id
        self.plan = plan
        self.isAttached = isAttached
    }
}
