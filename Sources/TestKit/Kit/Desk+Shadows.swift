import Broker
import JSON
import MQTTWire
import Shadows
import Topics

extension Desk {
    /// Sends a request to the shadow service, which answers at once: the state is in memory.
    ///
    /// - Parameter words: `update of shadow test1 of T1`.
    /// - Returns: the accepted document.
    /// - Throws: ``ShadowRejected``
    func ask(_ topic: ShadowTopic, _ payload: [UInt8], words: String, at source: SourceLine) throws -> [UInt8] {
        let name: TopicName
        do throws(TopicError) {
            name = try TopicName(topic.text)
        } catch {
            throw SundialFailure("\(words) cannot be sent: \(error.text) (\(source))")
        }
        self.rejection = nil
        let cause = self.core.inject(topic: name, payload: payload, qos: .atLeastOnce, retain: false).rawValue
        func answer(_ answer: ShadowTopic.Answer) -> Sundial.Message? {
            let answerTopic = ShadowTopic(id: topic.id, operation: topic.operation, answer: answer).text
            return self.inside.take(cause: cause, topic: answerTopic, for: .shadows)
        }
        if let accepted = answer(.accepted) { return accepted.payload }
        guard let rejected = answer(.rejected), let document = try? JSONValue(parsing: rejected.payload) else {
            throw SundialFailure("\(words) was not answered (\(source))")
        }
        let code = Int(document["code"]?.int64 ?? 0)
        let message = document["message"]?.string ?? ""
        let why = self.rejection.map { ": \($0.explanation)" } ?? ""
        let sent = String(decoding: payload, as: UTF8.self)
        throw ShadowRejected(
            code: code, message: message,
            description: """
                \(words) was rejected with \(code) "\(message)"\(why)
                  sent: \(sent.isEmpty ? "(empty)" : sent)
                  at \(source)
                """)
    }
}
