import ArgumentParser
import Certificates
import Foundation
import Timeline

/// Sundial beside mosquitto and moto_server, alternating.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Run the scenarios against Sundial and its peer in turn and print medians and ratios.",
        discussion: """
            Scenarios, by name or the beginning of it:
              1to1- fanin- fanout- pairs- w1- single fixed-rate ws- wss- tls-
                            messages, beside mosquitto
              connect- idle- start
                            connections and the start, beside mosquitto
              shadow-1- shadow-100-, each with 'memory' or 'durable'
                            updates of one or 100 shadows, 64 in flight, each
                            counted when its 'accepted' has come; 1to1-q1 runs
                            along, to be compared with
              rest-update   UpdateThingShadow over HTTP with signed headers,
                            beside moto_server

            Bench compare --sundial .build/release/sundial
            Bench compare --sundial .build/release/sundial --scenario pairs --seconds 5
            Bench compare --sundial .build/release/sundial --scenario shadow --scenario rest
            """)

    @Option(help: "The sundial binary, built for release.") var sundial: String?
    @Option(help: "The mosquitto binary.") var mosquitto = "/usr/sbin/mosquitto"
    @Option(help: "A Python that has moto's server.") var motoPython = ".build/bench-venv/bin/python"
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
        let moto = ServerUnderTest.moto(python: self.motoPython, folder: folder.path)
        let sundial = self.sundial.map { ServerUnderTest.sundial(path: $0, folder: folder.path) }

        var comparisons: [Comparison] = []
        for benchmark in try self.chosen() {
            let peer: ServerUnderTest? =
                switch benchmark.peer {
                case .mosquitto: mosquitto
                case .moto: moto
                case nil: nil
                }
            comparisons.append(self.compare(benchmark, peer: self.alone ? nil : peer, sundial: sundial))
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
        let companions = Set(chosen.map(\.name) + chosen.compactMap(\.companion))
        return Benchmark.all.filter { companions.contains($0.name) }
    }

    private func compare(_ benchmark: Benchmark, peer: ServerUnderTest?, sundial: ServerUnderTest?) -> Comparison {
        var comparison = Comparison(benchmark)
        for number in 1...max(1, self.repeats) {
            for (server, isPeer) in [(peer, true), (sundial, false)] {
                guard let server else { continue }
                do throws(BenchFailure) {
                    let figure = try benchmark.measure(server, core: self.pin ? 0 : nil, seconds: self.seconds)
                    let rate = figure.messagesPerSecond.map { ", \(decimal($0, 0)) messages/s" } ?? ""
                    Console.progress("\(benchmark.name) \(number) \(server.name): \(decimal(figure.cost, 3)) \(benchmark.unit)\(rate)")
                    if isPeer { comparison.peer.append(figure) } else { comparison.sundial.append(figure) }
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
        Console.line("Medians of \(self.repeats) runs; ratio = the peer's cost / Sundial's, and Sundial's messages/s / the peer's.")
        for peer in Benchmark.Peer.allCases {
            // Rows without a peer stand in the first table.
            let rows = comparisons.filter { ($0.benchmark.peer ?? .mosquitto) == peer }
            guard !rows.isEmpty else { continue }
            for line in Comparison.table([Comparison.header(peer.rawValue)] + rows.map { $0.row(costs) }) { Console.line(line) }
        }
        for note in comparisons.compactMap(\.rangeNote) { Console.line("within 15 %: \(note)") }
        for fault in comparisons.flatMap(\.faults) { Console.line("no figure: \(fault)") }
        return comparisons.contains { [.short, .none].contains($0.standing(costs)) }
    }
}
