import Timeline

/// What is kept of a step when it ends.
extension PlanEngine {
    mutating func record(_ state: LiveStep, _ result: StepRecord.State, detail: String?, failure: StepFailure?) {
        let step = state.step
        var record = StepRecord(
            number: step.number, id: step.id, line: step.line, file: step.file, verb: step.verb,
            lane: state.lane.flatMap { self.lanes[$0]?.key },
            topic: state.topic ?? step.publication?.topic, publisher: step.actor?.text, payloadBytes: state.payloadBytes,
            planned: state.planned, base: self.base(of: state) - self.start, state: result, isShadowRequest: step.publication?.shadow != nil
        )
        record.dispatched = state.dispatchedAt.map { $0 - self.start }
        record.acked = state.ackedAt.map { $0 - self.start }
        record.ended = result == .settled || result == .failed ? self.now - self.start : nil
        record.gap = state.previousDispatch.flatMap { before in state.dispatchedAt.map { $0 - before } }
        record.waits = state.waits
        record.attempts = state.attempt
        record.failedAttempts = state.retry.failed
        record.detail = detail ?? step.words
        record.answer = state.answer
        record.lateAnswer = state.retry.lateAnswer?.answer
        record.lateAnswerAt = state.retry.lateAnswer.map { $0.at - self.start }
        record.causeID = state.causeID
        record.failure = failure
        self.expectAftermath(of: state, hasFailed: result == .failed)
        self.keep(record)
    }

    /// Keeps what is known of a step that has ended.
    mutating func keep(_ record: StepRecord) {
        self.records.append(record)
        if self.options.tellsEndings { self.out.append(.ended(record)) }
    }

    /// What may still come for the record that is added next.
    private mutating func expectAftermath(of state: LiveStep, hasFailed: Bool) {
        guard let publication = state.step.publication, state.attempt > 0 else { return }
        let late: Gates = [.documents, .delta, .delivered]
        let aftermath = Aftermath(
            place: self.records.count, awaitsAnswer: publication.shadow != nil && state.answer == nil,
            awaitsAck: publication.qos > 0 && state.ackedAt == nil,
            gates: hasFailed ? state.gates.intersection(late).subtracting(state.met) : [])
        if !aftermath.isOver { self.aftermaths[state.step.number] = aftermath }
    }
}

extension Step {
    /// The text of a note or a mark.
    var words: String? {
        switch self.kind {
        case .note(let text), .mark(let text): text
        case .connect, .disconnect, .drop, .subscribe, .unsubscribe, .publish, .expect, .never, .order, .shadowIs, .react, .block, .clock:
            nil
        }
    }
}
