import DequeModule

/// What set off each of the messages that are under way to a client in the same process, so that it knows of every message it reads
/// what caused it: packets do not say.
final class DeliveryTrace {
    private var underWay: Deque<(cause: CauseID, topic: [UInt8])> = []
    private var isRead = true

    /// A message was written towards the client.
    func wrote(_ cause: CauseID, topic: [UInt8]) {
        if self.isRead { self.underWay.append((cause, topic)) }
    }

    /// The client has read a message. Those of a topic come in the order they were written.
    func read(topic: [UInt8]) -> CauseID? {
        guard let place = self.underWay.firstIndex(where: { $0.topic == topic }) else { return nil }
        return self.underWay.remove(at: place).cause
    }

    /// The client will read no more, whatever is written to it.
    func end() {
        self.underWay = []
        self.isRead = false
    }
}
