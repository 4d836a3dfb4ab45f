import JSON
import MQTTClient
import MQTTWire
import NIOCore
import Pacing
import Shadows

/// The runner's own clients on a target: they see the answers to the plan's requests, and what its expectations look for inside
/// the broker, whether or not a client of the plan subscribes to it. Source: scheduler §6 "Correlation".
struct NetworkTap {
    /// AWS allows 8 filters in a SUBSCRIBE and 50 subscriptions of a connection (quotas page).
    private static let filtersPerPacket = 8
    private static let filtersPerClient = 48

    private var clients: [MQTTClient] = []

    /// Subscribes to everything the plan needs to see; returns when all of it is granted.
    static func open(
        for plan: Plan, target: NetworkTarget, runID: String, on loop: any EventLoop,
        onMessage: @escaping @Sendable (ReceivedMessage) -> Void, onEnd: @escaping @Sendable (ConnectionEnd) -> Void
    ) async throws(TapFailure) -> NetworkTap {
        var tap = NetworkTap()
        let filters = try Self.filters(of: plan)
        for start in stride(from: 0, to: filters.count, by: Self.filtersPerClient) {
            var configuration = target.configuration(clientID: "\(runID)-tap\(start / Self.filtersPerClient + 1)")
            configuration.onMessage = onMessage
            configuration.onEnd = onEnd
            do throws(MQTTClientError) {
                let client = try await MQTTClient.connect(configuration, on: loop)
                tap.clients.append(client)
                try await tap.subscribe(client, filters[start..<min(start + Self.filtersPerClient, filters.count)])
            } catch {
                await tap.close()
                throw TapFailure(text: error.text)
            }
        }
        return tap
    }

    private static func filters(of plan: Plan) throws(TapFailure) -> [String] {
        var plan = plan
        do throws(ScenarioError) {
            return try plan.lookThrough().filters
        } catch {
            throw TapFailure(text: error.text)
        }
    }

    /// Asks the service how a shadow is; the answer comes as any message.
    func ask(for id: ShadowID, token: String) async throws(MQTTClientError) {
        guard let client = self.clients.first else { throw .notConnected }
        let request = JSONValue.object(["clientToken": .string(token)])
        _ = try await client.publish(
            ClientPublish(topic: ShadowTopic(id: id, operation: .get).text, payload: request.utf8, qos: .atLeastOnce))
    }

    func close() async {
        for client in self.clients { await client.disconnect() }
    }

    private func subscribe(_ client: MQTTClient, _ filters: ArraySlice<String>) async throws(MQTTClientError) {
        var rest = filters
        while !rest.isEmpty {
            let asked = rest.prefix(Self.filtersPerPacket)
            rest = rest.dropFirst(Self.filtersPerPacket)
            let answer = try await client.subscribe(asked.map { Subscription(filter: $0, qos: .atLeastOnce) })
            guard let refused = zip(asked, answer.reasons).first(where: { $0.1.isError }) else { continue }
            throw .notSupportedByServer(
                "the run's own subscription to \(refused.0) (\(refused.1.name)), without which nobody knows what was answered; allow it")
        }
    }
}
