import Logging
import Sessions
package import Shadows
import Timeline

extension BrokerCore {
    /// A request to the shadow service came as a message: its answers are messages with the request's cause.
    func handle(_ request: ShadowTopic, payload: UnsafeRawBufferPointer, cause: CauseID, from asker: Asker, by way: RequestWay?) {
        let request = ShadowRequest(id: request.id, operation: request.operation)
        _ = self.perform(request, payload: payload, cause: cause, from: asker, by: way)
    }

    /// A request to the shadow service came over HTTP. What it publishes is published as for a message.
    ///
    /// - Parameter door: whose quotas it is charged to; `nil` for none.
    /// - Returns: what to answer, which the caller sends by `whenSafe`.
    package func shadow(
        _ operation: ShadowTopic.Operation, _ id: ShadowID, payload: [UInt8], from asker: Asker, through door: Door? = nil
    ) -> ShadowOutcome {
        self.beginTick()
        let request = ShadowRequest(id: id, operation: operation, transport: .rest)
        let way = door.map { RequestWay(door: $0) }
        return payload.withUnsafeBytes { self.perform(request, payload: $0, cause: self.nextCause(), from: asker, by: way) }
    }

    /// A shadow as it is now; nothing is published. `nil` when there is none.
    package func record(of id: ShadowID) -> ShadowRecord? { self.shadows.get(id) }

    /// The named shadows of a thing, sorted.
    ///
    /// - Parameter after: the name the page goes on after; `nil` from the beginning.
    package func namedShadows(of thing: ThingName, after: [UInt8]?, count: Int) -> Page<ShadowName> {
        var collector = PageCollector<ShadowName>(after: after, count: count)
        for name in self.shadows.listNamed(thing) { collector.offer(Array(name.text.utf8), name) }
        return collector.page
    }

    private func perform(
        _ request: ShadowRequest, payload: UnsafeRawBufferPointer, cause: CauseID, from asker: Asker, by way: RequestWay?
    ) -> ShadowOutcome {
        self.counters.shadowRequests += 1
        var refusal: ShadowError?
        var holder: ShadowLoad.Holder?
        if let way {
            do {
                holder = try self.charge(request.id, by: way, from: asker)
            } catch {
                refusal = error
            }
        }
        if self.gate.failure != nil, request.operation != .get { refusal = .internalFailure }
        let outcome =
            if let refusal {
                self.shadows.refuse(request, payload: payload, error: refusal, now: self.wallTime)
            } else {
                self.shadows.handle(request, payload: payload, now: self.wallTime)
            }
        if let change = outcome.change { self.keep(change, cause: cause, from: asker) }
        let answer = ShadowAnswer(request: request, outcome: outcome, cause: cause, asker: asker, holder: holder)
        if let rejection = outcome.rejection { self.count(rejection, answer) }
        // What shows a result that the journal does not have yet waits with it: its own answers, and any read. (DESIGN §6.) While
        // the journal cannot write, nothing is shown that it does not have.
        if self.gate.isWaiting, self.gate.failure == nil {
            self.gate.hold(.shadow(answer))
        } else {
            self.give(answer)
        }
        return outcome
    }

    /// A change goes into the history, and into the journal.
    private func keep(_ change: ShadowChange, cause: CauseID, from asker: Asker) {
        let origin = ShadowVersion.Origin(cause: cause.rawValue, clientID: asker.clientID?.text, principal: asker.principal)
        let version = self.history.append(change, origin: origin)
        if self.gate.journal == nil {
            _ = self.history.becameSafe(through: version.serial)
        } else {
            self.gate.append(.shadow(version))
        }
        if case .deleted(let tombstone) = change { self.scheduleForgetting(tombstone) }
    }

    /// Publishes what the service answers.
    func give(_ answer: ShadowAnswer) {
        for message in answer.outcome.messages {
            self.publishFromService(topic: message.topic, payload: message.payload, cause: answer.cause)
        }
        if let holder = answer.holder { self.shadowLoad.answered(holder) }
        guard self.isObserved else { return }
        let result: Result<Int64?, ShadowError> = answer.outcome.rejection.map { .failure($0) } ?? .success(answer.outcome.version)
        for observer in self.observers {
            observer.shadowAnswered(cause: answer.cause, id: answer.request.id, operation: answer.request.operation, result: result)
        }
    }

    /// The change a request made could not be kept and was taken back: it is refused after all.
    func refuse(_ answer: ShadowAnswer) {
        let token = answer.outcome.clientToken
        let outcome = self.shadows.refuse(answer.request, clientToken: token, error: .internalFailure, now: self.wallTime)
        let refused = ShadowAnswer(
            request: answer.request, outcome: outcome, cause: answer.cause, asker: answer.asker, holder: answer.holder)
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
                .topic: "\(ShadowTopic(id: request.id, operation: request.operation).text)", .principal: "\(answer.asker)",
                .cause: "\(answer.cause)", .explanation: "\(why)",
            ])
    }

    // MARK: Deleted shadows

    /// The version of a deleted shadow is remembered for 48 h, of wall time.
    private func scheduleForgetting(_ tombstone: ShadowTombstone) {
        guard self.forgettingTimer == nil else { return }
        let due = tombstone.deletedAt + self.shadows.rules.limits.deletedVersionLife + .seconds(1)
        self.forgettingTimer = self.deadlines.schedule(
            .forgetDeletedShadows, at: self.now + max(.zero, due - self.wallTime), kind: .expiry)
    }

    func forgetDeletedShadows() {
        self.forgettingTimer = nil
        let forgotten = self.shadows.forgetDeleted(now: self.wallTime)
        let dropped = forgotten.flatMap { self.history.forget($0) }
        if !dropped.isEmpty { self.gate.append(.shadowVersionsDropped(dropped)) }
        if let next = self.shadows.tombstones.min(by: { $0.deletedAt < $1.deletedAt }) { self.scheduleForgetting(next) }
    }
}
