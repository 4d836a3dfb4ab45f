/// The clocks and counts at one moment of a run; a figure is the difference of two.
struct LoadReading {
    let at: Int64
    let brokerCPU: Int64
    let generatorCPU: Int64
    let delivered: Int64

    init(_ server: ServerProcess, delivered: Int64) throws(BenchFailure) {
        self.brokerCPU = try server.cpuNanoseconds()
        self.generatorCPU = ownCPUNanoseconds()
        self.at = monotonicNanoseconds()
        self.delivered = delivered
    }
}
