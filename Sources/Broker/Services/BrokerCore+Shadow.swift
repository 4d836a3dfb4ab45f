import Logging
package import Shadows
import Timeline

extension BrokerCore {
    /// A request to the shadow service came as a message: its answers are messages with the request's cause.
    func handle(_ request: ShadowTopic, payload: UnsafeRawBufferPointer, cause: CauseID, from asker: Asker) {
        _ = self.perform(ShadowRequest(id: request.id, operation: request.operation), payload: payload, cause: cause, from: asker)
    }

    /// A request to the shadow service came over HTTP. What it publishes is published as for a message.
    ///
    /// - Returns: what to answer, which the caller sends by `whenSafe`.
    package func shadow(_ operation: ShadowTopic.Operation, _ id: ShadowID, payload: [UInt8], from asker: Asker) -> ShadowOutcome {
        self.beginTick()
        let request = ShadowRequest(id: id, operation: operation, transport: .rest)
        return payload.withUnsafeBytes { self.perform(request, payload: $0, cause: self.nextCause(), from: asker) }
    }

    /// The named shadows of a thing, sorted.
    ///
    /// - Parameter after: the name the page goes on after; `nil` from the beginning.
    package func namedShadows(of thing: ThingName, after: [UInt8]?, count: Int) -> Page<ShadowName> {
        var collector = PageCollector<ShadowName>(after: after, count: count)
        for name in self.shadows.listNamed(thing) { collector.offer(Array(name.text.utf8), name) }
        return collector.page
    }

    private func perform(
        _ request: ShadowRequest, payload: UnsafeRawBufferPointer, cause: CauseID, from asker: Asker
    ) -> ShadowOutcome {
        self.counters.shadowRequests += 1
        let outcome = self.shadows.handle(request, payload: payload, now: self.wallTime)
        if let change = outcome.change { self.gate.append(.shadow(change)) }
        if let rejection = outcome.rejection { self.count(rejection, of: request, cause: cause, from: asker) }
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
        self.tellObserver(outcome, of: request, cause: cause, waits: waits)
        return outcome
    }

    private func tellObserver(_ outcome: ShadowOutcome, of request: ShadowRequest, cause: CauseID, waits: Bool) {
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

    private func count(_ rejection: ShadowError, of request: ShadowRequest, cause: CauseID, from asker: Asker) {
        self.counters.shadowRejections += 1
        self.logger.record(
            .notice, "shadow request rejected: \(rejection.code) \(rejection.message(over: request.transport))",
            [
                .topic: "\(ShadowTopic(id: request.id, operation: request.operation).text)", .principal: "\(asker)", .cause: "\(cause)",
                .explanation: "\(rejection.explanation)",
            ])
    }
}
