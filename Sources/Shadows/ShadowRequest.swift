/// What a client asks of one shadow; the payload is handed over beside it.
package struct ShadowRequest: Hashable, Sendable {
    package var id: ShadowID
    package var operation: ShadowTopic.Operation
    package var transport: ShadowTransport

    package init(id: ShadowID, operation: ShadowTopic.Operation, transport: ShadowTransport = .mqtt) {
        self.id = id
        self.operation = operation
        self.transport = transport
    }
}

/// A message the service publishes, at QoS 1 and never retained.
package struct ShadowMessage: Equatable, Sendable {
    package var operation: ShadowTopic.Operation
    package var answer: ShadowTopic.Answer
    /// The whole topic; shared by all messages of this kind from this shadow.
    package var topic: [UInt8]
    /// JSON.
    package var payload: [UInt8]
}

/// What a journal must keep for a change to survive.
package enum ShadowChange: Equatable, Sendable {
    case stored(ShadowRecord)
    case deleted(ShadowTombstone)
}

/// Everything one request caused.
package struct ShadowOutcome: Equatable, Sendable {
    /// To be published, in the order accepted, delta, documents. Empty after a REST request that failed.
    package var messages: [ShadowMessage] = []
    /// The accepted or rejected document: the body of the HTTP answer, or the payload of the first message.
    package var response: [UInt8] = []
    /// Nil when nothing changed.
    package var change: ShadowChange? = nil
    /// Nil when the request was accepted.
    package var rejection: ShadowError? = nil
    /// The version the answer carries; nil after a rejection.
    package var version: Int64? = nil
    /// The update brought the shadow into being.
    package var wasCreated = false
    /// The token that answers repeat.
    package var clientToken: String? = nil
}
