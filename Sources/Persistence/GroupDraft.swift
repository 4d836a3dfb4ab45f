import Broker
import Sessions
import Shadows
import Topics

/// What a group leaves behind, once all that came and went within it is left out.
///
/// A message that a client takes at once is queued and released in one group and never written; of a retained topic only the last
/// message counts.
struct GroupDraft: Sendable {
    struct MessageKey: Hashable, Sendable {
        let session: UInt64
        let serial: UInt64
    }

    /// What became of a message that an earlier group wrote.
    enum MessageChange: Sendable {
        case sent(packetID: UInt16)
        /// Only the end of the QoS 2 exchange is missing; a packet id if it was sent in this group too.
        case handedOver(packetID: UInt16?)
        case released
    }

    /// Everything in the file goes before this is written.
    private(set) var replacesAll = false
    /// Versions that take the place of everything; never taken back.
    private(set) var imageShadows: [ShadowVersion] = []
    private(set) var shadows: [UInt64: ShadowVersion] = [:]
    private(set) var droppedShadowVersions: [UInt64] = []
    private(set) var retained: [TopicName: RetainedMessage?] = [:]
    private(set) var things: [ThingName: ThingRecord?] = [:]
    /// Changes of sessions, subscriptions and packet ids, in order.
    private(set) var sessionEntries: [JournalEntry] = []
    private(set) var newMessages: [MessageKey: OutboundFlight.Record] = [:]
    private(set) var messageChanges: [MessageKey: MessageChange] = [:]
    private(set) var endedSessions: Set<UInt64> = []

    init(_ entries: [JournalEntry]) {
        for entry in entries { self.add(entry) }
    }

    /// What is left when the changes of shadows could not be kept.
    var withoutShadowChanges: GroupDraft {
        var rest = self
        rest.shadows = [:]
        return rest
    }

    private mutating func add(_ entry: JournalEntry) {
        switch entry {
        case .shadow(let version):
            self.shadows[version.serial] = version
        case .shadowVersionsDropped(let serials):
            for serial in serials where self.shadows.removeValue(forKey: serial) == nil { self.droppedShadowVersions.append(serial) }
        case .retained(let topic, let message):
            self.retained.updateValue(message, forKey: topic)
        case .thing(let thing):
            self.things.updateValue(thing, forKey: thing.name)
        case .thingRemoved(let name):
            self.things.updateValue(nil, forKey: name)
        case .sessionOpened, .sessionLeft, .willSettled, .subscribed, .unsubscribed, .arrived, .completed:
            self.sessionEntries.append(entry)
        case .sessionEnded(let number):
            self.sessionEntries.append(entry)
            self.endedSessions.insert(number)
            self.newMessages = self.newMessages.filter { $0.key.session != number }
            self.messageChanges = self.messageChanges.filter { $0.key.session != number }
        case .queued(let number, let record):
            self.newMessages[MessageKey(session: number, serial: record.serial)] = record
        case .sent(let number, let serial, let packetID):
            self.change(MessageKey(session: number, serial: serial), .sent(packetID: packetID))
        case .handedOver(let number, let serial):
            self.change(MessageKey(session: number, serial: serial), .handedOver(packetID: nil))
        case .released(let number, let serial):
            self.change(MessageKey(session: number, serial: serial), .released)
        case .replaced(let image):
            self = GroupDraft([])
            self.replacesAll = true
            self.add(image)
        }
    }

    private mutating func add(_ image: StateImage) {
        self.imageShadows = image.shadows
        for (topic, message) in image.retained { self.add(.retained(topic, message)) }
        for thing in image.things { self.add(.thing(thing)) }
        for session in image.sessions {
            self.add(.sessionOpened(session))
            if let leftAt = session.disconnectedAt {
                self.add(
                    .sessionLeft(session.number, at: leftAt, expirySeconds: session.expirySeconds, willDueAt: session.willDueAt))
            }
            for (filter, options) in session.subscriptions { self.add(.subscribed(session.number, filter: filter, options: options)) }
            for record in session.messages { self.add(.queued(session.number, record)) }
            for id in session.unreleased { self.add(.arrived(session.number, packetID: id)) }
        }
    }

    private mutating func change(_ key: MessageKey, _ change: MessageChange) {
        guard let record = self.newMessages[key] else {
            switch (self.messageChanges[key], change) {
            case (.sent(let packetID), .handedOver): self.messageChanges[key] = .handedOver(packetID: packetID)
            case (_, .sent), (_, .handedOver), (_, .released): self.messageChanges[key] = change
            }
            return
        }
        switch change {
        case .released:
            self.newMessages[key] = nil
        case .sent(let packetID):
            self.newMessages[key] = OutboundFlight.Record(
                serial: record.serial, message: record.message, qos: record.qos, retain: record.retain, packetID: packetID)
        case .handedOver:
            self.newMessages[key] = OutboundFlight.Record(
                serial: record.serial, message: nil, qos: record.qos, retain: record.retain, packetID: record.packetID)
        }
    }
}
