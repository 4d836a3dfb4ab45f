import MQTTWire
import Sessions
import Shadows
import Topics

/// A topic name met before: checked once, with the sessions it goes to.
///
/// Found by its bytes in `TopicTable`; owns its bytes outside of any array so that a publish reads them without a copy.
final class Topic {
    enum Kind {
        case ordinary
        /// A request to the shadow service.
        case shadowRequest(ShadowTopic)
        /// A topic only the service may publish to.
        case serviceAnswer
        /// A request to a service of AWS that is not built here.
        case otherRequest
        /// Begins with `$` and is none of these.
        case reserved
    }

    let bytes: UnsafeRawBufferPointer
    let hash: UInt64
    let slashes: Int
    let kind: Kind
    /// No rule of reserved topics applies.
    let isOrdinary: Bool
    /// Whether `find` gives this object. One that was swept out may still be somebody's last topic or alias, but no change of
    /// subscriptions reaches it: it must not be routed by again.
    var isInTable = true
    /// Set by each use, cleared by the table's sweep.
    var wasUsed = true
    /// The receivers, valid while `routeStamp` is the core's.
    var route = Route()
    var routeStamp: UInt64 = 0

    private let storage: UnsafeMutableRawBufferPointer

    /// - Parameter bytes: a valid topic name.
    init(copying bytes: UnsafeRawBufferPointer, hash: UInt64) {
        self.storage = .allocate(byteCount: max(bytes.count, 1), alignment: 8)
        self.storage.copyMemory(from: bytes)
        self.bytes = UnsafeRawBufferPointer(rebasing: self.storage[0..<bytes.count])
        self.hash = hash
        self.slashes = bytes.reduce(into: 0) { count, byte in if byte == UInt8(ascii: "/") { count += 1 } }
        self.kind = Topic.kind(of: self.bytes)
        self.isOrdinary = bytes.first != UInt8(ascii: "$")
    }

    deinit {
        self.storage.deallocate()
    }

    var text: String { String(decoding: self.bytes, as: UTF8.self) }

    static func kind(of bytes: UnsafeRawBufferPointer) -> Kind {
        guard bytes.first == UInt8(ascii: "$") else { return .ordinary }
        guard let shadow = ShadowTopic(bytes) else { return ReservedTopics.takesPublish(to: bytes) ? .otherRequest : .reserved }
        return shadow.isRequest ? .shadowRequest(shadow) : .serviceAnswer
    }
}

/// Who gets the messages of one topic.
struct Route {
    struct Receiver {
        let session: ClientSession
        let qos: QoS
        let noLocal: Bool
        let retainAsPublished: Bool
    }

    /// Sessions of one shared subscription; each message goes to one of them.
    struct Share {
        let members: [Receiver]
        /// Counts this group's messages. With one count for all, two groups in turn would each meet the same member every time.
        var turn: UInt
    }

    var receivers: ContiguousArray<Receiver> = []
    var shares: [Share] = []

    /// Adds a receiver; they come in the order of their sessions' slots.
    ///
    /// Overlapping subscriptions of one session give one delivery, at the highest QoS. MQTT 5 §3.3.4.
    mutating func add(_ receiver: Receiver) {
        if let last = self.receivers.last, last.session === receiver.session {
            self.receivers[self.receivers.count - 1] = Receiver(
                session: last.session, qos: max(last.qos, receiver.qos), noLocal: last.noLocal && receiver.noLocal,
                retainAsPublished: last.retainAsPublished || receiver.retainAsPublished)
        } else {
            self.receivers.append(receiver)
        }
    }
}
