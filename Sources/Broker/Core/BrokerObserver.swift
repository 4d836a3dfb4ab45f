package import MQTTWire
package import Sessions
package import Shadows

/// Watches what the core does. Called on the core's loop, must not suspend and must not call back into the core.
///
/// A core that nobody observes pays one test per message.
package protocol BrokerObserver: AnyObject {
    /// A message entered the broker: from a client, from the service, or a will.
    func published(_ message: ObservedMessage)
    /// The shadow service answered a request: `accepted` or `rejected`.
    func shadowAnswered(cause: CauseID, id: ShadowID, operation: ShadowTopic.Operation, result: Result<Int64?, ShadowError>)
}

extension BrokerCore {
    /// Lets somebody watch, until ``remove(_:)``; in the order they came.
    package func add(_ observer: any BrokerObserver) {
        self.observers.append(observer)
        self.isObserved = true
    }

    package func remove(_ observer: any BrokerObserver) {
        self.observers.removeAll { $0 === observer }
        self.isObserved = !self.observers.isEmpty
    }

    /// Tells those who watch of a message that enters. Out of line: most cores have nobody who watches.
    @inline(never)
    func tellObservers(of message: borrowing TransientMessage) {
        let observed = message.observed
        for observer in self.observers { observer.published(observed) }
    }
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
    /// As they are forwarded.
    package let properties: PublishProperties
}
