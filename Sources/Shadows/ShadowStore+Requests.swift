import JSON
import Timeline

extension ShadowStore {
    mutating func get(_ request: ShadowRequest, _ payload: UnsafeRawBufferPointer, _ now: WallTime) throws(ShadowRejection) -> ShadowOutcome
    {
        let token = try Self.checkedToken(in: payload, self.rules)
        guard let place = self.places[request.id], case .live(let document) = self.slots[place].state else {
            throw ShadowRejection(error: .noShadow(request.id), clientToken: token)
        }
        var outcome = ShadowOutcome(version: document.version, clientToken: token)
        outcome.response = self.scratch.getAccepted(document, seconds: now.secondsSinceEpoch, clientToken: token, self.rules)
        if request.transport == .mqtt || self.rules.switches.restGetPublishes {
            outcome.messages = [self.message(place, .get, .accepted, outcome.response)]
        }
        return outcome
    }

    mutating func delete(
        _ request: ShadowRequest, _ payload: UnsafeRawBufferPointer, _ now: WallTime
    ) throws(ShadowRejection) -> ShadowOutcome {
        let token = try Self.checkedToken(in: payload, self.rules)
        guard let place = self.places[request.id], case .live(let document) = self.slots[place].state else {
            throw ShadowRejection(error: .noShadow(request.id), clientToken: token)
        }
        let left = document.version + (self.rules.switches.deleteTakesVersion ? 1 : 0)
        let tombstone = ShadowTombstone(id: request.id, version: left, deletedAt: now)
        self.settle(.deleted(tombstone), at: place)
        var outcome = ShadowOutcome(change: .deleted(tombstone), version: document.version, clientToken: token)
        outcome.response = self.scratch.deleteAccepted(version: document.version, seconds: now.secondsSinceEpoch, clientToken: token)
        if request.transport == .mqtt || self.rules.switches.restDeletePublishes {
            outcome.messages = [self.message(place, .delete, .accepted, outcome.response)]
        }
        return outcome
    }

    mutating func update(
        _ request: ShadowRequest, _ payload: UnsafeRawBufferPointer, _ now: WallTime
    ) throws(ShadowRejection) -> ShadowOutcome {
        let update = try ShadowUpdate(payload, self.rules)
        let version = try self.standingVersion(of: request.id, update, now)
        let place = self.place(for: request.id)
        var document: ShadowDocument
        var previous: [UInt8]? = nil
        if case .live(let live) = self.slots[place].state {
            previous = self.scratch.snapshot(of: live)
            document = live
        } else {
            document = ShadowDocument(version: version, changedAt: now)
        }
        let before = self.rules.switches.repeatsUnchangedDelta ? nil : self.scratch.deltaState(of: document, self.rules)
        try self.merge(update, into: &document, at: place, payloadBytes: payload.count, now)
        document.version = version + 1
        document.changedAt = now
        let outcome = self.accepted(update, document, place, previous: previous, deltaBefore: before, now)
        self.settle(.live(document), at: place)
        return outcome
    }

    func rejectedMessage(_ request: ShadowRequest, _ payload: [UInt8]) -> ShadowMessage {
        let topic = ShadowTopic(id: request.id, operation: request.operation, answer: .rejected).bytes
        return ShadowMessage(operation: request.operation, answer: .rejected, topic: topic, payload: payload)
    }

    mutating func rejected(_ request: ShadowRequest, _ rejection: ShadowRejection, _ now: WallTime) -> ShadowOutcome {
        var outcome = ShadowOutcome(rejection: rejection.error, clientToken: rejection.clientToken)
        outcome.response = self.scratch.rejected(
            code: rejection.error.code, message: rejection.error.message(over: request.transport, rules: self.rules),
            seconds: self.rules.switches.stampsRejections ? now.secondsSinceEpoch : nil, clientToken: rejection.clientToken)
        if request.transport == .mqtt { outcome.messages = [self.rejectedMessage(request, outcome.response)] }
        return outcome
    }
}

