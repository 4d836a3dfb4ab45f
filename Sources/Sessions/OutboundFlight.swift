import DequeModule
package import MQTTWire
package import Timeline

/// QoS 1 and 2 messages on their way to one client: those sent and awaiting acknowledgement, and those waiting for room.
///
/// Packet ids are given in order, so an acknowledgement finds its entry by subtraction. Entries are kept in the order they
/// were sent, which is the order of a resend. [MQTT5-4.6.0-6]
package struct OutboundFlight {
    package enum Phase: UInt8, Sendable {
        case awaitingPuback, awaitingPubrec, awaitingPubcomp, done
    }

    package struct Entry {
        package let id: UInt16
        package fileprivate(set) var phase: Phase
        /// Counts the messages of this session; names one in the journal.
        package let serial: UInt64
        package let retain: Bool
        /// Kept for a resend; `nil` for a session that ends with its connection, which never resends.
        package fileprivate(set) var message: StoredMessage?
        /// Sent on an earlier connection and not yet on this one.
        fileprivate var awaitsResend = false
    }

    /// A message that waits: for the client to come back, or for room in its window.
    package struct Waiting {
        package let message: StoredMessage
        package let qos: QoS
        package let retain: Bool
        package let serial: UInt64
    }

    /// What to send next.
    package struct Delivery {
        package let id: UInt16
        package let message: StoredMessage
        package let qos: QoS
        package let retain: Bool
        package let serial: UInt64
    }

    package enum Next {
        case deliver(Delivery)
        /// A message expired while it waited, and is gone.
        case expired(serial: UInt64)
    }

    package enum Acknowledgement: Equatable, Sendable {
        case released(serial: UInt64)
        /// PUBREC arrived: answer PUBREL.
        case sendPubrel(serial: UInt64)
        case unknown
    }

    private var entries = Deque<Entry>()
    private var waiting = Deque<Waiting>()
    private var waitingBytes = 0
    /// The serial of the message that was taken or enqueued last.
    package private(set) var lastSerial: UInt64 = 0
    private var nextID: UInt16 = 1
    private var unacknowledged = 0
    /// Entries that await their resend, and the id to look for the first of them from.
    private var unresent = 0
    private var resendFrom: UInt16 = 0
    private var window: Int
    private let maximumWaiting: Int
    private let maximumWaitingBytes: Int
    private let keepsMessages: Bool

    /// - Parameter keepsMessages: whether sent messages are kept for a resend, as a session that outlives its connection needs.
    package init(limits: SessionLimits, keepsMessages: Bool) {
        self.window = Int(limits.maximumOutboundInFlight)
        self.maximumWaiting = limits.maximumQueuedMessages
        self.maximumWaitingBytes = limits.maximumQueuedBytes
        self.keepsMessages = keepsMessages
    }

    package var unacknowledgedCount: Int { self.unacknowledged }
    package var waitingCount: Int { self.waiting.count }
    /// Something is still to be sent: again, or for the first time.
    package var hasBacklog: Bool { self.unresent > 0 || !self.waiting.isEmpty }
    package var isEmpty: Bool { self.unacknowledged == 0 && self.waiting.isEmpty }
    /// A message of QoS 2 is on its way.
    package var holdsExactlyOnce: Bool {
        self.entries.contains { $0.phase == .awaitingPubrec || $0.phase == .awaitingPubcomp }
            || self.waiting.contains { $0.qos == .exactlyOnce }
    }
    package var needsStoredMessages: Bool { self.keepsMessages }

    /// A connection begins: what the one before left unacknowledged is to be sent again. MQTT 5 §4.4, §4.9.
    ///
    /// - Parameter window: the client's Receive Maximum and ours, whichever is lower.
    package mutating func connected(window: Int) {
        self.window = window
        for index in self.entries.indices where self.entries[index].phase != .done { self.entries[index].awaitsResend = true }
        self.unresent = self.unacknowledged
        self.resendFrom = self.entries.first?.id ?? 0
    }

    /// Takes a packet id for a message that is sent now.
    ///
    /// - Returns: the packet id, or `nil` when it has to wait: the window is full or others wait already.
    @inline(__always)
    package mutating func begin(qos: QoS, retain: Bool, message: StoredMessage?) -> UInt16? {
        guard !self.hasBacklog else { return nil }
        let serial = self.lastSerial + 1
        guard let id = self.take(qos: qos, retain: retain, message: self.keepsMessages ? message : nil, serial: serial) else { return nil }
        self.lastSerial = serial
        return id
    }

    /// Adds to the waiting messages.
    ///
    /// - Returns: `false` when the queue is full: the message is dropped.
    package mutating func enqueue(_ message: StoredMessage, qos: QoS, retain: Bool) -> Bool {
        guard self.waiting.count < self.maximumWaiting, self.waitingBytes + message.bytes <= self.maximumWaitingBytes else {
            return false
        }
        self.waitingBytes += message.bytes
        self.lastSerial += 1
        self.waiting.append(Waiting(message: message, qos: qos, retain: retain, serial: self.lastSerial))
        return true
    }

    /// The next waiting message, if it fits the window; one that expired is told about, once.
    ///
    /// What is to be sent again goes first. A message of QoS 0 that waits has the id 0.
    package mutating func nextDelivery(now: Instant) -> Next? {
        guard self.unresent == 0, let first = self.waiting.first else { return nil }
        if first.message.hasExpired(now: now) {
            self.dropFirstWaiting()
            return .expired(serial: first.serial)
        }
        let kept = self.keepsMessages ? first.message : nil
        let taken = first.qos == .atMostOnce ? 0 : self.take(qos: first.qos, retain: first.retain, message: kept, serial: first.serial)
        guard let id = taken else { return nil }
        self.dropFirstWaiting()
        return .deliver(Delivery(id: id, message: first.message, qos: first.qos, retain: first.retain, serial: first.serial))
    }

    @inline(__always)
    package mutating func pubackReceived(_ id: UInt16) -> Acknowledgement {
        guard let index = self.index(of: id), self.entries[index].phase == .awaitingPuback else { return .unknown }
        return .released(serial: self.finish(index))
    }

    /// - Parameter failed: the reason code was 0x80 or more; the message is then done. [MQTT5-4.3.3-4]
    package mutating func pubrecReceived(_ id: UInt16, failed: Bool) -> Acknowledgement {
        guard let index = self.index(of: id) else { return .unknown }
        switch self.entries[index].phase {
        case .awaitingPubrec:
            if failed { return .released(serial: self.finish(index)) }
            self.entries[index].phase = .awaitingPubcomp
            self.entries[index].message = nil
            return .sendPubrel(serial: self.entries[index].serial)
        case .awaitingPubcomp:
            return .sendPubrel(serial: self.entries[index].serial)
        case .awaitingPuback, .done:
            return .unknown
        }
    }

    package mutating func pubcompReceived(_ id: UInt16) -> Acknowledgement {
        guard let index = self.index(of: id), self.entries[index].phase == .awaitingPubcomp else { return .unknown }
        return .released(serial: self.finish(index))
    }

    /// The next message or PUBREL to send again to a client that came back, oldest first, as far as the window allows.
    /// [MQTT5-4.4.0-1] [MQTT5-3.3.4-9]
    package mutating func nextResend() -> Entry? {
        guard self.unresent > 0 else { return nil }
        var index = self.index(of: self.resendFrom) ?? 0
        while index < self.entries.count, !self.entries[index].awaitsResend { index += 1 }
        guard index < self.entries.count else { return nil }
        let entry = self.entries[index]
        self.resendFrom = entry.id
        // A PUBREL takes no room in the window. MQTT 5 §4.9.
        guard entry.phase == .awaitingPubcomp || self.unacknowledged - self.unresent < self.window else { return nil }
        self.entries[index].awaitsResend = false
        self.unresent -= 1
        return entry
    }

    @inline(__always)
    private mutating func take(qos: QoS, retain: Bool, message: StoredMessage?, serial: UInt64) -> UInt16? {
        // Ids between the oldest unacknowledged one and the newest cannot be given again before the oldest is done.
        guard self.unacknowledged < self.window, self.entries.count < 65_535 else { return nil }
        let id = self.nextID
        self.nextID = id == 65_535 ? 1 : id + 1
        let phase: Phase = qos == .exactlyOnce ? .awaitingPubrec : .awaitingPuback
        self.entries.append(Entry(id: id, phase: phase, serial: serial, retain: retain, message: message))
        self.unacknowledged += 1
        return id
    }

    @inline(__always)
    private func index(of id: UInt16) -> Int? {
        guard id != 0, let first = self.entries.first?.id else { return nil }
        var index = Int(id) - Int(first)
        if index < 0 { index += 65_535 }
        return index < self.entries.count ? index : nil
    }

    @inline(__always)
    private mutating func finish(_ index: Int) -> UInt64 {
        let serial = self.entries[index].serial
        self.unacknowledged -= 1
        if self.entries[index].awaitsResend {
            self.entries[index].awaitsResend = false
            self.unresent -= 1
        }
        if index == 0 {
            self.entries.removeFirst()
            while let first = self.entries.first, first.phase == .done { self.entries.removeFirst() }
        } else {
            self.entries[index].phase = .done
            self.entries[index].message = nil
        }
        return serial
    }

    private mutating func dropFirstWaiting() {
        let first = self.waiting.removeFirst()
        self.waitingBytes -= first.message.bytes
    }
}

