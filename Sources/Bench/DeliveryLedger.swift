/// What arrived on each stream (one publisher as seen by one subscriber): losses, duplicates and order.
struct DeliveryLedger: ~Copyable {
    enum Verdict { case first, duplicate }

    private let expected: UnsafeMutablePointer<UInt64>
    private let streams: Int
    /// Numbers passed over and not (yet) seen, per stream; empty in a clean run.
    private var missing: [Int: Set<UInt64>] = [:]
    private(set) var delivered: Int64 = 0
    private(set) var duplicates = 0
    private(set) var outOfOrder = 0

    init(streams: Int) {
        self.streams = streams
        self.expected = .allocate(capacity: streams)
        self.expected.initialize(repeating: 0, count: streams)
    }

    deinit {
        self.expected.deallocate()
    }

    /// Message number `sequence` arrived on `stream`.
    @inline(__always)
    mutating func received(_ sequence: UInt64, on stream: Int) -> Verdict {
        if self.expected[stream] == sequence {
            self.expected[stream] = sequence + 1
            self.delivered += 1
            return .first
        }
        return self.receivedUnexpected(sequence, on: stream)
    }

    /// Messages sent to `stream` that never arrived, given that `sent` were sent.
    func lost(of sent: UInt64, on stream: Int) -> Int {
        Int(sent - min(sent, self.expected[stream])) + (self.missing[stream]?.count ?? 0)
    }

    @inline(never)
    private mutating func receivedUnexpected(_ sequence: UInt64, on stream: Int) -> Verdict {
        let expected = self.expected[stream]
        if sequence > expected {
            self.missing[stream, default: []].formUnion(expected..<min(sequence, expected + 65536))
            self.expected[stream] = sequence + 1
            self.delivered += 1
            return .first
        }
        guard self.missing[stream]?.remove(sequence) != nil else {
            self.duplicates += 1
            return .duplicate
        }
        self.outOfOrder += 1
        self.delivered += 1
        return .first
    }
}
