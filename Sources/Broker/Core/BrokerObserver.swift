package import MQTTWire
package import Sessions
package import Shadows

/// Watches what the core does. Called on the core's loop, must not suspend and must not call back into the core.
///
/// A core without an observer pays one test per message.
package protocol BrokerObserver: AnyObject {
    /// A message entered the broker: from a client, from the service, or a will.
    func published(_ message: ObservedMessage)
    /// A message was written towards a client.
    func delivered(_ message: ObservedMessage, to client: ClientID)
    /// The shadow service answered a request: `accepted` or `rejected`.
    func shadowAnswered(cause: CauseID, id: ShadowID, operation: ShadowTopic.Operation, result: Result<Int64?, ShadowError>)
}

/// A message as an observer sees it. The bytes are copies.
package struct ObservedMessage: Sendable {
    package let cause: CauseID
    /// Who published it; `nil` for the service.
    package let publisher: ClientID?
    package let topic: String
    package let payload: [UInt8]
    package let qos: QoS
    package let retain: Bool

    package init(cause: CauseID, publisher: ClientID?, topic: String, payload: [UInt8], qos: QoS, retain: Bool) {
        self.cause = cause
        self.publisher = publisher
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
    }
}
