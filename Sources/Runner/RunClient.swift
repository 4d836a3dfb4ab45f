import Broker
import MQTTWire
import Pacing

/// A client of a plan that runs inside the process, with the steps it is to answer.
final class RunClient {
    let client: LocalClient
    /// Steps by the packet id that their acknowledgement will name.
    private var publishes: [UInt16: StepNumber] = [:]
    private var requests: [UInt16: StepNumber] = [:]

    init(_ client: LocalClient) {
        self.client = client
    }

    func published(_ step: StepNumber, _ id: PacketID) { self.publishes[id.rawValue] = step }
    func asked(_ step: StepNumber, _ id: PacketID) { self.requests[id.rawValue] = step }
    func acknowledged(_ id: PacketID) -> StepNumber? { self.publishes.removeValue(forKey: id.rawValue) }
    func answered(_ id: PacketID) -> StepNumber? { self.requests.removeValue(forKey: id.rawValue) }

    /// Answers to requests do not outlive a connection; acknowledgements may.
    func connectionEnded() {
        self.requests = [:]
    }
}

@available(*, unavailable)
extension RunClient: Sendable {}
