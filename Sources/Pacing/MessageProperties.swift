/// The properties of a PUBLISH that its sender sets and its receivers see. Source: MQTT 5 §3.3.2.3; scheduler §16.4 `props`.
package struct MessageProperties: Equatable, Sendable {
    package struct UserProperty: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Whether the payload is UTF-8 text; nil is not said.
    package var isText: Bool?
    package var contentType: String?
    package var responseTopic: String?
    package var correlationData: [UInt8]?
    package var expirySeconds: UInt32?
    /// In order; a name may come more than once.
    package var userProperties: [UserProperty] = []

    package init() {}

    /// Whether everything that is given here is found there; user properties in any order.
    func isPart(of other: MessageProperties) -> Bool {
        func agrees<Value: Equatable>(_ property: KeyPath<MessageProperties, Value?>) -> Bool {
            self[keyPath: property] == nil || self[keyPath: property] == other[keyPath: property]
        }
        return agrees(\.isText) && agrees(\.contentType) && agrees(\.responseTopic) && agrees(\.correlationData) && agrees(\.expirySeconds)
            && self.userProperties.allSatisfy { other.userProperties.contains($0) }
    }
}
