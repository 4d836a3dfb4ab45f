import ArgumentParser

/// The parts of a message's way, alone: nanoseconds and allocations each.
struct MicroCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "micro", abstract: "Time codec, matching, fan-out, JSON, shadow update and signature check by themselves.")

    @Option(help: "Only those whose name begins so (repeatable).") var only: [String] = []
    @Option(help: "Pin to this core.") var core: Int?

    func run() throws {
        if let core = self.core { try ProcessLimits.pin(to: core) }
        var timer = MicroTimer(only: self.only)
        try MicroCodec.run(&timer)
        try MicroMatching.run(&timer)
        MicroFanout.run(&timer)
        try MicroService.run(&timer)
        let rows = timer.results.map { [$0.name, decimal($0.nanoseconds, 1), decimal($0.allocations, 2)] }
        for line in Comparison.table([["benchmark", "ns", "allocations"]] + rows) { Console.line(line) }
    }
}
