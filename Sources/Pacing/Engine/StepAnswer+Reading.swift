import JSON
import Shadows

extension StepAnswer {
    /// Whether a message is an answer, and what it says if anybody wants to know.
    struct Found {
        var value: StepAnswer?
    }
}

extension StepAnswer.Found {
    /// Nil when the topic is not one of accepted or rejected.
    init?(_ topic: ShadowTopic, _ payload: [UInt8], wanted: Bool) {
        guard topic.answer == .accepted || topic.answer == .rejected else { return nil }
        guard wanted else {
            self.init(value: nil)
            return
        }
        let document = try? JSONValue(parsing: payload)
        if topic.answer == .accepted {
            self.init(value: .accepted(version: document?["version"]?.int64))
        } else {
            let code = document?["code"]?.int64 ?? 0
            self.init(value: .rejected(code: Int(code), message: document?["message"]?.string ?? ""))
        }
    }
}
