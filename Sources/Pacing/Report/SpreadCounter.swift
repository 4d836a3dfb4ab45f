import Timeline

/// How values lie between least and most.
package struct Spread: Equatable, Sendable {
    package var least: Duration
    package var median: Duration
    package var p95: Duration
    package var most: Duration
    /// Whether the median and p95 are values that occurred. If not they are at most 1/128 too large.
    package var isExact = true

    static let approximation = "at most 1/128 too large"
}

/// Collects durations for a ``Spread`` in bounded memory.
///
/// Up to a number of values it is exact and keeps each (8 bytes). Beyond, values are counted in buckets whose ends are less than
/// 1/128 apart, so at most 7300 of them; the same values always give the same spread.
struct SpreadCounter: Sendable {
    private let exactValues: Int
    private var values: [Int64] = []
    private var buckets: [Int: Int] = [:]
    private var least = Int64.max
    private var most = Int64.min
    private(set) var count = 0

    init(exactValues: Int) {
        self.exactValues = exactValues
    }

    /// - Parameter duration: negative ones count as zero.
    mutating func add(_ duration: Duration) {
        let value = max(0, duration.wholeNanoseconds)
        self.least = min(self.least, value)
        self.most = max(self.most, value)
        self.count += 1
        if self.count <= self.exactValues {
            self.values.append(value)
            return
        }
        for kept in self.values { self.buckets[Self.bucket(of: kept), default: 0] += 1 }
        self.values = []
        self.buckets[Self.bucket(of: value), default: 0] += 1
    }

    /// Nil without values. A percentile is the value at that rank, nothing in between.
    var spread: Spread? {
        guard self.count > 0 else { return nil }
        let ranks = [(self.count - 1) / 2, (self.count * 95 + 99) / 100 - 1]
        let isExact = self.buckets.isEmpty
        let found = isExact ? Self.values(at: ranks, in: self.values.sorted()) : self.bucketEnds(at: ranks)
        return Spread(
            least: .nanoseconds(self.least), median: .nanoseconds(found[0]), p95: .nanoseconds(found[1]), most: .nanoseconds(self.most),
            isExact: isExact)
    }

    private static func values(at ranks: [Int], in sorted: [Int64]) -> [Int64] { ranks.map { sorted[$0] } }

    private func bucketEnds(at ranks: [Int]) -> [Int64] {
        let sorted = self.buckets.sorted { $0.key < $1.key }
        return ranks.map { rank in
            var before = 0
            for (bucket, count) in sorted {
                before += count
                if rank < before { return min(self.most, Self.end(of: bucket)) }
            }
            return self.most
        }
    }

    // MARK: Buckets

    /// Values below 128 have a bucket each; from there on every doubling has 128.
    private static func bucket(of value: Int64) -> Int {
        guard value >= 128 else { return Int(value) }
        let doublings = 63 - value.leadingZeroBitCount - 7
        return (doublings + 1) * 128 + Int(value >> Int64(doublings)) - 128
    }

    /// The largest value of a bucket.
    private static func end(of bucket: Int) -> Int64 {
        guard bucket >= 128 else { return Int64(bucket) }
        let doublings = Int64(bucket / 128 - 1)
        let start = Int64(bucket % 128 + 128) << doublings
        return start + (1 << doublings) - 1
    }
}