extension ShadowStore {
    /// The version an update counts on from: the shadow's, or what its deletion left, or 0. A `version` it names is compared here.
    private func standingVersion(
        of id: ShadowID, _ update: borrowing ShadowUpdate, _ now: WallTime
    ) throws(ShadowRejection) -> Int64 {
        let sent = try update.version()
        let place = self.places[id]
        let current: Int64
        switch place.map({ self.slots[$0].state }) {
        case .live(let document)?:
            current = document.version
        case .deleted(let tombstone)? where self.isRemembered(tombstone, now):
            current = tombstone.version
        case .deleted?, .vacant?, nil:
            if place == nil, self.places.count >= self.rules.limits.shadows {
                let why = "there are \(self.places.count) shadows and remembered deletions, the most that are kept; delete some"
                throw ShadowRejection(error: .tooManyRequests(why: why), clientToken: update.clientToken)
            }
            guard let sent else { return 0 }
            switch self.rules.switches.versionOnMissingShadow {
            case .acceptOne where sent != 1:
                throw ShadowRejection(error: .invalidVersion(text: String(sent)), clientToken: update.clientToken)
            case .conflict:
                throw ShadowRejection(error: .versionConflict(sent: sent, current: 0), clientToken: update.clientToken)
            case .acceptOne, .ignore:
                return 0
            }
        }
        if let sent, sent != current {
            throw ShadowRejection(error: .versionConflict(sent: sent, current: current), clientToken: update.clientToken)
        }
        return current
    }

    /// Merges in place when the result cannot be too large, else on a copy that is given up when it is.
    ///
    /// Compact text of the merge is never longer than what was stored plus what was sent.
    private mutating func merge(
        _ update: borrowing ShadowUpdate, into document: inout ShadowDocument, at place: Int, payloadBytes: Int, _ now: WallTime
    ) throws(ShadowRejection) {
        let context = MergeContext(seconds: now.secondsSinceEpoch, switches: self.rules.switches)
        let maximum = self.rules.limits.documentBytes
        if document.stateBytes + payloadBytes <= maximum {
            // The slot lets go, so that the tree has one owner.
            self.slots[place].state = .vacant
            document.merge(update.state, context, &self.scratch)
            return
        }
        document.merge(update.state, context, &self.scratch)
        guard document.stateBytes > maximum else { return }
        if case .vacant = self.slots[place].state { self.vacate(self.slots[place].id) }
        throw ShadowRejection(error: .tooLarge(bytes: document.stateBytes, maximum: maximum), clientToken: update.clientToken)
    }

    private mutating func accepted(
        _ update: borrowing ShadowUpdate, _ document: borrowing ShadowDocument, _ place: Int, previous: [UInt8]?, deltaBefore: [UInt8]?,
        _ now: WallTime
    ) -> ShadowOutcome {
        let seconds = now.secondsSinceEpoch
        let token = update.clientToken
        let id = self.slots[place].id
        var outcome = ShadowOutcome(
            change: .stored(document.record(of: id)), version: document.version, wasCreated: previous == nil, clientToken: token)
        outcome.response = self.scratch.updateAccepted(update, version: document.version, seconds: seconds)
        outcome.messages.reserveCapacity(3)
        outcome.messages.append(self.message(place, .update, .accepted, outcome.response))
        if let delta = self.scratch.updateDelta(document, seconds: seconds, clientToken: token, self.rules),
            deltaBefore == nil || deltaBefore != self.scratch.deltaState(of: document, self.rules)
        {
            outcome.messages.append(self.message(place, .update, .delta, delta))
        }
        let documents = self.scratch.updateDocuments(
            previous: previous, current: document, seconds: seconds, clientToken: token, self.rules)
        outcome.messages.append(self.message(place, .update, .documents, documents))
        return outcome
    }

    private mutating func message(
        _ place: Int, _ operation: ShadowTopic.Operation, _ answer: ShadowTopic.Answer, _ payload: [UInt8]
    ) -> ShadowMessage {
        ShadowMessage(
            operation: operation, answer: answer, topic: self.slots[place].topics.topic(operation, answer), payload: payload)
    }

    /// The token of any payload, if there is one to be found.
    static func token(in payload: UnsafeRawBufferPointer, _ rules: ShadowRules) -> ClientToken {
        ClientToken((try? Self.content(of: payload, rules))?["clientToken"], rules)
    }

    private static func content(of payload: UnsafeRawBufferPointer, _ rules: ShadowRules) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: payload, limits: JSONLimits(maximumDepth: rules.limits.textDepth))
    }

    /// The token of a `get` or `delete`; anything else in the payload is ignored.
    private static func checkedToken(in payload: UnsafeRawBufferPointer, _ rules: ShadowRules) throws(ShadowRejection) -> String? {
        if payload.isEmpty { return nil }
        let content: JSONValue
        do throws(JSONError) {
            content = try Self.content(of: payload, rules)
        } catch {
            switch rules.switches.nonJSONContent {
            case .ignore: return nil
            case .reject: throw ShadowRejection(error: .invalidJSON(error), clientToken: nil)
            }
        }
        let token = ClientToken(content["clientToken"], rules)
        do throws(ShadowError) {
            try token.check()
        } catch {
            throw ShadowRejection(error: error, clientToken: token.echo(rules))
        }
        return token.text
    }
}
