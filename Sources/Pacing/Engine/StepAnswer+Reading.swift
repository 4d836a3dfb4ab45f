import JSON
import Shadows

extension StepAnswer {
    /// What a message says to the request it answers; nil when its topic is not one of accepted or rejected.
    init?(_ topic: ShadowTopic, _ payload: [UInt8]) {
        let document = try? JSONValue(parsing: payload)
        switch topic.answer {
        case .accepted:
            self = .accepted(version: document?["version"]?.int64)
        case .rejected:
            self = .rejected(code: document?["code"]?.int64.map { Int($0) } ?? 0, message: document?["message"]?.string ?? "")
        case .delta, .documents, nil:
            return nil
        }
    }
}
