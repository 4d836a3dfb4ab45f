import Broker
import Hummingbird
import JSON
import Shadows
import Timeline

/// The versions kept of one shadow, oldest first: the last is the present one.
///
/// `{"thing":…,"name":…,"now":…,"versions":[{"version":1,"time":…,"cause":…,"client":…,"principal":…,"deleted":false,"state":{…}},…]}`, each with
/// `metadata` when `?metadata=true` asks for it.
struct HistoryPage: Sendable {
    private let broker: Broker

    init(_ broker: Broker) {
        self.broker = broker
    }

    func answer(thing: String, shadow: String?, query: QueryParameters) async throws -> Response {
        let id = ShadowID(thing: try ServiceRequest.thingName(thing), name: try Self.shadowName(shadow))
        let withMetadata = try query.boolean("metadata") ?? false
        let (versions, now): ([ShadowVersion], WallTime) = try await self.broker.ask { core, answer in
            let found = (core.history.versions(of: id), core.wallTime)
            core.whenSafe({ answer(found) }, orFailed: { answer((core.history.versions(of: id), core.wallTime)) })
        }
        guard !versions.isEmpty else {
            throw ServiceError(
                .notFound, ShadowError.noShadow(id).message(over: .rest),
                explanation: "Nothing is known of \(id.topicPrefix): it was never updated here, or was deleted long ago.")
        }
        var object: JSONObject = ["thing": .string(id.thing.text)]
        object["name"] = id.name.map { .string($0.text) }
        object["now"] = .string(now.iso8601)
        object["versions"] = .array(versions.map { .object(VersionDocument.json($0, withMetadata: withMetadata)) })
        return .json(.ok, .object(object))
    }

    private static func shadowName(_ text: String?) throws(ServiceError) -> ShadowName? {
        guard let text else { return nil }
        guard let name = ShadowName(text) else { throw .invalid("'\(text.prefix(100))' is no name of a shadow.") }
        return name
    }
}