// MARK: - Keeping and restoring

extension OutboundFlight {
    /// A message of a kept session as a journal keeps it.
    package struct Record: Sendable {
        package let serial: UInt64
        /// `nil` once the client has it and only the end of the QoS 2 exchange is missing.
        package let message: StoredMessage?
        package let qos: QoS
        package let retain: Bool
        /// 0 while it waits to be sent.
        package let packetID: UInt16

        package init(serial: UInt64, message: StoredMessage?, qos: QoS, retain: Bool, packetID: UInt16) {
            self.serial = serial
            self.message = message
            self.qos = qos
            self.retain = retain
            self.packetID = packetID
        }
    }

    /// Everything that is not done, in the order of the serials.
    package var records: [Record] {
        let sent = self.entries.filter { $0.phase != .done }.map { entry in
            Record(
                serial: entry.serial, message: entry.message, qos: entry.phase == .awaitingPuback ? .atLeastOnce : .exactlyOnce,
                retain: entry.retain, packetID: entry.id)
        }
        return sent
            + self.waiting.map { Record(serial: $0.serial, message: $0.message, qos: $0.qos, retain: $0.retain, packetID: 0) }
    }

    /// The flight of a session that was kept, before its client comes back.
    ///
    /// - Parameter records: in the order of their serials.
    package init(limits: SessionLimits, restoring records: [Record]) {
        self.init(limits: limits, keepsMessages: true)
        for record in records {
            self.lastSerial = max(self.lastSerial, record.serial)
            guard record.packetID != 0 else {
                guard let message = record.message else { continue }
                self.waiting.append(Waiting(message: message, qos: record.qos, retain: record.retain, serial: record.serial))
                self.waitingBytes += message.bytes
                continue
            }
            // Acknowledgements are found by counting from the oldest id, so ids that were done keep their places.
            while let last = self.entries.last, last.id != record.packetID, Self.following(last.id) != record.packetID {
                guard self.entries.count < 65_535 else { return }
                self.entries.append(Entry(id: Self.following(last.id), phase: .done, serial: 0, retain: false, message: nil))
            }
            let phase: Phase =
                switch record.qos {
                case .exactlyOnce: record.message == nil ? .awaitingPubcomp : .awaitingPubrec
                case .atLeastOnce, .atMostOnce: .awaitingPuback
                }
            self.entries.append(
                Entry(id: record.packetID, phase: phase, serial: record.serial, retain: record.retain, message: record.message))
            self.unacknowledged += 1
            self.nextID = Self.following(record.packetID)
        }
    }

    private static func following(_ id: UInt16) -> UInt16 { id == 65_535 ? 1 : id + 1 }
}
