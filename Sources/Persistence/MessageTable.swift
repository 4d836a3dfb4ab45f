import Sessions

/// Which message of the file each delivery of each kept session refers to, so that a message goes with its last delivery.
struct MessageTable {
    typealias Key = GroupDraft.MessageKey

    private struct Held {
        /// Keeps the object, whose identity is the key, alive.
        let message: StoredMessage
        let row: Int64
        var count: Int
    }

    /// By session and serial; `nil` once a message was handed over.
    private var deliveries: [UInt64: [UInt64: ObjectIdentifier?]] = [:]
    private var held: [ObjectIdentifier: Held] = [:]
    private var lastRow: Int64 = 0

    /// A delivery that is in the file.
    mutating func add(_ key: Key, _ message: StoredMessage?, row: Int64) {
        let identity = message.map { ObjectIdentifier($0) }
        self.deliveries[key.session, default: [:]].updateValue(identity, forKey: key.serial)
        guard let message, let identity else { return }
        self.lastRow = max(self.lastRow, row)
        self.held[identity, default: Held(message: message, row: row, count: 0)].count += 1
    }

    /// What a draft means for the rows of messages.
    struct Plan {
        /// Messages to be written, with their new rows.
        var written: [(row: Int64, message: StoredMessage)] = []
        /// Deliveries to be written, with the rows of their messages.
        var deliveries: [(key: Key, record: OutboundFlight.Record, row: Int64?)] = []
        /// Rows of messages that nobody waits for any more.
        var dropped: [Int64] = []
    }

    func plan(for draft: GroupDraft) -> Plan {
        var plan = Plan()
        var counts: [ObjectIdentifier: Int] = [:]
        for (key, change) in draft.messageChanges {
            switch change {
            case .sent: continue
            case .handedOver, .released:
                if case let identity?? = self.deliveries[key.session]?[key.serial] { counts[identity, default: 0] -= 1 }
            }
        }
        for session in draft.endedSessions {
            for case let identity? in self.deliveries[session, default: [:]].values { counts[identity, default: 0] -= 1 }
        }
        var rows: [ObjectIdentifier: Int64] = [:]
        var lastRow = self.lastRow
        for (key, record) in draft.newMessages {
            guard let message = record.message else {
                plan.deliveries.append((key, record, nil))
                continue
            }
            let identity = ObjectIdentifier(message)
            counts[identity, default: 0] += 1
            if let row = self.held[identity]?.row ?? rows[identity] {
                plan.deliveries.append((key, record, row))
            } else {
                lastRow += 1
                rows[identity] = lastRow
                plan.written.append((lastRow, message))
                plan.deliveries.append((key, record, lastRow))
            }
        }
        for (identity, count) in counts {
            if let held = self.held[identity], held.count + count == 0 { plan.dropped.append(held.row) }
        }
        return plan
    }

    /// The plan was carried out.
    mutating func apply(_ plan: Plan, of draft: GroupDraft) {
        for (key, change) in draft.messageChanges {
            switch change {
            case .sent: continue
            case .handedOver:
                self.release(self.deliveries[key.session]?.updateValue(nil, forKey: key.serial) ?? nil)
            case .released:
                self.release(self.deliveries[key.session]?.removeValue(forKey: key.serial) ?? nil)
            }
        }
        for session in draft.endedSessions {
            for identity in self.deliveries.removeValue(forKey: session, default: [:]).values { self.release(identity) }
        }
        for delivery in plan.deliveries { self.add(delivery.key, delivery.record.message, row: delivery.row ?? 0) }
    }

    private mutating func release(_ identity: ObjectIdentifier?) {
        guard let identity, let place = self.held.index(forKey: identity) else { return }
        self.held.values[place].count -= 1
        if self.held.values[place].count == 0 { self.held.remove(at: place) }
    }
}

extension Dictionary {
    fileprivate mutating func removeValue(forKey key: Key, default fallback: Value) -> Value {
        self.removeValue(forKey: key) ?? fallback
    }
}
