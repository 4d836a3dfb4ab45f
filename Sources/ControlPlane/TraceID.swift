import Broker
import Synchronization

/// The id of one answer, in its body and in `x-amzn-RequestId`: not to be met twice, and no secret.
enum TraceID {
    private static let seed = UInt64.random(in: 0 ... .max)
    private static let count = Atomic<UInt64>(0)

    static func fresh() -> String {
        var numbers = SeededNumbers(seed: self.seed &+ self.count.wrappingAdd(1, ordering: .relaxed).newValue)
        return FreshID.uuid(using: &numbers)
    }
}
