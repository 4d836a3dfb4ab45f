package import JSON
package import Timeline

/// All shadows of an account: takes a request, changes the shadow, and says what is to be published.
///
/// Nothing here waits or reads a clock. A refused request changes nothing.
package struct ShadowStore: ~Copyable {
    enum SlotState {
        case live(ShadowDocument)
        case deleted(ShadowTombstone)
        /// Free, or its document is in the hands of the request under way.
        case vacant
    }

    struct Slot {
        let id: ShadowID
        var topics: TopicCache
        var state: SlotState
        /// The index has it; unlike the state, not moved by an update under way.
        var isListed = false
    }

    package let rules: ShadowRules
    var slots: [Slot] = []
    var places: [ShadowID: Int] = [:]
    var freePlaces: [Int] = []
    private var index = ShadowIndex()
    var scratch = ShadowScratch()

    package init(rules: ShadowRules = .aws) {
        self.rules = rules
    }

    /// Handles one request.
    ///
    /// Cost of an update: about 10 µs for a 300-byte document.
    /// - Parameters:
    ///   - payload: the message or body as sent.
    ///   - now: stamps what changes.
    package mutating func handle(_ request: ShadowRequest, payload: UnsafeRawBufferPointer, now: WallTime) -> ShadowOutcome {
        do throws(ShadowRejection) {
            return switch request.operation {
            case .get: try self.get(request, payload, now)
            case .update: try self.update(request, payload, now)
            case .delete: try self.delete(request, payload, now)
            }
        } catch {
            return self.rejected(request, error, now)
        }
    }

    package mutating func handle(_ request: ShadowRequest, payload: [UInt8], now: WallTime) -> ShadowOutcome {
        payload.withUnsafeBytes { self.handle(request, payload: $0, now: now) }
    }

    /// The rejected answer for a refusal decided elsewhere, such as ``ShadowError/tooManyRequests(why:)``.
    package mutating func refuse(
        _ request: ShadowRequest, payload: UnsafeRawBufferPointer, error: ShadowError, now: WallTime
    ) -> ShadowOutcome {
        self.refuse(request, clientToken: Self.token(in: payload, self.rules).echo(self.rules), error: error, now: now)
    }

    package mutating func refuse(_ request: ShadowRequest, clientToken: String?, error: ShadowError, now: WallTime) -> ShadowOutcome {
        self.rejected(request, ShadowRejection(error: error, clientToken: clientToken), now)
    }
}

// MARK: - Looking

extension ShadowStore {
    /// Live shadows.
    package var count: Int { self.index.count }

    /// Every live shadow, by thing, the classic one first, then by name.
    package var allShadows: [ShadowID] { self.index.all }

    /// The named shadows of a thing, sorted; never the classic one (ListNamedShadowsForThing).
    ///
    /// Cost: that of sorting them, whatever other things have.
    package func listNamed(_ thing: ThingName) -> [ShadowName] { self.index.names(of: thing) }

    /// A shadow as it stands, nil when there is none.
    package func get(_ id: ShadowID) -> ShadowRecord? {
        guard let place = self.places[id], case .live(let document) = self.slots[place].state else { return nil }
        return document.record(of: id)
    }

    /// `{"desired":…,"reported":…}` without the absent sections, nil when there is no such shadow.
    package func state(of id: ShadowID) -> JSONValue? {
        self.get(id)?.wholeState
    }

    /// Every live shadow as a journal keeps it, in no order.
    package var records: [ShadowRecord] {
        self.slots.compactMap { slot in
            guard case .live(let document) = slot.state else { return nil }
            return document.record(of: slot.id)
        }
    }

    /// Every remembered deletion, in no order.
    package var tombstones: [ShadowTombstone] {
        self.slots.compactMap { slot in
            guard case .deleted(let tombstone) = slot.state else { return nil }
            return tombstone
        }
    }

    /// The topic of an answer; made once per shadow, so that no text is built per message.
    package mutating func topic(of id: ShadowID, _ operation: ShadowTopic.Operation, _ answer: ShadowTopic.Answer) -> [UInt8] {
        guard let place = self.places[id] else { return ShadowTopic(id: id, operation: operation, answer: answer).bytes }
        return self.slots[place].topics.topic(operation, answer)
    }
}

// MARK: - Keeping

extension ShadowStore {
    /// Takes back a kept shadow, in place of any there is.
    package mutating func restore(_ record: ShadowRecord) throws(ShadowRestoreError) {
        let document = try ShadowDocument(record, &self.scratch)
        self.settle(.live(document), at: self.place(for: record.id))
    }

    /// Takes back a remembered deletion.
    package mutating func restore(_ tombstone: ShadowTombstone) {
        self.settle(.deleted(tombstone), at: self.place(for: tombstone.id))
    }

    /// Takes a shadow back to an earlier change; `nil` makes it unknown.
    package mutating func roll(_ id: ShadowID, backTo change: ShadowChange?) throws(ShadowRestoreError) {
        switch change {
        case .stored(let record): try self.restore(record)
        case .deleted(let tombstone): self.restore(tombstone)
        case nil: self.vacate(id)
        }
    }

    /// Drops deletions older than 48 h and returns their shadows; for a caller that wants the room back.
    ///
    /// Not needed for correctness: a request looks at the age itself.
    package mutating func forgetDeleted(now: WallTime) -> [ShadowID] {
        var forgotten: [ShadowID] = []
        for slot in self.slots {
            guard case .deleted(let tombstone) = slot.state, !self.isRemembered(tombstone, now) else { continue }
            forgotten.append(slot.id)
        }
        for id in forgotten { self.vacate(id) }
        return forgotten
    }

    /// Removes every shadow and every remembered deletion.
    package mutating func removeAll() {
        self.slots = []
        self.places = [:]
        self.freePlaces = []
        self.index = ShadowIndex()
    }

    /// "Within 48 hours" includes the last moment.
    func isRemembered(_ tombstone: ShadowTombstone, _ now: WallTime) -> Bool {
        now - tombstone.deletedAt <= self.rules.limits.deletedVersionLife
    }

    /// The slot of a shadow, a vacant one when it is new.
    mutating func place(for id: ShadowID) -> Int {
        if let place = self.places[id] { return place }
        let slot = Slot(id: id, topics: TopicCache(id), state: .vacant)
        let place: Int
        if let free = self.freePlaces.popLast() {
            self.slots[free] = slot
            place = free
        } else {
            place = self.slots.count
            self.slots.append(slot)
        }
        self.places[id] = place
        return place
    }

    /// Every state that lasts is set here, so that counts and lists hold.
    mutating func settle(_ state: SlotState, at place: Int) {
        let isLive = if case .live = state { true } else { false }
        self.slots[place].state = state
        guard isLive != self.slots[place].isListed else { return }
        self.slots[place].isListed = isLive
        if isLive { self.index.insert(self.slots[place].id) } else { self.index.remove(self.slots[place].id) }
    }

    mutating func vacate(_ id: ShadowID) {
        guard let place = self.places.removeValue(forKey: id) else { return }
        self.settle(.vacant, at: place)
        self.freePlaces.append(place)
    }
}
