import MQTTClient
import MQTTWire
import Pacing

/// The connections of a network run's clients.
///
/// A scenario client may connect again and again; the generation tells its connections apart, so that the late end of one is not
/// taken for the end of the next.
struct NetworkConnections {
    private struct Entry {
        let generation: Int
        var client: MQTTClient?
        /// It ended before the run heard that it had begun.
        var earlyEnd: ConnectionEnd?
    }

    private var entries: [String: Entry] = [:]
    private var lastGeneration = 0
    /// They hang until the run ends, or the server gives them up.
    private var silent: [MQTTClient] = []

    /// A connection is being made.
    mutating func opening(_ name: String) -> Int {
        self.lastGeneration += 1
        self.entries[name] = Entry(generation: self.lastGeneration)
        return self.lastGeneration
    }

    mutating func opened(_ name: String, _ generation: Int, _ client: MQTTClient) -> [PlanEvent] {
        guard let entry = self.entries[name], entry.generation == generation else { return [] }
        if let end = entry.earlyEnd {
            self.entries[name] = nil
            return [.clientConnected(client: name), Self.event(end, of: name)]
        }
        self.entries[name]?.client = client
        return [.clientConnected(client: name)]
    }

    mutating func ended(_ name: String, _ generation: Int, _ end: ConnectionEnd) -> [PlanEvent] {
        guard let entry = self.entries[name], entry.generation == generation else { return [] }
        guard entry.client != nil else {
            self.entries[name]?.earlyEnd = end
            return []
        }
        self.entries[name] = nil
        return [Self.event(end, of: name)]
    }

    private static func event(_ end: ConnectionEnd, of name: String) -> PlanEvent {
        if case .closedByServer(let reason, _) = end.error, reason == .sessionTakenOver { return .clientTakenOver(client: name) }
        return .clientLost(client: name, reason: end.error.text)
    }

    subscript(name: String) -> MQTTClient? { self.entries[name]?.client }

    /// The plan is done with this connection: its end is no event any more.
    mutating func take(_ name: String) -> MQTTClient? {
        self.entries.removeValue(forKey: name)?.client
    }

    /// As ``take(_:)``, for a client that stays connected and is heard of no more.
    mutating func silence(_ name: String) -> MQTTClient? {
        guard let client = self.take(name) else { return nil }
        self.silent.append(client)
        return client
    }

    mutating func takeAll() -> [MQTTClient] {
        defer {
            self.entries = [:]
            self.silent = []
        }
        return self.entries.values.compactMap(\.client) + self.silent
    }
}
