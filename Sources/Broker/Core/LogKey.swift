package import Logging

/// The keys of log metadata.
package enum LogKey: String {
    case connection, client, door, peer, cause, reason, topic, filter, error, principal, explanation, version, count, target, status, clock
}

extension Logger {
    /// Logs with the keys of `LogKey`, so that each is spelled once. The facts are computed only when the level is on.
    package func record(
        _ level: Logger.Level, _ message: Logger.Message, _ facts: @autoclosure () -> KeyValuePairs<LogKey, Logger.MetadataValue> = [:]
    ) {
        guard self.logLevel <= level else { return }
        var metadata = Logger.Metadata()
        for (key, value) in facts() { metadata[key.rawValue] = value }
        self.log(level: level, message, metadata: metadata)
    }
}
