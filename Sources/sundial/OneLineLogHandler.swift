import Logging

/// Makes one line of each log event, whatever clients call themselves and their topics: control characters are written as escapes, so
/// that nobody can forge a line or command the reader's terminal, and long values are cut.
struct OneLineLogHandler<Inner: LogHandler>: LogHandler {
    private var inner: Inner

    init(_ inner: Inner) {
        self.inner = inner
    }

    var logLevel: Logger.Level {
        get { self.inner.logLevel }
        set { self.inner.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { self.inner.metadata }
        set { self.inner.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { self.inner.metadataProvider }
        set { self.inner.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.inner[metadataKey: key] }
        set { self.inner[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        var event = event
        event.message = Logger.Message(stringLiteral: LogLine.clean(event.message.description))
        event.metadata = event.metadata?.mapValues { .string(LogLine.clean($0.description)) }
        self.inner.log(event: event)
    }
}
