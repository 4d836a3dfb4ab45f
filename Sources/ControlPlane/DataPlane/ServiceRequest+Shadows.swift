import Broker
import HTTPTypes
import Hummingbird
import JSON
import Shadows
import Timeline

/// GetThingShadow, UpdateThingShadow, DeleteThingShadow, ListNamedShadowsForThing. Source: `device-shadow.md` §12.
extension ServiceRequest {
    func shadow(_ operation: ShadowTopic.Operation, of thing: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let id = ShadowID(thing: try Self.thingName(thing), name: try self.shadowName())
        let outcome = core.shadow(operation, id, payload: operation == .update ? self.body : [], from: self.asker, through: self.door)
        if let rejection = outcome.rejection { throw ServiceError(rejection) }
        return .bytes(.ok, outcome.response, type: "application/json")
    }

    func listNamedShadows(of thing: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let thing = try Self.thingName(thing)
        let count = Int(try self.query.integer("pageSize", in: 1...100) ?? 25)
        let token = PageToken(list: "shadows of \(thing.text)")
        let page = core.namedShadows(of: thing, after: try token.key(in: self.query), count: count)
        var answer: JSONObject = [
            "results": .array(page.items.map { .string($0.text) }), "timestamp": JSONValue(core.wallTime.secondsSinceEpoch),
        ]
        answer["nextToken"] = page.last.map { .string(token.text(after: $0)) }
        return .document(.object(answer))
    }

    static func thingName(_ text: String) throws(ServiceError) -> ThingName {
        let checked = try NameRule.thing.checked(text, at: "thingName")
        guard let name = ThingName(checked) else { throw .invalid("'\(checked)' is no name of a thing.") }
        return name
    }

    private func shadowName() throws(ServiceError) -> ShadowName? {
        guard let text = try self.query.text("name") else { return nil }
        let checked = try NameRule.shadow.checked(text, at: "shadowName")
        guard let name = ShadowName(checked) else { throw .invalid("'\(checked)' is no name of a shadow.") }
        return name
    }
}

extension ServiceError {
    /// What the shadow service refuses.
    init(_ rejection: ShadowError) {
        self.init(
            ServiceException(rejection.exceptionName, HTTPResponse.Status(code: rejection.code)), rejection.message(over: .rest),
            explanation: rejection.explanation)
    }
}
