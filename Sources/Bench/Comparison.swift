/// The figures of one benchmark for Sundial and, where there is one, its peer, and the line that is printed.
struct Comparison {
    let benchmark: Benchmark
    var sundial: [Benchmark.Figure] = []
    var peer: [Benchmark.Figure] = []
    /// Runs that have no figure.
    var faults: [String] = []

    init(_ benchmark: Benchmark) {
        self.benchmark = benchmark
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    private var rateRatio: Double? { self.peerRate.flatMap { theirs in self.sundialRate.map { $0 / theirs } } }
    var sundialCost: Double? { Self.median(self.sundial.map(\.cost)) }
    var peerCost: Double? { Self.median(self.peer.map(\.cost)) }
    private var sundialRate: Double? { Self.median(self.sundial.compactMap(\.messagesPerSecond)) }
    private var peerRate: Double? { Self.median(self.peer.compactMap(\.messagesPerSecond)) }

    /// How the figure stands against its bar.
    enum Standing: String { case target = "target", line = "60 %", short = "SHORT", none = "no figure" }

    /// - Parameter costs: Sundial's costs in the other rows.
    func standing(_ costs: [String: Double]) -> Standing {
        guard self.faults.isEmpty, let ours = self.sundialCost else { return .none }
        switch self.benchmark.bar {
        case .ratio(let target, let line):
            guard let theirs = self.peerCost else { return .none }
            return theirs / ours >= target ? .target : theirs / ours >= line ? .line : .short
        case .atMost(let limit):
            return ours <= limit ? .target : .short
        case .rateRatio(let target):
            guard let ratio = self.rateRatio else { return .none }
            return ratio >= target ? .target : ratio >= target * 0.6 ? .line : .short
        case .perCore(let rate, let share, let row):
            guard let other = costs[row] else { return .none }
            let part = max(1e6 / ours / rate, other / ours / share)
            return part >= 1 ? .target : part >= 0.6 ? .line : .short
        case .timesRow(let row, let limit):
            guard let other = costs[row] else { return .none }
            return ours / other <= limit ? .target : .short
        }
    }

    static func header(_ peer: String) -> [String] {
        [
            "scenario", peer, "sundial", "unit", "ratio", "60 %", "target", "", "\(peer)/s", "sundial/s", "ratio", "target",
        ]
    }

    func row(_ costs: [String: Double]) -> [String] {
        let places = self.benchmark.unit == "bytes" ? 0 : self.benchmark.unit == "µs CPU" ? 3 : 1
        let ratio = self.peerCost.flatMap { theirs in self.sundialCost.map { theirs / $0 } }
        var line = ""
        var target = ""
        switch self.benchmark.bar {
        case .ratio(let wanted, let lower):
            line = decimal(lower, 2)
            target = decimal(wanted, 2)
        case .atMost(let limit): target = "≤ \(decimal(limit, 0))"
        case .rateRatio: break
        case .perCore(let rate, _, let row):
            let perCore = self.sundialCost.map { decimal(1e6 / $0, 0) } ?? "-"
            let times = costs[row].flatMap { other in self.sundialCost.map { decimal($0 / other, 1) } } ?? "-"
            target = "\(perCore)/s of a core, ≥ \(decimal(rate, 0)); 1/\(times) of \(row)"
        case .timesRow(let row, let limit):
            let times = costs[row].flatMap { other in self.sundialCost.map { $0 / other } }
            target = "\(times.map { decimal($0, 2) } ?? "-") × \(row), ≤ \(decimal(limit, 1))"
        }
        return [
            self.benchmark.name, self.peerCost.map { decimal($0, places) } ?? "", self.sundialCost.map { decimal($0, places) } ?? "",
            self.benchmark.unit, ratio.map { decimal($0, 2) } ?? "", line, target, self.standing(costs).rawValue,
            self.peerRate.map { decimal($0, 0) } ?? "", self.sundialRate.map { decimal($0, 0) } ?? "",
            self.rateRatio.map { decimal($0, 2) } ?? "", self.benchmark.rateTarget.map { decimal($0, 2) } ?? "",
        ]
    }

    /// The ranges, where the medians differ by less than 15 % and so may mean nothing.
    var rangeNote: String? {
        guard let ours = self.sundialCost, let theirs = self.peerCost, abs(theirs / ours - 1) < 0.15 else { return nil }
        return "\(self.benchmark.name): peer \(Self.range(self.peer)), sundial \(Self.range(self.sundial)) \(self.benchmark.unit)"
    }

    private static func range(_ figures: [Benchmark.Figure]) -> String {
        let costs = figures.map(\.cost)
        guard let low = costs.min(), let high = costs.max() else { return "-" }
        return "\(decimal(low, 2))-\(decimal(high, 2))"
    }

    /// Columns padded to equal width.
    static func table(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }.joined(separator: "  ")
        }
    }
}
