import Broker
import Sessions
import Shadows

/// Writes down what the core does, for a run to look at after the tick: the core must not be called while it reports.
final class RunObserver: BrokerObserver {
    enum Sight {
        case published(ObservedMessage)
        case answered(CauseID, Result<Int64?, ShadowError>)
    }

    private let onSight: (Sight) -> Void
    /// Causes of the messages written towards a client and not yet read by it, oldest first.
    private var underWay: [ClientID: [(cause: CauseID, topic: String)]] = [:]
    private var ignored: Set<ClientID> = []

    init(onSight: @escaping (Sight) -> Void) {
        self.onSight = onSight
    }

    func published(_ message: ObservedMessage) {
        self.onSight(.published(message))
    }

    func delivered(_ message: ObservedMessage, to client: ClientID) {
        if self.ignored.contains(client) { return }
        self.underWay[client, default: []].append((message.cause, message.topic))
    }

    func shadowAnswered(cause: CauseID, id: ShadowID, operation: ShadowTopic.Operation, result: Result<Int64?, ShadowError>) {
        self.onSight(.answered(cause, result))
    }

    // MARK: Clients

    /// The client has read a message. Messages are read in the order written, so the first of its topic is it.
    func causeOfNext(topic: String, to client: ClientID) -> CauseID? {
        guard let place = self.underWay[client]?.firstIndex(where: { $0.topic == topic }) else { return nil }
        let cause = self.underWay[client]?[place].cause
        self.underWay[client]?.removeSubrange(...place)
        return cause
    }

    /// A new connection of the client: what was written to the last one is lost.
    func reset(_ client: ClientID) {
        self.underWay[client] = nil
        self.ignored.remove(client)
    }

    /// The client will read no more, whatever is written to it.
    func ignore(_ client: ClientID) {
        self.underWay[client] = nil
        self.ignored.insert(client)
    }
}

@available(*, unavailable)
extension RunObserver: Sendable {}
