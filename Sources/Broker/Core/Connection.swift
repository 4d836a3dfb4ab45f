import MQTTWire
import NIOCore
package import Sessions
import Timeline

/// One client's connection in the core, whatever carries it.
package final class Connection {
    /// Counts from 1 in the order of arrival; for logs.
    package let number: UInt64
    package let door: Door
    let link: any Link
    /// Where the client comes from, for logs and events.
    package let peer: String
    /// Who the door found it to be: an access key, or `nil` for anonymous.
    package let principal: String?
    /// The time its client lives by.
    let timeLine: TimeLine
    let keepAliveLine: TimeLine

    var machine: ConnectionMachine
    /// Set when the client is let in.
    var facts: ConnectionFacts?
    var session: ClientSession?
    /// What its messages and bytes are charged to; `nil` where nothing is measured.
    var quotas: ConnectionQuotas?
    /// Set while its bytes have to wait.
    var delayTimer: CoreDeadlines.Token?
    var will: Will?
    var wantsProblemInformation = true
    /// The largest packet that may go to the client: its own limit or the door's, whichever is lower.
    var largestPacketBytes = Int.max
    /// The largest payload the door takes and gives.
    let largestPayloadBytes: Int
    // Of the door's limits, those that every message asks for.
    let maximumUnsentBytes: Int
    let maximumPacketBytes: Int
    let maximumQoS: QoS
    var out: OutboundBuffer
    /// In the flush list of this tick.
    var isDirty = false
    /// Closes when its bytes have left.
    var closeText: String?
    var timer: CoreTimerToken?
    /// The topic of the last PUBLISH: most clients say the same thing again.
    var lastTopic: Topic?
    /// What the client's topic aliases stand for, by alias − 1.
    var aliases: [Topic?] = []
    /// What its session has for it is not sent before the journal has what went before.
    var isResuming = false
    /// Acknowledgements and answers for this connection that wait for the journal.
    var heldCount = 0
    /// Of a client in the same process: what caused the messages written to it.
    var trace: DeliveryTrace?

    /// - Parameter now: on its client's time line.
    init(
        number: UInt64, door: Door, link: any Link, peer: String, principal: String?, timeLine: TimeLine, keepAliveLine: TimeLine,
        now: Instant
    ) {
        self.number = number
        self.door = door
        self.link = link
        self.peer = peer
        self.principal = principal
        self.timeLine = timeLine
        self.keepAliveLine = keepAliveLine
        self.machine = ConnectionMachine(limits: door.profile.limits, now: now)
        self.maximumUnsentBytes = door.profile.limits.maximumUnsentBytes
        self.maximumPacketBytes = door.profile.limits.maximumPacketBytes
        self.largestPayloadBytes = door.profile.limits.maximumPayloadBytes ?? .max
        self.maximumQoS = door.profile.limits.maximumQoS
        self.out = OutboundBuffer(prefixBytes: link.prefixBytes)
    }

    /// The client id, once it has one.
    package var clientID: ClientID? { self.session?.clientID }
    package var isOpen: Bool {
        switch self.machine.phase {
        case .awaitingConnect, .connected: true
        case .ended: false
        }
    }
    var version: ProtocolVersion { self.machine.version }
    /// Messages stop at `maximumUnsentBytes` and the last may be the largest there is: what lies beyond are answers to requests of a
    /// client that goes on asking and reads nothing.
    var mostUnsentBytes: Int { self.maximumUnsentBytes + self.maximumPacketBytes }
    /// The door's limits, borrowed: they are too large to copy for a packet.
    var limits: SessionLimits {
        _read { yield self.machine.limits }
    }

    /// Whether the packet this message makes is one that the door gives and the client takes. [MQTT5-3.1.2-24]
    func takes(_ message: StoredMessage, qos: QoS) -> Bool {
        self.takes(
            topicBytes: message.topic.count, propertyBytes: message.properties.count, hasExpiry: message.expiresAt != nil,
            payloadBytes: message.payload.count, qos: qos)
    }

    func takes(topicBytes: Int, propertyBytes: Int, hasExpiry: Bool, payloadBytes: Int, qos: QoS) -> Bool {
        let hasProperties = self.version == .v5
        let packetBytes = PublishTemplate.encodedBytes(
            topicBytes: topicBytes, hasPacketID: qos != .atMostOnce, propertyBytes: hasProperties ? propertyBytes : nil,
            hasMessageExpiry: hasProperties && hasExpiry, hasTopicAlias: false, payloadBytes: payloadBytes)
        return payloadBytes <= self.largestPayloadBytes && packetBytes <= self.largestPacketBytes
    }
}

/// Where a connection came in, and the rules there.
package struct Door: Sendable {
    /// `mqtt`, `mqtts`, `http`, `https`, or `local` for clients inside the process.
    package let name: String
    package let profile: ServiceProfile
    /// The address the client connected to, with its port.
    package let address: String?

    package init(name: String, profile: ServiceProfile, address: String? = nil) {
        self.name = name
        self.profile = profile
        self.address = address
    }
}
