/// The versions seen of each shadow, which rise by one.
struct VersionLedger {
    private var last: [Int64?]
    /// Versions that did not follow the one before; none in a clean run.
    private(set) var uneven = 0

    init(streams: Int) {
        self.last = Array(repeating: nil, count: streams)
    }

    /// The first version of a shadow may be any, since a server that already runs may know it.
    @inline(__always)
    mutating func received(_ version: Int64, on stream: Int) {
        if let last = self.last[stream], version != last + 1 { self.uneven += 1 }
        self.last[stream] = version
    }
}
