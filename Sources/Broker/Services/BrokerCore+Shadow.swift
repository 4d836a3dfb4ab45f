import Logging
import Sessions
package import Shadows
import Timeline

extension BrokerCore {
    /// A request to the shadow service came over MQTT: its answers are messages with the request's cause.
    func handle(_ request: ShadowTopic, payload: UnsafeRawBufferPointer, cause: CauseID, from client: ClientSession?) {
        let origin = ShadowVersion.Origin(
            cause: cause.rawValue, clientID: client?.clientID.text, principal: client?.connection?.principal)
        self.handle(
            ShadowRequest(id: request.id, operation: request.operation, transport: .mqtt), payload: payload, origin: origin, reply: nil)
    }

    /// A request to the shadow service came over HTTP.
    ///
    /// - Parameters:
    ///   - principal: who signed it; `nil` for anonymous.
    ///   - reply: gets the outcome once, on the core's loop: at once, or when the journal has the change.
    package func handle(
        _ request: ShadowRequest, payload: [UInt8], principal: String?, reply: @escaping (ShadowOutcome) -> Void
    ) {
        self.beginTick()
        let origin = ShadowVersion.Origin(cause: self.nextCause().rawValue, clientID: nil, principal: principal)
        payload.withUnsafeBytes { self.handle(request, payload: $0, origin: origin, reply: reply) }
    }

    private func handle(
        _ request: ShadowRequest, payload: UnsafeRawBufferPointer, origin: ShadowVersion.Origin, reply: ((ShadowOutcome) -> Void)?
    ) {
        self.counters.shadowRequests += 1
        let now = self.shell.wallTime()
        let isRefused = self.gate.failure != nil && request.operation != .get
        let outcome =
            isRefused
            ? self.shadows.refuse(request, payload: payload, error: .internalFailure, now: now)
            : self.shadows.handle(request, payload: payload, now: now)
        if let change = outcome.change { self.keep(change, origin: origin) }
        let answer = ShadowAnswer(request: request, outcome: outcome, cause: CauseID(rawValue: origin.cause), reply: reply)
        if let rejection = outcome.rejection { self.count(rejection, answer) }
        // What shows a result that the journal does not have yet waits with it: its own answers, and any read. (DESIGN §6.) While
        // the journal cannot write, nothing is shown that it does not have.
        if self.gate.isWaiting, self.gate.failure == nil {
            self.gate.hold(.shadow(answer))
        } else {
            self.give(answer)
        }
    }

    /// A change goes into the history, and into the journal.
    private func keep(_ change: ShadowChange, origin: ShadowVersion.Origin) {
        let version = self.history.append(change, origin: origin)
        if self.gate.journal == nil {
            _ = self.history.becameSafe(through: version.serial)
        } else {
            self.gate.append(.shadow(version))
        }
        if case .deleted(let tombstone) = change { self.scheduleForgetting(tombstone) }
    }

    /// Publishes the answers of a request, and gives them to whoever asked over HTTP.
    func give(_ answer: ShadowAnswer) {
        for message in answer.outcome.messages {
            self.publishFromService(topic: message.topic, payload: message.payload, cause: answer.cause)
        }
        answer.reply?(answer.outcome)
        guard self.isObserved else { return }
        let result: Result<Int64?, ShadowError> = answer.outcome.rejection.map { .failure($0) } ?? .success(answer.outcome.version)
        self.observer?.shadowAnswered(cause: answer.cause, id: answer.request.id, operation: answer.request.operation, result: result)
    }

    /// The change a request made could not be kept and was taken back: it is refused after all.
    func refuse(_ answer: ShadowAnswer) {
        let token = answer.outcome.clientToken
        let outcome = self.shadows.refuse(answer.request, clientToken: token, error: .internalFailure, now: self.shell.wallTime())
        let refused = ShadowAnswer(request: answer.request, outcome: outcome, cause: answer.cause, reply: answer.reply)
        self.count(.internalFailure, refused)
        self.give(refused)
    }

    private func count(_ rejection: ShadowError, _ answer: ShadowAnswer) {
        self.counters.shadowRejections += 1
        let request = answer.request
        let why = self.gate.failure.map { "the state file cannot be written: \($0)" } ?? rejection.explanation
        self.logger.record(
            .notice, "shadow request rejected: \(rejection.code) \(rejection.message(over: request.transport))",
            [
                .topic: "\(ShadowTopic(id: request.id, operation: request.operation).text)", .cause: "\(answer.cause)",
                .explanation: "\(why)",
            ])
    }

    // MARK: Deleted shadows

    /// The version of a deleted shadow is remembered for 48 h, of wall time.
    private func scheduleForgetting(_ tombstone: ShadowTombstone) {
        guard self.forgettingTimer == nil else { return }
        let due = tombstone.deletedAt + self.shadows.rules.limits.deletedVersionLife + .seconds(1)
        self.forgettingTimer = self.deadlines.schedule(
            .forgetDeletedShadows, at: self.now + max(.zero, due - self.shell.wallTime()), kind: .expiry)
    }

    func forgetDeletedShadows() {
        self.forgettingTimer = nil
        let forgotten = self.shadows.forgetDeleted(now: self.shell.wallTime())
        let dropped = forgotten.flatMap { self.history.forget($0) }
        if !dropped.isEmpty { self.gate.append(.shadowVersionsDropped(dropped)) }
        if let next = self.shadows.tombstones.min(by: { $0.deletedAt < $1.deletedAt }) { self.scheduleForgetting(next) }
    }
}
