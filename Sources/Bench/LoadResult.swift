/// What one run measured. A run that is not clean has no figure.
struct LoadResult: Sendable {
    let scenario: String
    let seconds: Double
    let delivered: Int64
    let brokerCPUNanoseconds: Int64
    let generatorCPUNanoseconds: Int64
    let lost: Int
    let unacknowledged: Int
    let duplicates: Int
    let outOfOrder: Int
    let rejected: Int
    /// Half of the messages took no longer than this, for the rows with single messages.
    let medianLatencyNanoseconds: Int64?

    var isClean: Bool {
        self.delivered > 0 && self.lost == 0 && self.unacknowledged == 0 && self.duplicates == 0 && self.outOfOrder == 0
            && self.rejected == 0
    }
    var messagesPerSecond: Double { Double(self.delivered) / self.seconds }
    var brokerMicroseconds: Double { Double(self.brokerCPUNanoseconds) / 1000 / Double(max(1, self.delivered)) }
    /// The generator's share of a core; near one means that it, not the server, set the rate.
    var generatorBusy: Double { Double(self.generatorCPUNanoseconds) / 1e9 / self.seconds }
    var brokerBusy: Double { Double(self.brokerCPUNanoseconds) / 1e9 / self.seconds }

    var text: String {
        guard self.isClean else {
            return "\(self.scenario): NOT CLEAN: \(self.lost) lost, \(self.duplicates) duplicate, \(self.outOfOrder) out of order, "
                + "\(self.unacknowledged) unacknowledged, \(self.rejected) rejected, \(self.delivered) delivered"
        }
        let latency = self.medianLatencyNanoseconds.map { ", p50 \(decimal(Double($0) / 1000, 1)) µs" } ?? ""
        return
            "\(self.scenario): \(decimal(self.messagesPerSecond, 0)) messages/s, broker \(decimal(self.brokerMicroseconds, 3)) µs per message"
            + "\(latency) (broker \(decimal(self.brokerBusy * 100, 0)) % of a core, generator \(decimal(self.generatorBusy * 100, 0)) %)"
    }
}

/// `value` with `places` decimals, without Foundation.
func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((abs(value) * Double(scale)).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % scale)
    return "\(sign)\(scaled / scale).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
}
