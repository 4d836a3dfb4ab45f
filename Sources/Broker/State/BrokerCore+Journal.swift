import Logging
import MQTTWire
import NIOCore
import Sessions
import Shadows

extension BrokerCore {
    /// Starts a commit of what was appended, unless one is under way.
    func commit() {
        if self.gate.endOfTick(self.clock) { self.shadowSerialUnderWay = self.history.lastSerial }
    }

    /// Why the journal cannot write; `nil` while all is well.
    package var journalFailure: String? { self.gate.failure }

    /// Whether something promised still waits for the journal.
    package var hasUncommittedWork: Bool { self.gate.isWaiting }

    /// Calls `body` when everything that changed so far is safe: now, if nothing waits for the journal. On the core's loop.
    ///
    /// - Parameter failed: called instead when the journal cannot write; without it, `body` waits until it can.
    package func whenSafe(_ body: @escaping () -> Void, orFailed failed: (() -> Void)? = nil) {
        self.beginTick()
        if !self.gate.isWaiting {
            body()
        } else if self.gate.failure != nil, let failed {
            failed()
        } else {
            self.gate.hold(.call(body, failed: failed))
        }
    }

    package func journalReported(_ report: JournalReport) {
        switch report {
        case .committed(let group): self.groupCommitted(group)
        case .failed(let group, let why): self.groupFailed(group, why)
        }
    }

    /// A group of the journal is safe: what waited for it leaves.
    package func groupCommitted(_ group: UInt64) {
        self.beginTick()
        if self.gate.failure != nil { self.logger.record(.notice, "the state file can be written again") }
        self.gate.committed(group)
        let dropped = self.history.becameSafe(through: self.shadowSerialUnderWay)
        if !dropped.isEmpty { self.gate.append(.shadowVersionsDropped(dropped)) }
        self.release()
    }

    /// Lets leave what waited for the journal.
    ///
    /// The answers of a shadow request may go to kept sessions, and are then journalled themselves: they, and everything after them,
    /// leave with that group. An update is acknowledged when its delta is as safe as it is.
    private func release() {
        while true {
            let released = self.gate.beginRelease()
            defer { self.gate.endRelease() }
            if released.isEmpty { return }
            for held in released {
                switch held {
                case .shadow(let answer):
                    self.holdsDeliveries = self.holdsDeliveries || self.reachesKeptSession(answer)
                    self.give(answer)
                case .packet(let connection, let bytes):
                    if self.holdsDeliveries {
                        self.gate.hold(held)
                    } else {
                        connection.heldCount -= 1
                        if connection.isOpen { self.send(to: connection) { $0.writeBytes(bytes) } }
                    }
                case .call(let body, _):
                    if self.holdsDeliveries { self.gate.hold(held) } else { body() }
                }
            }
            let waits = self.holdsDeliveries && self.gate.hasOpenEntries
            self.holdsDeliveries = false
            if waits { return }
        }
    }

    /// Whether an answer is to be kept for a session, at QoS 1 or 2.
    private func reachesKeptSession(_ answer: ShadowAnswer) -> Bool {
        answer.outcome.messages.contains { message in
            message.topic.withUnsafeBytes { name in
                guard let topic = self.intern(name) else { return false }
                let route = self.route(of: topic)
                return !route.shares.isEmpty || route.receivers.contains { $0.qos != .atMostOnce && $0.session.state.isKept }
            }
        }
    }

    /// A group of the journal could not be written; the journal goes on trying.
    ///
    /// Shadows go back to what the journal has and their changes are refused, now and until it can write. Acknowledgements wait.
    package func groupFailed(_ group: UInt64, _ why: String) {
        self.beginTick()
        guard self.gate.failure == nil else { return }
        self.logger.record(
            .error, "the state file cannot be written: \(why); shadow updates are refused and nothing is acknowledged until it can")
        let refused = self.gate.failed(why)
        for (id, version) in self.history.rollBack() {
            do {
                try self.shadows.roll(id, backTo: version?.change)
            } catch {
                self.logger.record(.error, "a shadow could not be taken back: \(error.text)")
            }
        }
        // What is left of the group has no change of a shadow.
        self.shadowSerialUnderWay = self.history.lastSerial
        for held in refused {
            switch held {
            case .shadow(let answer): self.refuse(answer)
            case .call(_, let failed): failed?()
            case .packet: break
            }
        }
    }
}
