import Logging
import NIOCore
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
        while let held = self.gate.nextReleased() {
            switch held {
            case .packet(let connection, let bytes):
                connection.heldCount -= 1
                if connection.isOpen { self.send(to: connection) { $0.writeBytes(bytes) } }
            case .shadow(let answer):
                self.give(answer)
            case .call(let body, _):
                body()
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
        for held in refused {
            switch held {
            case .shadow(let answer): self.refuse(answer)
            case .call(_, let failed): failed?()
            case .packet: break
            }
        }
    }
}
