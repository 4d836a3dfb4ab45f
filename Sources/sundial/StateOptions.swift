import ArgumentParser
import Broker
import Persistence
import Shadows

/// The flags of `serve` that say where state is kept.
struct StateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file that keeps shadows, retained messages and kept sessions; 'memory' forgets them all at exit.", valueName: "file"))
    var state = ".sundial/state.sqlite"

    @Option(
        help: ArgumentHelp(
            "What state survives: process (the end of the process, even kill -9) or full (the loss of power too, at the price of speed).",
            valueName: "kind"))
    var durability = StateFile.Durability.process

    @Option(help: ArgumentHelp("How many versions of each shadow are remembered.", valueName: "number"))
    var history = 50

    @Option(
        help: ArgumentHelp(
            "Shadows to begin with, where there are none of their names: a snapshot, or {\"THING\":{\"classic\":{\"desired\":…,\"reported\":…},\"named\":{\"SHADOW\":{…}}}}.",
            valueName: "file"))
    var seedShadows: String?

    func validate() throws {
        if self.seedShadows == "" { throw ValidationError("--seed-shadows is empty; give the name of a file.") }
        if self.state.isEmpty { throw ValidationError("--state is empty; give the name of a file, or memory.") }
        guard (1...10_000).contains(self.history) else {
            throw ValidationError("--history \(self.history) is not possible; give 1 (the present version only) to 10000.")
        }
    }

    var historyLimits: ShadowHistory.Limits {
        var limits = ShadowHistory.Limits()
        limits.versions = self.history
        return limits
    }

    /// Empty without a file.
    func readSeeds() throws(Complaint) -> [ShadowSeed] {
        guard let seedShadows else { return [] }
        return try SeedFile(path: seedShadows).read()
    }

    /// `nil` for memory.
    func open() throws(Complaint) -> StateFile? {
        guard self.state != "memory" else { return nil }
        do {
            return try StateFile(path: self.state, durability: self.durability)
        } catch {
            throw Complaint(error.text)
        }
    }
}

extension StateFile.Durability: ExpressibleByArgument {}
