import Dispatch
import Glibc

/// SIGINT and SIGTERM, asked to stop: the first is waited for, the second ends the process at once.
final class StopSignals: @unchecked Sendable {
    // SAFETY: `count` is touched on `queue`, which is serial; the rest is set once, in `init`.
    private let received: AsyncStream<Int32>
    private let queue = DispatchQueue(label: "sundial.signals")
    private var sources: [any DispatchSourceSignal] = []
    private var count = 0

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
        self.received = stream
        // A write beyond a limit on file sizes is to fail, not to end the process.
        signal(SIGXFSZ, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: self.queue)
            source.setEventHandler { [weak self] in
                self?.count += 1
                if let count = self?.count, count > 1 { _exit(128 + number) }
                continuation.yield(number)
            }
            source.resume()
            self.sources.append(source)
        }
    }

    deinit {
        for source in self.sources { source.cancel() }
    }

    /// Waits for the first one.
    /// - Returns: its number; 0 when the waiting task was cancelled.
    func first() async -> Int32 {
        for await number in self.received { return number }
        return 0
    }
}
