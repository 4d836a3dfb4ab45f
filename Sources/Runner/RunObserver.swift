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

    init(onSight: @escaping (Sight) -> Void) {
        self.onSight = onSight
    }

    func published(_ message: ObservedMessage) {
        self.onSight(.published(message))
    }

    func shadowAnswered(cause: CauseID, id: ShadowID, operation: ShadowTopic.Operation, result: Result<Int64?, ShadowError>) {
        self.onSight(.answered(cause, result))
    }
}

@available(*, unavailable)
extension RunObserver: Sendable {}
