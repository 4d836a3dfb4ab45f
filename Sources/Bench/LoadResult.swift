/// What one run measured. A run that is not clean has no figure.
struct LoadResult: Sendable {
    let scenario: String
    /// What is delivered are shadow updates, each counted when its answer has come.
    let isUpdate: Bool
    let seconds: Double
    let delivered: Int64
    let brokerCPUNanoseconds: Int64
    let generatorCPUNanoseconds: Int64
    let faults: LoadFaults
    /// Half of the messages took no longer than this, for the rows with single messages.
    let medianLatencyNanoseconds: Int64?

    init(
        scenario: String, isUpdate: Bool, from before: LoadReading, to after: LoadReading, faults: LoadFaults,
        medianLatencyNanoseconds: Int64? = nil
    ) {
        self.scenario = scenario
        self.isUpdate = isUpdate
        self.seconds = Double(after.at - before.at) / 1e9
        self.delivered = after.delivered - before.delivered
        self.brokerCPUNanoseconds = after.brokerCPU - before.brokerCPU
        self.generatorCPUNanoseconds = after.generatorCPU - before.generatorCPU
        self.faults = faults
        self.medianLatencyNanoseconds = medianLatencyNanoseconds
    }

    var isClean: Bool { self.delivered > 0 && self.faults == LoadFaults() }
    var messagesPerSecond: Double { Double(self.delivered) / self.seconds }
    var brokerMicroseconds: Double { Double(self.brokerCPUNanoseconds) / 1000 / Double(max(1, self.delivered)) }
    /// The generator's share of a core; near one means that it, not the server, set the rate.
    var generatorBusy: Double { Double(self.generatorCPUNanoseconds) / 1e9 / self.seconds }
    var brokerBusy: Double { Double(self.brokerCPUNanoseconds) / 1e9 / self.seconds }

    /// What one core could do in a second, were it busy with nothing else.
    var deliveredPerCore: Double { 1e6 / self.brokerMicroseconds }

    var text: String {
        guard self.isClean else {
            return "\(self.scenario): NOT CLEAN: \(self.faults.text), \(self.delivered) delivered"
        }
        let noun = self.isUpdate ? "update" : "message"
        let perCore = self.isUpdate ? ", \(decimal(self.deliveredPerCore, 0))/s of a core" : ""
        let latency = self.medianLatencyNanoseconds.map { ", p50 \(decimal(Double($0) / 1000, 1)) µs" } ?? ""
        return
            "\(self.scenario): \(decimal(self.messagesPerSecond, 0)) \(noun)s/s, broker \(decimal(self.brokerMicroseconds, 3)) µs per "
            + "\(noun)\(perCore)\(latency) (broker \(decimal(self.brokerBusy * 100, 0)) % of a core, generator "
            + "\(decimal(self.generatorBusy * 100, 0)) %)"
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
