/// Times from publish to receipt, kept up to a limit.
struct LatencySamples {
    let isRecording: Bool
    private var samples: [Int64] = []

    private static let limit = 2_000_000

    init(isRecording: Bool) {
        self.isRecording = isRecording
        if isRecording { self.samples.reserveCapacity(Self.limit) }
    }

    mutating func add(_ nanoseconds: Int64) {
        if self.samples.count < Self.limit { self.samples.append(nanoseconds) }
    }

    var median: Int64? {
        self.samples.isEmpty ? nil : self.samples.sorted()[self.samples.count / 2]
    }
}
