import ArgumentParser
import Certificates
import Foundation
import Timeline

/// Sundial beside mosquitto, alternating.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Run the scenarios against Sundial and mosquitto in turn and print medians and ratios.",
        discussion: """
            Bench compare --sundial .build/release/sundial
            Bench compare --sundial .build/release/sundial --scenario pairs-q0 --scenario pairs-q1 --seconds 5
            """)

    @Option(help: "The sundial binary, built for release.") var sundial: String?
    @Option(help: "The mosquitto binary.") var mosquitto = "/usr/sbin/mosquitto"
    @Option(help: "A scenario or the beginning of its name (repeatable); all when not given.") var scenario: [String] = []
    @Option(help: "Runs of each scenario for each server.") var repeats = 3
    @Option(help: "Seconds measured in each run.") var seconds = 3.0
    @Flag(inversion: .prefixedNo, help: "Server on core 0, generator on core 1.") var pin = true
    @Flag(help: "Measure Sundial alone.") var alone = false
    @Flag(help: "Exit 1 when a figure is below its 60 % line or missing.") var strict = false

    func run() throws {
        try ProcessLimits.raiseDescriptors()
        if self.pin { try ProcessLimits.pin(to: 1) }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "sundial-bench-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let now = WallTime(secondsSinceEpoch: Int64(Date().timeIntervalSince1970))
        let certificates = try LocalCertificates.prepare(in: folder.path + "/certificates", now: now)
        let mosquitto = ServerUnderTest.mosquitto(
            path: self.mosquitto, folder: folder.path, certificatePath: certificates.certificatePath, keyPath: certificates.keyPath)
        let sundial = self.sundial.map { ServerUnderTest.sundial(path: $0, folder: folder.path) }

        var comparisons: [Comparison] = []
        for benchmark in try self.chosen() {
            comparisons.append(
                self.compare(benchmark, mosquitto: self.alone || benchmark.isSundialOnly ? nil : mosquitto, sundial: sundial))
        }
        let isShort = self.report(comparisons)
        if self.strict, isShort { throw ExitCode(1) }
    }

    private func chosen() throws(BenchFailure) -> [Benchmark] {
        guard !self.scenario.isEmpty else { return Benchmark.all }
        let chosen = Benchmark.all.filter { benchmark in self.scenario.contains { benchmark.name.hasPrefix($0) } }
        guard !chosen.isEmpty else {
            throw BenchFailure("no scenario begins so; there are \(Benchmark.all.map(\.name).joined(separator: ", "))")
        }
        return chosen
    }

    private func compare(_ benchmark: Benchmark, mosquitto: ServerUnderTest?, sundial: ServerUnderTest?) -> Comparison {
        var comparison = Comparison(benchmark)
        for number in 1...max(1, self.repeats) {
            for server in [mosquitto, sundial].compactMap({ $0 }) {
                do throws(BenchFailure) {
                    let figure = try benchmark.measure(server, core: self.pin ? 0 : nil, seconds: self.seconds)
                    let rate = figure.messagesPerSecond.map { ", \(decimal($0, 0)) messages/s" } ?? ""
                    Console.progress("\(benchmark.name) \(number) \(server.name): \(decimal(figure.cost, 3)) \(benchmark.unit)\(rate)")
                    if case .mosquitto = server { comparison.mosquitto.append(figure) } else { comparison.sundial.append(figure) }
                } catch {
                    Console.progress("\(benchmark.name) \(number) \(server.name): \(error)")
                    comparison.faults.append("\(benchmark.name), run \(number), \(server.name): \(error)")
                }
            }
        }
        return comparison
    }

    /// - Returns: whether a figure is short or missing.
    private func report(_ comparisons: [Comparison]) -> Bool {
        let costs = Dictionary(uniqueKeysWithValues: comparisons.compactMap { row in row.sundialCost.map { (row.benchmark.name, $0) } })
        Console.line("Medians of \(self.repeats) runs; ratio = mosquitto's cost / Sundial's, and Sundial's messages/s / mosquitto's.")
        for line in Comparison.table([Comparison.header] + comparisons.map { $0.row(costs) }) { Console.line(line) }
        for note in comparisons.compactMap(\.rangeNote) { Console.line("within 15 %: \(note)") }
        for fault in comparisons.flatMap(\.faults) { Console.line("no figure: \(fault)") }
        return comparisons.contains { [.short, .none].contains($0.standing(costs)) }
    }
}
