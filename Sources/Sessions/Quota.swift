/// What becomes of that which goes beyond a quota.
package enum QuotaMode: String, CaseIterable, Sendable {
    /// What the service does.
    case enforce
    /// It passes; the log says once that it began, and it is counted.
    case warn
    /// Nothing is measured.
    case off
}

/// The quotas that are measured, by the names that flags, logs and counters have for them.
package enum QuotaName: String, CaseIterable, Sendable {
    case publishRate = "publish-rate"
    case throughput
    case shadowRate = "shadow-rate"
    case shadowInFlight = "shadow-in-flight"
    case connectRate = "connect-rate"
    case subscriptions
}

/// One number of the service, and what is done about it.
package struct Quota: Equatable, Sendable {
    package var mode: QuotaMode
    /// As the service documents it; in what unit, ``ServiceQuotas`` says.
    package var limit: Int
    /// Where the service was seen to begin refusing, when that is not at `limit`.
    package var enforcedLimit: Int

    /// - Parameter enforcedLimit: `nil` for `limit` itself.
    package init(_ mode: QuotaMode = .warn, limit: Int, enforcedLimit: Int? = nil) {
        self.mode = mode
        self.limit = limit
        self.enforcedLimit = enforcedLimit ?? limit
    }

    /// The number that counts in this mode: to warn the documented one, to refuse the one that was seen.
    package var limitInForce: Int { self.mode == .enforce ? self.enforcedLimit : self.limit }
}

/// What a quota says to one more.
package enum QuotaRuling: Equatable, Sendable {
    case within
    /// Beyond it. Refused only in mode `enforce`; `begins` is the first after a rest, which is worth a line in the log.
    case exceeded(isRefused: Bool, begins: Bool)
}
