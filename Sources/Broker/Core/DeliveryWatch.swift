package import Sessions

/// Follows one message to every session that it matched: whether each of them has it. Source: scheduler §6 `delivered`.
///
/// At QoS 0 a session has what was written to it, at QoS 1 and 2 what it has acknowledged.
package final class DeliveryWatch {
    package enum Outcome: Equatable, Sendable {
        /// Every session has it; so it is when none matched.
        case delivered
        /// One of them will never have it: who, and why.
        case missed(ClientID, String)
        /// Who does not have it yet, with what lies before it in their queues, in words.
        case waiting(String)
    }

    /// Names a message in a session's flight.
    struct Key: Hashable {
        let session: UInt64
        let serial: UInt64
    }

    private let onOutcome: (Outcome) -> Void
    private var open: [Key: ClientSession] = [:]
    private var isOver = false

    /// - Parameter onOutcome: called on the core's loop; it must not call back into the core. Nothing follows `delivered` or `missed`.
    package init(onOutcome: @escaping (Outcome) -> Void) {
        self.onOutcome = onOutcome
    }

    func await(_ key: Key, of session: ClientSession) {
        self.open[key] = session
    }

    /// Everybody has been given the message.
    func routed() {
        self.tell()
    }

    func delivered(_ key: Key) {
        self.open[key] = nil
        self.tell()
    }

    func missed(_ session: ClientSession, _ why: String) {
        guard !self.isOver else { return }
        self.isOver = true
        self.open = [:]
        self.onOutcome(.missed(session.clientID, why))
    }

    private func tell() {
        guard !self.isOver else { return }
        guard !self.open.isEmpty else {
            self.isOver = true
            return self.onOutcome(.delivered)
        }
        let waiting = self.open.values.sorted { $0.slot < $1.slot }.prefix(3).map { session in
            let queue = session.state.outbound.unacknowledgedCount + session.state.outbound.waitingCount
            return "\(session.clientID) (\(session.connection == nil ? "away, " : "")\(queue) messages for it are not acknowledged)"
        }
        let more = self.open.count > waiting.count ? " and \(self.open.count - waiting.count) more" : ""
        self.onOutcome(.waiting(waiting.joined(separator: ", ") + more))
    }
}

@available(*, unavailable)
extension DeliveryWatch: Sendable {}

extension BrokerCore {
    /// Follows the message that `body` publishes: the first that it causes.
    package func following<Value>(_ watch: DeliveryWatch, _ body: () -> Value) -> Value {
        self.deliveryWatch = watch
        defer { self.deliveryWatch = nil }
        return body()
    }

    /// Gives a message to everybody, and notes what becomes of it.
    @inline(never)
    func routeWatched(_ message: inout TransientMessage) {
        guard let watch = self.deliveryWatch.take() else { return }
        self.routeEach(&message) { session, before, after in
            if session.state.outbound.lastSerial != before.serial {
                let key = DeliveryWatch.Key(session: session.number, serial: session.state.outbound.lastSerial)
                watch.await(key, of: session)
                self.watchedDeliveries[key] = watch
            } else if let why = Self.whyMissed(session, before.counters, after) {
                watch.missed(session, why)
            }
        }
        watch.routed()
    }

    private static func whyMissed(_ session: ClientSession, _ before: Counters, _ after: Counters) -> String? {
        if after.messagesDelivered > before.messagesDelivered { return nil }
        if after.droppedTooLarge > before.droppedTooLarge { return "the message is too large for it" }
        if after.droppedSlowReader > before.droppedSlowReader { return "it reads too slowly for messages of QoS 0" }
        if after.droppedQueueFull > before.droppedQueueFull { return "its queue is full" }
        if session.connection == nil { return "it is away, and the message is not kept for it" }
        return "what it may be sent in this time is used up"
    }

    /// A watched message of a session is done.
    func watchedMessage(_ serial: UInt64, of session: ClientSession, isDelivered: Bool, _ why: String = "") {
        let key = DeliveryWatch.Key(session: session.number, serial: serial)
        guard let watch = self.watchedDeliveries.removeValue(forKey: key) else { return }
        if isDelivered { watch.delivered(key) } else { watch.missed(session, why) }
    }

    /// A session ends: what it has not acknowledged it will never have.
    func watchedSessionEnded(_ session: ClientSession) {
        for key in self.watchedDeliveries.keys where key.session == session.number {
            self.watchedDeliveries.removeValue(forKey: key)?.missed(session, "its session has ended")
        }
    }
}
