import Broker
import MQTTWire
import Sessions

/// A client in the process, where the core is.
final class ClientSeat {
    let client: LocalClient
    let record: ClientRecord

    init(_ client: LocalClient, _ record: ClientRecord) {
        self.client = client
        self.record = record
    }

    // What is asked of the core is answered while the desk settles: with clients in the process nothing else has to happen.

    func open(_ connect: MQTTWire.Connect, settle: () -> Void) throws {
        self.client.open(connect)
        settle()
        guard self.client.isConnected else { throw self.failure("was not let in: \(self.record.ending)") }
    }

    func subscribe(_ filters: [String], qos: QoS, settle: () -> Void) throws {
        try self.checkConnected("cannot subscribe")
        guard let id = self.client.subscribe(filters.map { Subscription(filter: $0, qos: qos) }) else { throw self.outOfIDs }
        settle()
        let reasons = try self.answer(to: id, "subscribing to \(filters.joined(separator: ", "))")
        for (filter, reason) in zip(filters, reasons) {
            if reason.isError { throw self.failure("the subscription to \(filter) was refused: \(reason.name)") }
            if !self.record.filters.contains(filter) { self.record.filters.append(filter) }
        }
    }

    func unsubscribe(_ filters: [String], settle: () -> Void) throws {
        try self.checkConnected("cannot unsubscribe")
        guard let id = self.client.unsubscribe(filters) else { throw self.outOfIDs }
        settle()
        _ = try self.answer(to: id, "unsubscribing from \(filters.joined(separator: ", "))")
        self.record.filters.removeAll { filters.contains($0) }
    }

    func publish(_ publish: OutgoingPublish, settle: () -> Void) throws {
        let topic = String(decoding: publish.topic, as: UTF8.self)
        try self.checkConnected("cannot publish to \(topic)")
        let id = self.client.publish(publish)
        if id == nil, publish.qos != .atMostOnce { throw self.outOfIDs }
        settle()
        if let id, let reason = try self.answer(to: id, "publishing to \(topic)").first, reason.isError {
            throw self.failure("the message to \(topic) was refused: \(reason.name)")
        }
        guard self.client.isConnected else { throw self.failure("was sent away after publishing to \(topic): \(self.record.ending)") }
    }

    private func answer(to id: PacketID, _ doing: String) throws -> [Reason] {
        if let reasons = self.record.answers.removeValue(forKey: id.rawValue) { return reasons }
        throw self.failure(
            self.client.isConnected ? "got no answer when \(doing)" : "was sent away when \(doing): \(self.record.ending)")
    }

    private func checkConnected(_ otherwise: String) throws {
        if !self.client.isConnected { throw self.failure("\(otherwise), since it is not connected: \(self.record.ending)") }
    }

    private var outOfIDs: ClientFailure { self.failure("has every packet id in use") }

    func failure(_ text: String) -> ClientFailure { ClientFailure(self.client.name, text) }
}

@available(*, unavailable)
extension ClientSeat: Sendable {}

/// What a client in the process was answered and has received.
final class ClientRecord {
    private enum Presence {
        case never
        case connected
        /// By the client itself.
        case left(String)
        case sentAway(LocalClient.Closing)
    }

    private let elapsed: () -> Duration
    var received: MessageLog
    private var presence = Presence.never
    /// Granted, in the order asked for.
    fileprivate var filters: [String] = []
    /// By packet id, until the one who asked takes them.
    fileprivate var answers: [UInt16: [Reason]] = [:]

    init(limit: Int, elapsed: @escaping () -> Duration) {
        self.received = MessageLog(limit: limit)
        self.elapsed = elapsed
    }

    func took(_ event: LocalClient.Event) {
        switch event {
        case .connected(let connack):
            self.presence = .connected
            self.answers = [:]
            if !connack.sessionPresent { self.filters = [] }
        case .message(let message, let cause):
            self.received.add(
                Sundial.Message(
                    topic: message.topicText, payload: message.payload, qos: Int(message.qos.rawValue), retain: message.retain,
                    publisher: nil, time: self.elapsed()), cause: cause?.rawValue ?? 0)
        case .acknowledged(let id, let reason): self.answers[id.rawValue] = [reason]
        case .subscribed(let id, let reasons), .unsubscribed(let id, let reasons): self.answers[id.rawValue] = reasons
        case .closed(let closing): self.presence = .sentAway(closing)
        }
    }

    /// - Parameter how: `it has said goodbye`.
    func left(_ how: String) {
        self.presence = .left(how)
    }

    /// Why the client is not connected.
    var ending: String {
        switch self.presence {
        case .never: return "it never was"
        case .connected: return "its connection is ending"
        case .left(let how): return how
        case .sentAway(let closing):
            if let connack = closing.connack {
                let name = connack.reason.isError ? connack.reason.name : connack.returnCode.name
                return "\(closing.text) (CONNACK: \(name))"
            }
            return closing.text + (closing.disconnect.map { " (DISCONNECT: \($0.reason.name))" } ?? "")
        }
    }

    /// `is subscribed to a/+, b`, for messages.
    var circumstances: String {
        guard case .connected = self.presence else { return "is not connected: \(self.ending)" }
        return "is subscribed to \(self.filters.isEmpty ? "nothing" : self.filters.joined(separator: ", "))"
    }
}

@available(*, unavailable)
extension ClientRecord: Sendable {}
