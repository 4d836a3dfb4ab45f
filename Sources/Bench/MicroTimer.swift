import CBench

/// Repeats a piece of work until its time is steady enough to print.
struct MicroTimer {
    struct Result {
        let name: String
        let nanoseconds: Double
        let allocations: Double
    }

    private(set) var results: [Result] = []
    private let only: [String]

    init(only: [String]) {
        self.only = only
    }

    /// Runs `body` in five rounds of at least 100 ms and keeps the fastest, since everything that disturbs makes it slower.
    ///
    /// - Parameters:
    ///   - units: how many of what is counted one call does.
    ///   - body: returns a number that depends on the work, so that the work cannot be left out.
    mutating func measure(_ name: String, units: Int = 1, _ body: () throws -> Int) rethrows {
        guard self.only.isEmpty || self.only.contains(where: { name.hasPrefix($0) }) else { return }
        var checksum = 0
        var calls = 1
        while true {
            let begin = monotonicNanoseconds()
            for _ in 0..<calls { checksum &+= try body() }
            if monotonicNanoseconds() - begin > 20_000_000 { break }
            calls *= 2
        }
        calls *= 5
        var best = Double.infinity
        var allocations = 0.0
        for _ in 0..<5 {
            let countBefore = sundial_allocations()
            let begin = monotonicNanoseconds()
            for _ in 0..<calls { checksum &+= try body() }
            let elapsed = monotonicNanoseconds() - begin
            allocations = Double(sundial_allocations() - countBefore) / Double(calls * units)
            best = min(best, Double(elapsed) / Double(calls * units))
        }
        Self.consume(checksum)
        self.results.append(Result(name: name, nanoseconds: best, allocations: allocations))
    }

    @inline(never)
    private static func consume(_ value: Int) {
        if value == .min { Console.progress("") }
    }
}
