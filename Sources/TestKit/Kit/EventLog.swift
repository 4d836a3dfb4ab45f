import Logging
import Synchronization

/// Keeps what the broker says, the latest of it.
///
/// A lock, since loggers are called from any thread; messages of clients are not among what is said.
final class EventLog: Sendable {
    private let limit: Int
    private let kept = Mutex<[Sundial.Event]>([])

    init(limit: Int) {
        self.limit = limit
    }

    /// The latest, oldest first.
    var events: [Sundial.Event] { self.kept.withLock { Array($0.suffix(self.limit)) } }

    /// A logger that is heard by nobody else.
    var logger: Logger {
        var logger = Logger(label: "sundial") { _ in Handler(log: self) }
        logger.logLevel = .debug
        return logger
    }

    private func add(_ event: Sundial.Event) {
        self.kept.withLock { kept in
            if kept.count >= 2 * self.limit { kept.removeFirst(self.limit) }
            kept.append(event)
        }
    }

    private struct Handler: LogHandler {
        let log: EventLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        init(log: EventLog) {
            self.log = log
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = self.metadata.merging(event.metadata ?? [:]) { _, given in given }
            self.log.add(Sundial.Event(text: event.message.description, facts: facts.mapValues { "\($0)" }))
        }
    }
}
