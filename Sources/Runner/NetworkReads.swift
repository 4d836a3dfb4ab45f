import JSON
import Pacing
import Shadows

/// Shadows that a network run has asked for, to see how they are.
struct NetworkReads {
    private let runID: String
    private var count = 0
    private var awaited: [String: StepNumber] = [:]

    init(runID: String) {
        self.runID = runID
    }

    /// - Returns: the clientToken to ask with.
    mutating func begin(_ step: StepNumber) -> String {
        self.count += 1
        let token = "\(self.runID)-read\(self.count)"
        self.awaited[token] = step
        return token
    }

    /// What a message says to those who asked; `nil` when nobody did.
    mutating func answer(in message: Pacing.ObservedMessage) -> PlanEvent? {
        guard !self.awaited.isEmpty, message.client == nil, let topic = ShadowTopic(message.topic), topic.operation == .get,
            !topic.isRequest,
            let document = try? JSONValue(parsing: message.payload), let token = document["clientToken"]?.string,
            let step = self.awaited.removeValue(forKey: token)
        else { return nil }
        if topic.answer == .accepted {
            var state = JSONObject()
            for section in ["desired", "reported"] { state[section] = document["state"]?[section] }
            return .shadowRead(step, ShadowReading(state: .object(state), version: document["version"]?.int64))
        }
        let code = document["code"]?.int64 ?? 0
        if code == 404 { return .shadowRead(step, ShadowReading(state: nil, version: nil)) }
        return .stepFailed(step, reason: "the shadow could not be read: rejected \(code) \"\(document["message"]?.string ?? "")\"")
    }
}
