import Broker
import Hummingbird
import JSON
import Shadows

/// The registry of things. Source: `iot-core-services.md` §2.
extension ServiceRequest {
    /// The account of every local emulator.
    private static let account = "000000000000"

    func createThing(_ text: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let name = try Self.thingName(text)
        let document = try ThingDocument(self.body)
        let settings = ThingSettings(
            attributes: try document.attributes().attributes ?? [:], thingType: try document.name("thingTypeName"),
            billingGroup: try document.name("billingGroupName"))
        let thing = try self.registry { () throws(ThingError) in try core.createThing(name, settings) }
        return .document(["thingName": .string(name.text), "thingArn": .string(self.arn(of: name)), "thingId": .string(thing.id)])
    }

    func describeThing(_ text: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let name = try Self.thingName(text)
        let thing = try self.registry { () throws(ThingError) in try core.thing(name) }
        var answer: JSONObject = [
            "defaultClientId": .string(name.text), "thingName": .string(name.text), "thingId": .string(thing.id),
            "thingArn": .string(self.arn(of: name)),
        ]
        answer["thingTypeName"] = thing.settings.thingType.map { .string($0) }
        answer["attributes"] = Self.json(thing.settings.attributes)
        answer["version"] = JSONValue(thing.version)
        answer["billingGroupName"] = thing.settings.billingGroup.map { .string($0) }
        return .document(.object(answer))
    }

    func updateThing(_ text: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let name = try Self.thingName(text)
        let document = try ThingDocument(self.body)
        let (attributes, merge) = try document.attributes()
        let update = ThingUpdate(
            attributes: attributes, mergesAttributes: merge, thingType: try document.name("thingTypeName"),
            removesThingType: try document.boolean("removeThingType"), expectedVersion: try document.integer("expectedVersion"))
        if update.removesThingType, update.thingType != nil {
            throw .invalid("'thingTypeName' and 'removeThingType' exclude each other.")
        }
        try self.registry { () throws(ThingError) in try core.updateThing(name, update) }
        return .document([:])
    }

    func deleteThing(_ text: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let name = try Self.thingName(text)
        let version = try self.query.integer("expectedVersion", in: 0...Int64.max)
        try self.registry { () throws(ThingError) in try core.deleteThing(name, expectedVersion: version) }
        return .document([:])
    }

    func listThings(_ core: BrokerCore) throws(ServiceError) -> Response {
        let filter = ThingRegistry.Filter(
            thingType: try self.query.text("thingTypeName"), attribute: try self.query.text("attributeName"),
            value: try self.query.text("attributeValue"), valueIsPrefix: try self.query.boolean("usePrefixAttributeValue") ?? false)
        if filter.value != nil, filter.attribute == nil { throw .invalid("'attributeValue' needs 'attributeName' beside it.") }
        let count = Int(try self.query.integer("maxResults", in: 1...250) ?? 25)
        let token = PageToken(list: "things \(String(reflecting: filter))")
        let page = core.listThings(filter, after: try token.key(in: self.query), count: count)
        let things = page.items.map { thing -> JSONValue in
            var entry: JSONObject = ["thingName": .string(thing.name.text)]
            entry["thingTypeName"] = thing.settings.thingType.map { .string($0) }
            entry["thingArn"] = .string(self.arn(of: thing.name))
            entry["attributes"] = Self.json(thing.settings.attributes)
            entry["version"] = JSONValue(thing.version)
            return .object(entry)
        }
        var answer: JSONObject = ["things": .array(things)]
        answer["nextToken"] = page.last.map { .string(token.text(after: $0)) }
        return .document(.object(answer))
    }

    private func arn(of name: ThingName) -> String { "arn:aws:iot:\(self.region):\(Self.account):thing/\(name.text)" }

    private static func json(_ attributes: [String: String]) -> JSONValue {
        var object = JSONObject()
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
        return .object(object)
    }

    private func registry<Value>(_ body: () throws(ThingError) -> Value) throws(ServiceError) -> Value {
        do throws(ThingError) {
            return try body()
        } catch {
            throw self.refusal(error)
        }
    }

    private func refusal(_ error: ThingError) -> ServiceError {
        switch error {
        case .notFound(let name):
            return ServiceError(
                .notFound, "Thing \(name.text) not found", explanation: "the registry has no thing '\(name.text)'; shadows need none")
        case .exists(let thing):
            var error = ServiceError(
                .resourceAlreadyExists, "Thing \(thing.name.text) already exists in account with different attributes",
                explanation: "'\(thing.name.text)' exists with other attributes, thing type or billing group; use UpdateThing")
            error.facts = [("resourceId", .string(thing.id)), ("resourceArn", .string(self.arn(of: thing.name)))]
            return error
        case .versionConflict(let expected, let actual):
            return ServiceError(
                .versionConflict, "The version of the thing does not match the expected version.",
                explanation: "expectedVersion is \(expected), the thing is at \(actual)")
        case .tooManyThings(let maximum):
            return ServiceError(
                .limitExceeded, "Limit exceeded", explanation: "the registry holds \(maximum) things and takes no more; delete some")
        case .tooManyAttributes(let count, let maximum):
            return .invalid("The thing would have \(count) attributes; \(maximum) are allowed (3, or 50 with a thing type).")
        }
    }
}
