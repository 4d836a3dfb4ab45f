import Broker
import Hummingbird
import JSON
import Sessions
import Timeline

/// `GET /_sundial/status`: version, doors, uptime and counters.
struct StatusPage: Sendable {
    let settings: ControlPlaneSettings
    let broker: Broker

    func answer() async throws -> Response {
        let counters = try await self.broker.submit { $0.counters }
        let doors = self.broker.addresses.map { address -> (String, JSONValue) in
            (address.name, .object(["host": .string(address.host), "port": .init(Int64(address.port))]))
        }
        var byName = JSONObject()
        for (name, door) in doors { byName[name] = door }
        return .json(
            .ok,
            .object([
                "name": "sundial", "version": .string(self.settings.version), "startedAt": .string(self.settings.startedAt.iso8601),
                "uptimeSeconds": .init((Broker.systemWallTime() - self.settings.startedAt).components.seconds), "doors": .object(byName),
                "counters": Self.json(counters),
            ]))
    }

    private static func json(_ counters: Counters) -> JSONValue {
        .object([
            "connectionsAccepted": .init(Int64(counters.connectionsAccepted)),
            "connectionsRefused": .init(Int64(counters.connectionsRefused)),
            "publishesReceived": .init(Int64(counters.publishesReceived)), "messagesDelivered": .init(Int64(counters.messagesDelivered)),
            "messagesQueued": .init(Int64(counters.messagesQueued)), "droppedQueueFull": .init(Int64(counters.droppedQueueFull)),
            "droppedSlowReader": .init(Int64(counters.droppedSlowReader)), "droppedTooLarge": .init(Int64(counters.droppedTooLarge)),
            "protocolErrors": .init(Int64(counters.protocolErrors)), "shadowRequests": .init(Int64(counters.shadowRequests)),
            "shadowRejections": .init(Int64(counters.shadowRejections)), "overQuota": Self.json(counters.overQuota),
        ])
    }

    private static func json(_ counts: QuotaCounts) -> JSONValue {
        var byName = JSONObject()
        for name in QuotaName.allCases { byName[name.rawValue] = .init(Int64(counts[name])) }
        return .object(byName)
    }
}
