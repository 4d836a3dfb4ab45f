import Broker
import MQTTWire
import Pacing

/// A client of a plan that runs inside the process, with the steps it is to answer.
final class RunClient {
    let client: LocalClient
    /// What was sent, by the packet id that its acknowledgement will name.
    private var publishes: [UInt16: CauseTable.Dispatch] = [:]
    private var requests: [UInt16: StepNumber] = [:]

    init(_ client: LocalClient) {
        self.client = client
    }

    func published(_ dispatch: CauseTable.Dispatch, _ id: PacketID) { self.publishes[id.rawValue] = dispatch }
    func asked(_ step: StepNumber, _ id: PacketID) { self.requests[id.rawValue] = step }
    func acknowledged(_ id: PacketID) -> CauseTable.Dispatch? { self.publishes.removeValue(forKey: id.rawValue) }
    func answered(_ id: PacketID) -> StepNumber? { self.requests.removeValue(forKey: id.rawValue) }

    /// Under which a step was sent and not acknowledged.
    func packetID(of step: StepNumber) -> PacketID? {
        self.publishes.first { $0.value.step == step }.flatMap { PacketID($0.key) }
    }

    /// Answers to requests do not outlive a connection; acknowledgements may.
    func connectionEnded() {
        self.requests = [:]
    }
}

@available(*, unavailable)
extension RunClient: Sendable {}
