import MQTTWire

/// What a client in the process keeps of its session: its own unacknowledged messages, and the QoS 2 messages it has taken.
struct LocalFlight {
    struct Entry {
        let id: PacketID
        let publish: OutgoingPublish
        /// PUBREC has come: from now on only PUBREL is repeated. [MQTT5-4.4.0-1]
        var isReleased = false
    }

    private(set) var outbound: [Entry] = []
    /// Ids of SUBSCRIBE and UNSUBSCRIBE packets without an answer.
    private var requests: Set<UInt16> = []
    private var inbound: Set<UInt16> = []
    private var lastID: UInt16 = 0

    /// An id that is in use for nothing else; `nil` when all are.
    mutating func freshID() -> PacketID? {
        for _ in 1...UInt16.max {
            self.lastID &+= 1
            guard let id = PacketID(self.lastID) else { continue }
            if !self.requests.contains(id.rawValue), !self.outbound.contains(where: { $0.id == id }) { return id }
        }
        return nil
    }

    mutating func sent(_ publish: OutgoingPublish, _ id: PacketID) {
        self.outbound.append(Entry(id: id, publish: publish))
    }

    mutating func asked(_ id: PacketID) {
        self.requests.insert(id.rawValue)
    }

    mutating func answered(_ id: PacketID) {
        self.requests.remove(id.rawValue)
    }

    mutating func acknowledged(_ id: PacketID) {
        self.outbound.removeAll { $0.id == id }
    }

    mutating func released(_ id: PacketID) {
        guard let place = self.outbound.firstIndex(where: { $0.id == id }) else { return }
        self.outbound[place].isReleased = true
    }

    /// - Returns: whether the message is new; a repeated one is acknowledged again but not shown.
    mutating func received(exactlyOnce id: PacketID) -> Bool {
        self.inbound.insert(id.rawValue).inserted
    }

    mutating func completed(_ id: PacketID) {
        self.inbound.remove(id.rawValue)
    }

    /// A new connection begins; answers to requests of the last one will not come.
    mutating func reconnected(sessionPresent: Bool) {
        self.requests.removeAll()
        if sessionPresent { return }
        self.outbound.removeAll()
        self.inbound.removeAll()
    }
}
