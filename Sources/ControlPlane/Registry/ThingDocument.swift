import Broker
import JSON

/// The JSON body of CreateThing and UpdateThing, read member by member. Source: `iot-core-services.md` §2.
struct ThingDocument {
    private let object: JSONObject

    /// - Parameter body: no bytes at all stand for an object without members.
    init(_ body: [UInt8]) throws(ServiceError) {
        let value: JSONValue
        do throws(JSONError) {
            value = body.isEmpty ? .object([:]) : try JSONValue(parsing: body)
        } catch {
            throw ServiceError(.invalidRequest, "The body is not valid JSON.", explanation: "the body is not JSON: \(error.text)")
        }
        guard let object = value.object else { throw .invalid("The body must be a JSON object, not \(value.kindText).") }
        self.object = object
    }

    /// A name of a thing type or billing group.
    func name(_ member: String) throws(ServiceError) -> String? {
        guard let value = self.value(member) else { return nil }
        guard let text = value.string else { throw .invalid("'\(member)' must be a string, not \(value.kindText).") }
        return try NameRule.thing.checked(text, at: member)
    }

    func boolean(_ member: String) throws(ServiceError) -> Bool {
        guard let value = self.value(member) else { return false }
        guard let flag = value.bool else { throw .invalid("'\(member)' must be true or false, not \(value.kindText).") }
        return flag
    }

    func integer(_ member: String) throws(ServiceError) -> Int64? {
        guard let value = self.value(member) else { return nil }
        guard let number = value.int64 else { throw .invalid("'\(member)' must be a whole number.") }
        return number
    }

    /// `attributePayload.attributes`, and whether they are merged with those there are.
    func attributes() throws(ServiceError) -> (attributes: [String: String]?, merge: Bool) {
        guard let payload = self.value("attributePayload") else { return (nil, false) }
        guard let object = payload.object else { throw .invalid("'attributePayload' must be an object, not \(payload.kindText).") }
        let inner = ThingDocument(object)
        guard let list = inner.value("attributes") else { return (nil, try inner.boolean("merge")) }
        guard let pairs = list.object else { throw .invalid("'attributePayload.attributes' must be an object, not \(list.kindText).") }
        var attributes: [String: String] = [:]
        for pair in pairs {
            let name = try NameRule.attributeName.checked(pair.key, at: "attributePayload.attributes")
            guard let value = pair.value.string else {
                throw .invalid("The attribute '\(name)' must be a string, not \(pair.value.kindText).")
            }
            attributes[name] = try NameRule.attributeValue.checked(value, at: "attributePayload.attributes")
        }
        return (attributes, try inner.boolean("merge"))
    }

    private init(_ object: JSONObject) {
        self.object = object
    }

    /// A null stands for none.
    private func value(_ member: String) -> JSONValue? {
        self.object[member].flatMap { $0.isNull ? nil : $0 }
    }
}
