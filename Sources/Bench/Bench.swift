import ArgumentParser

/// Measures Sundial, alone or beside mosquitto: `reference/performance.md` says what and how.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Bench",
        abstract: "A windowed load generator and comparison for MQTT servers.",
        subcommands: [CompareCommand.self, LoadCommand.self, MicroCommand.self, KitCommand.self])
}
