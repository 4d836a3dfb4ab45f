import JSON
import MQTTWire
import Sessions
import Topics

/// The subscriptions of a kept session, by filter.
enum SubscriptionDocument {
    static func json(_ subscriptions: [TopicFilter: SubscriptionOptions]) -> JSONValue {
        let sorted = subscriptions.map { (filter: $0.string, options: $1) }.sorted { $0.filter < $1.filter }
        return .array(
            sorted.map { filter, options in
                var object: JSONObject = ["filter": .string(filter), "qos": JSONValue(Int64(options.qos.rawValue))]
                if options.noLocal { object["noLocal"] = true }
                if options.retainAsPublished { object["retainAsPublished"] = true }
                if options.retainHandling != .sendAtSubscribe {
                    object["retainHandling"] = JSONValue(Int64(options.retainHandling.rawValue))
                }
                object["identifier"] = options.identifier.map { JSONValue(Int64($0)) }
                return .object(object)
            })
    }

    static func read(
        _ node: DocumentNode, hashMatchesParent: Bool
    ) throws(DocumentFault) -> [TopicFilter: SubscriptionOptions] {
        var subscriptions: [TopicFilter: SubscriptionOptions] = [:]
        for element in try node.elements() {
            _ = try element.object(of: ["filter", "qos", "noLocal", "retainAsPublished", "retainHandling", "identifier"])
            let filter = try Self.filter(try element.member("filter"))
            var options = SubscriptionOptions(
                qos: try MessageDocument.qos(try element.member("qos")), noLocal: try element["noLocal"]?.bool() ?? false,
                retainAsPublished: try element["retainAsPublished"]?.bool() ?? false,
                identifier: try element["identifier"]?.integer(1...UInt32(268_435_455)), hashMatchesParent: hashMatchesParent,
                share: filter.shareName.map { ShareKey(name: $0, filter: filter.bytes) })
            if let handling = element["retainHandling"] {
                options.retainHandling = Subscription.RetainHandling(rawValue: try handling.integer(0...2)) ?? .sendAtSubscribe
            }
            guard subscriptions.updateValue(options, forKey: filter) == nil else {
                throw try element.member("filter").fault("is there twice")
            }
        }
        return subscriptions
    }

    private static func filter(_ node: DocumentNode) throws(DocumentFault) -> TopicFilter {
        let text = try node.text()
        do throws(TopicError) {
            return try TopicFilter(text)
        } catch {
            throw node.fault("is no topic filter: \(error.text)")
        }
    }
}
