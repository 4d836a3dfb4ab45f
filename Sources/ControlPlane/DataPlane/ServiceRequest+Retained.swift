import Broker
import Foundation
import Hummingbird
import JSON
import MQTTWire
import Sessions
import Timeline
import Topics

/// GetRetainedMessage, ListRetainedMessages. Source: `mqtt.md` §13.
extension ServiceRequest {
    private static let retainedList = PageToken(list: "retained messages")

    func getRetainedMessage(at text: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let topic = try self.topic(text)
        guard let kept = core.retainedMessage(at: topic) else {
            throw ServiceError(.notFound, "No retained message exists", explanation: "the topic '\(topic.string)' keeps no message")
        }
        var answer: JSONObject = [
            "topic": .string(topic.string), "payload": .string(Data(kept.message.payload).base64EncodedString()),
            "qos": Self.modelled(kept.message.qos), "lastModifiedTime": JSONValue(kept.changedAt.millisecondsSinceEpoch),
        ]
        answer["userProperties"] = kept.message.userPropertiesBlob.map { .string($0) }
        return .document(.object(answer))
    }

    func listRetainedMessages(_ core: BrokerCore) throws(ServiceError) -> Response {
        let count = Int(try self.query.integer("maxResults", in: 1...200) ?? 200)
        let page = core.retainedMessages(after: try Self.retainedList.key(in: self.query), count: count)
        let topics = page.items.map { kept -> JSONValue in
            [
                "topic": .string(kept.topic), "payloadSize": JSONValue(Int64(kept.payloadBytes)), "qos": Self.modelled(kept.qos),
                "lastModifiedTime": JSONValue(kept.changedAt.millisecondsSinceEpoch),
            ]
        }
        var answer: JSONObject = ["retainedTopics": .array(topics)]
        answer["nextToken"] = page.last.map { .string(Self.retainedList.text(after: $0)) }
        return .document(.object(answer))
    }

    /// The service knows QoS 0 and 1; QoS 2 comes by a door that is no service's.
    static func modelled(_ qos: QoS) -> JSONValue { JSONValue(Int64(min(qos, .atLeastOnce).rawValue)) }
}

extension StoredMessage {
    /// Base64 of a JSON array of objects with one member each; nil when there are none.
    fileprivate var userPropertiesBlob: String? {
        let list = self.properties.withUnsafeBytes { bytes in
            (try? PublishProperties(decoding: 0..<bytes.count, of: bytes))?.userProperties ?? []
        }
        guard !list.isEmpty else { return nil }
        let objects = list.map { property -> JSONValue in .object([property.name: .string(property.value)]) }
        return Data(JSONValue.array(objects).utf8).base64EncodedString()
    }
}
