package import Sessions

/// What the core counts. Plain integers on its loop; read when somebody asks.
package struct Counters: Sendable, Equatable {
    package var connectionsAccepted = 0
    package var connectionsRefused = 0
    package var publishesReceived = 0
    package var messagesDelivered = 0
    package var messagesQueued = 0
    /// Dropped because a queue was full.
    package var droppedQueueFull = 0
    /// Dropped because the client reads too slowly (QoS 0).
    package var droppedSlowReader = 0
    /// Dropped because the receiver's door or client cannot carry the packet.
    package var droppedTooLarge = 0
    package var protocolErrors = 0
    package var shadowRequests = 0
    package var shadowRejections = 0
    /// What went beyond each quota, whether it was let through or not.
    package var overQuota = QuotaCounts()

    package init() {}
}

/// A count for each quota.
package struct QuotaCounts: Sendable, Equatable {
    private var counts: [QuotaName: Int] = [:]

    package subscript(name: QuotaName) -> Int {
        get { self.counts[name] ?? 0 }
        set { self.counts[name] = newValue }
    }
}
