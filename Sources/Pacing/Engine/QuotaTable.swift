import Shadows
import Timeline

/// What is counted, and for whom.
enum QuotaKey: Hashable, Sendable {
    case publishes(client: String)
    case requests(ShadowID)
    case inFlight(ThingName)
}

/// How near a run came to a quota: the one connection, shadow or thing that came nearest. Source: scheduler §14.
package struct QuotaHeadroom: Equatable, Sendable {
    /// What is counted, in words.
    package var quota: String
    package var subject: String
    /// The most in use at one time: of a rate, what had gone and not yet grown back in the bucket.
    package var used: Int
    package var limit: Int
    /// From the start of the run.
    package var at: Duration
}

/// The token buckets and counts that a plan's publishes are held to, and how full they were. Source: scheduler §12.
struct QuotaTable: Sendable {
    private struct Use: Sendable {
        let limit: Int
        /// Nil for what is counted and not a rate.
        var bucket: TokenBucket?
        /// What is in use now; of a bucket, what was taken beyond what it held.
        var count = 0
        var waiting = MinHeap()
        var hasTimer = false

        func used(now: Instant) -> Int {
            self.bucket.map { self.limit - $0.available(now: now) + self.count } ?? self.count
        }
    }

    private struct Peak: Sendable {
        var key: QuotaKey
        var used: Int
        var at: Instant
    }

    let limits: QuotaLimits
    /// Whether steps wait for what is not there.
    let isObeyed: Bool
    private var uses: [QuotaKey: Use] = [:]
    private var usesBeforeForgetting = 4096
    private var publishes: Peak?
    private var requests: Peak?
    private var inFlight: Peak?

    init(_ settings: PlanSettings) {
        self.limits = settings.quotaLimits
        self.isObeyed = settings.quotas.mode == .obey
    }

    /// The quotas that a publish counts for.
    func keys(of publication: Publication) -> [QuotaKey] {
        var keys: [QuotaKey] = []
        if self.limits.publishesPerSecond != nil, case .client(let client) = publication.publisher {
            keys.append(.publishes(client: client))
        }
        guard let shadow = publication.shadow else { return keys }
        if self.limits.shadowRequestsPerSecond != nil { keys.append(.requests(shadow.id)) }
        if self.limits.requestsInFlight != nil { keys.append(.inFlight(shadow.id.thing)) }
        return keys
    }

    func isSpent(_ key: QuotaKey, now: Instant) -> Bool {
        guard let use = self.uses[key] else { return self.limit(of: key) == 0 }
        return use.used(now: now) >= use.limit
    }

    mutating func spend(_ key: QuotaKey, now: Instant) {
        var use = self.uses.removeValue(forKey: key) ?? self.fresh(key, now: now)
        if use.bucket == nil {
            use.count += 1
        } else if use.bucket?.take(1, now: now) == true {
            use.count = 0
        } else {
            use.count += 1
        }
        self.remember(key, used: use.used(now: now), now: now)
        self.uses[key] = use
        if self.uses.count > self.usesBeforeForgetting { self.forgetUnused(now: now) }
    }

    /// One that counted is no more.
    mutating func giveBack(_ key: QuotaKey) {
        self.uses[key]?.count -= 1
    }

    mutating func wait(_ number: StepNumber, for key: QuotaKey, now: Instant) {
        if self.uses[key] == nil { self.uses[key] = self.fresh(key, now: now) }
        self.uses[key]?.waiting.insert(number)
    }

    /// The first in file order that waits; it waits no more.
    mutating func popWaiting(for key: QuotaKey) -> StepNumber? { self.uses[key]?.waiting.popFirst() }

    /// When to look at those that wait again; nil when that is looked after, or nothing but an answer can help.
    mutating func instantToWatch(_ key: QuotaKey, now: Instant) -> Instant? {
        guard let use = self.uses[key], let bucket = use.bucket, !use.hasTimer, use.waiting.first != nil else { return nil }
        let instant = bucket.availableAt(1, now: now)
        guard instant < .distantFuture else { return nil }
        self.uses[key]?.hasTimer = true
        return instant
    }

    mutating func timerFired(_ key: QuotaKey) { self.uses[key]?.hasTimer = false }

    /// The worst of each kind that there is a limit for and that was used.
    func headrooms(start: Instant) -> [QuotaHeadroom] {
        [self.publishes, self.requests, self.inFlight].compactMap { peak in
            peak.map {
                QuotaHeadroom(
                    quota: Self.name(of: $0.key), subject: Self.subject(of: $0.key), used: $0.used, limit: self.limit(of: $0.key),
                    at: $0.at - start)
            }
        }
    }

    // MARK: Uses

    private func fresh(_ key: QuotaKey, now: Instant) -> Use {
        let limit = self.limit(of: key)
        if case .inFlight = key { return Use(limit: limit) }
        return Use(limit: limit, bucket: TokenBucket(capacity: limit, refillPerSecond: limit, now: now))
    }

    private func limit(of key: QuotaKey) -> Int {
        switch key {
        case .publishes: self.limits.publishesPerSecond ?? 0
        case .requests: self.limits.shadowRequestsPerSecond ?? 0
        case .inFlight: self.limits.requestsInFlight ?? 0
        }
    }

    private mutating func remember(_ key: QuotaKey, used: Int, now: Instant) {
        switch key {
        case .publishes: if used > self.publishes?.used ?? 0 { self.publishes = Peak(key: key, used: used, at: now) }
        case .requests: if used > self.requests?.used ?? 0 { self.requests = Peak(key: key, used: used, at: now) }
        case .inFlight: if used > self.inFlight?.used ?? 0 { self.inFlight = Peak(key: key, used: used, at: now) }
        }
    }

    /// What is as if it had never been used.
    private mutating func forgetUnused(now: Instant) {
        self.uses = self.uses.filter { $0.value.waiting.first != nil || $0.value.hasTimer || $0.value.used(now: now) > 0 }
        self.usesBeforeForgetting = max(4096, 2 * self.uses.count)
    }

    private static func name(of key: QuotaKey) -> String {
        switch key {
        case .publishes: "publishes per second of a connection"
        case .requests: "requests per second to a shadow"
        case .inFlight: "unanswered requests of a thing"
        }
    }

    private static func subject(of key: QuotaKey) -> String {
        switch key {
        case .publishes(let client): client
        case .requests(let shadow): shadow.thing.text + (shadow.name.map { "/\($0.text)" } ?? "")
        case .inFlight(let thing): thing.text
        }
    }
}
