import Logging
import Shadows
import Timeline

extension BrokerCore {
    /// A request to the shadow service came over MQTT: its answers are messages with the request's cause.
    func handle(_ request: ShadowTopic, payload: UnsafeRawBufferPointer, cause: CauseID) {
        self.counters.shadowRequests += 1
        let outcome = self.shadows.handle(
            ShadowRequest(id: request.id, operation: request.operation, transport: .mqtt), payload: payload, now: self.shell.wallTime())
        if let change = outcome.change { self.gate.append(.shadow(change)) }
        if let rejection = outcome.rejection { self.count(rejection, of: request, cause: cause) }
        // What shows a result that the journal does not have yet waits with it: its own answers, and any read. (DESIGN §6.)
        let waits = self.gate.isWaiting
        for message in outcome.messages {
            let topic = message.topic
            if waits {
                self.gate.hold(.answer(topic: topic, payload: message.payload, cause: cause))
            } else {
                self.publishFromService(topic: topic, payload: message.payload, cause: cause)
            }
        }
        guard self.isObserved else { return }
        let result: Result<Int64?, ShadowError> = outcome.rejection.map { .failure($0) } ?? .success(outcome.version)
        if waits {
            self.gate.hold(
                .call { [weak self] in
                    self?.observer?.shadowAnswered(cause: cause, id: request.id, operation: request.operation, result: result)
                })
        } else {
            self.observer?.shadowAnswered(cause: cause, id: request.id, operation: request.operation, result: result)
        }
    }

    private func count(_ rejection: ShadowError, of request: ShadowTopic, cause: CauseID) {
        self.counters.shadowRejections += 1
        self.logger.record(
            .notice, "shadow request rejected: \(rejection.code) \(rejection.message(over: .mqtt))",
            [.topic: "\(request.text)", .cause: "\(cause)", .explanation: "\(rejection.explanation)"])
    }
}
