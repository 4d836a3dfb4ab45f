import ArgumentParser
import TestKit

/// What a kit of `TestKit` costs a test.
struct KitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kit", abstract: "Time kits of TestKit: from start to the first CONNACK, and whole rounds of a test.")

    @Option(help: "How many rounds.") var rounds = 50
    @Option(help: "Pin to this core.") var core: Int?

    func run() async throws {
        if let core = self.core { try ProcessLimits.pin(to: core) }
        var started: [Duration] = []
        var ended: [Duration] = []
        for _ in 0..<max(self.rounds, 1) {
            let begin = ContinuousClock.now
            try await withSundial { kit in
                let app = try await kit.connect("app")
                started.append(ContinuousClock.now - begin)
                try await app.subscribe("$aws/things/T1/shadow/update/accepted")
                try await app.publish("$aws/things/T1/shadow/update", ["state": ["reported": ["n": 1]]])
                try await app.expect("$aws/things/T1/shadow/update/accepted")
            }
            ended.append(ContinuousClock.now - begin)
        }
        let header = ["milliseconds", "first", "least", "p50", "most"]
        for line in Comparison.table([header, self.row("start to CONNACK", started), self.row("start to stopped", ended)]) {
            Console.line(line)
        }
    }

    private func row(_ name: String, _ times: [Duration]) -> [String] {
        let sorted = times.sorted()
        return [name] + [times[0], sorted[0], sorted[sorted.count / 2], sorted[sorted.count - 1]].map { decimal($0 / .milliseconds(1), 2) }
    }
}
