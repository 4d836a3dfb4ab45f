import JSON

/// The attributes of a thing in one column: a JSON object of texts, in the order of their names.
enum AttributesColumn {
    static func text(of attributes: [String: String]) -> String {
        var object = JSONObject()
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
        return String(decoding: JSONValue.object(object).utf8, as: UTF8.self)
    }

    /// `nil` when it is no such object.
    static func attributes(from text: String) -> [String: String]? {
        guard let object = try? JSONValue(parsing: Array(text.utf8)).object else { return nil }
        var attributes: [String: String] = [:]
        for member in object.members {
            guard let value = member.value.string else { return nil }
            attributes[member.key.text] = value
        }
        return attributes
    }
}
