import Shadows
import Timeline

/// How many messages a file plans for the same second, against the quotas of its profile. Source: scheduler §12.
///
/// Seconds are whole ones of scenario time. Memory: a few numbers for each client and shadow, of at most ``mostKeys``.
struct QuotaForecast {
    private static let mostKeys = 10_000
    private static let keptSeconds = 64

    private enum Key: Hashable {
        case publishes(client: String)
        case requests(ShadowID)
    }

    private struct Load {
        /// By second, the last ones.
        var counts: [Int64: Int] = [:]
        /// The second of the first step over the limit, and where that is.
        var peak: (second: Int64, error: ScenarioError)?
        var most = 0
    }

    private let limits: QuotaLimits
    private let isCounted: Bool
    private var loads: [Key: Load] = [:]

    init(_ settings: PlanSettings) {
        self.limits = settings.quotaLimits
        // With "exceed" that is what the file is for; at speed max no time passes.
        self.isCounted = settings.quotas.mode == .obey && settings.speed != .max
    }

    /// - Parameter planned: when it goes at the earliest.
    mutating func look(at written: WrittenStep, planned: Duration) {
        guard self.isCounted, let publication = written.step.publication else { return }
        let second = planned.components.seconds
        if case .client(let client) = publication.publisher, let limit = self.limits.publishesPerSecond {
            self.count(.publishes(client: client), second, limit, written)
        }
        if let shadow = publication.shadow, let limit = self.limits.shadowRequestsPerSecond {
            self.count(.requests(shadow.id), second, limit, written)
        }
    }

    private mutating func count(_ key: Key, _ second: Int64, _ limit: Int, _ written: WrittenStep) {
        guard self.loads.count < Self.mostKeys || self.loads[key] != nil else { return }
        var load = self.loads.removeValue(forKey: key) ?? Load()
        let count = load.counts[second, default: 0] + 1
        load.counts[second] = count
        if load.counts.count > Self.keptSeconds, let oldest = load.counts.keys.min() { load.counts[oldest] = nil }
        if count > limit, load.peak == nil {
            load.peak = (
                second, written.text.error(written.node.fault("", "spread them, or write \"quota\": \"exceed\" to see what happens"))
            )
        }
        if load.peak?.second == second { load.most = max(load.most, count) }
        self.loads[key] = load
    }

    mutating func finish(_ findings: inout Findings) {
        let peaks = self.loads.compactMap { key, load in load.peak.map { (key, load.most, $0) } }
        for (key, most, peak) in peaks.sorted(by: { ($0.2.error.line, $0.2.error.column) < ($1.2.error.line, $1.2.error.column) }) {
            var error = peak.error
            let second = "the second from \(peak.second) s"
            switch key {
            case .publishes(let client):
                error.what =
                    "client \(client) publishes \(most) messages in \(second), and its connection may \(self.limits.publishesPerSecond ?? 0)"
            case .requests(let shadow):
                error.what =
                    "shadow \(shadow.topicPrefix) gets \(most) requests in \(second), and it takes \(self.limits.shadowRequestsPerSecond ?? 0)"
            }
            error.what += ": the others will wait"
            findings.add(.warning, error)
        }
        self.loads = [:]
    }
}
