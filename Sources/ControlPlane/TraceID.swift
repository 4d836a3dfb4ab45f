import Broker

/// The id of one answer, in its body and in `x-amzn-RequestId`.
enum TraceID {
    static func fresh() -> String { FreshID.uuid() }
}
