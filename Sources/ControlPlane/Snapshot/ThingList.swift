import Broker
import JSON
import Shadows
import Timeline

/// The things of a snapshot, by name.
enum ThingList {
    static func json(_ things: [ThingRecord]) -> JSONValue {
        .array(
            things.sorted { $0.name < $1.name }.map { thing in
                var object: JSONObject = [
                    "name": .string(thing.name.text), "id": .string(thing.id), "createdAt": .string(thing.createdAt.iso8601),
                    "version": JSONValue(thing.version),
                ]
                object["thingType"] = thing.settings.thingType.map { .string($0) }
                object["billingGroup"] = thing.settings.billingGroup.map { .string($0) }
                if !thing.settings.attributes.isEmpty {
                    var attributes = JSONObject()
                    for (name, value) in thing.settings.attributes.sorted(by: { $0.key < $1.key }) { attributes[name] = .string(value) }
                    object["attributes"] = .object(attributes)
                }
                return .object(object)
            })
    }

    static func read(_ node: DocumentNode) throws(DocumentFault) -> [ThingRecord] {
        var known: Set<ThingName> = []
        var things: [ThingRecord] = []
        for element in try node.elements() {
            _ = try element.object(of: ["name", "id", "createdAt", "version", "thingType", "billingGroup", "attributes"])
            let name = try element.member("name")
            guard let thingName = ThingName(try name.text()) else { throw name.fault("is no name of a thing") }
            guard known.insert(thingName).inserted else { throw name.fault("is there twice") }
            var settings = ThingSettings(
                thingType: try element["thingType"]?.text(), billingGroup: try element["billingGroup"]?.text())
            for attribute in try element["attributes"]?.members() ?? [] { settings.attributes[attribute.name] = try attribute.node.text() }
            things.append(
                ThingRecord(
                    name: thingName, id: try element.member("id").text(), createdAt: try element.member("createdAt").time(),
                    version: try element.member("version").version(), settings: settings))
        }
        return things
    }
}
