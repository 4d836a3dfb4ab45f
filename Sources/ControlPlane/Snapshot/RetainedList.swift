import Broker
import JSON
import Timeline
import Topics

/// The retained messages of a snapshot, by topic.
enum RetainedList {
    static func json(_ retained: [(topic: TopicName, message: RetainedMessage)], _ clock: ClockReading) -> JSONValue {
        let sorted = retained.sorted { $0.topic.bytes.lexicographicallyPrecedes($1.topic.bytes) }
        return .array(
            sorted.map { entry in
                var object = MessageDocument.json(entry.message.message, clock)
                object["changedAt"] = .string(entry.message.changedAt.iso8601)
                return .object(object)
            })
    }

    static func read(
        _ node: DocumentNode, _ clock: ClockReading
    ) throws(DocumentFault) -> [(topic: TopicName, message: RetainedMessage)] {
        var known: Set<TopicName> = []
        var retained: [(topic: TopicName, message: RetainedMessage)] = []
        for element in try node.elements() {
            _ = try element.object(of: MessageDocument.names + ["changedAt"])
            let topic = try MessageDocument.topic(try element.member("topic"))
            guard known.insert(topic).inserted else { throw try element.member("topic").fault("is there twice") }
            let changedAt = try element.member("changedAt").time()
            let message = try MessageDocument.read(element, clock)
            retained.append((topic, RetainedMessage(message: message, changedAt: changedAt)))
        }
        return retained
    }
}
