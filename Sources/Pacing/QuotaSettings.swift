/// What a plan does about the service's quotas of rate. Source: scheduler §12.
package struct QuotaSettings: Equatable, Sendable {
    package enum Mode: String, CaseIterable, Sendable {
        /// A step for which nothing is left waits with cause `quota`.
        case obey
        /// It is sent and gets what the service answers, for testing clients.
        case exceed
    }

    package var mode = Mode.obey
    /// Nil is what the plan's profile has.
    package var limits: QuotaLimits?

    package init(_ mode: Mode = .obey, limits: QuotaLimits? = nil) {
        self.mode = mode
        self.limits = limits
    }
}

/// Quotas of rate; nil is none. A rate is also the most that may go at once after a rest.
package struct QuotaLimits: Equatable, Sendable {
    /// Publishes of one connection in a second. Source: reference mqtt §12.
    package var publishesPerSecond: Int?
    /// Requests to one shadow in a second. Source: reference device-shadow §10.
    package var shadowRequestsPerSecond: Int?
    /// Requests of one thing that are not answered yet. Source: reference device-shadow §10.
    package var requestsInFlight: Int?

    package init(publishesPerSecond: Int? = nil, shadowRequestsPerSecond: Int? = nil, requestsInFlight: Int? = nil) {
        self.publishesPerSecond = publishesPerSecond
        self.shadowRequestsPerSecond = shadowRequestsPerSecond
        self.requestsInFlight = requestsInFlight
    }

    package static let aws = QuotaLimits(publishesPerSecond: 100, shadowRequestsPerSecond: 20, requestsInFlight: 10)
    package static let none = QuotaLimits()
}

extension PlanSettings {
    var quotaLimits: QuotaLimits {
        if let limits = self.quotas.limits { return limits }
        switch self.profile {
        case .aws: return .aws
        case .plain: return .none
        }
    }
}
