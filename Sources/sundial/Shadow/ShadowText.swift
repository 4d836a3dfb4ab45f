import JSON
import Shadows
import Timeline

/// A shadow as a person reads it: a headline, then a line for each value.
struct ShadowText {
    let style: TextStyle

    /// The widest that a column grows for its longest entry.
    private static let widestColumn = 48

    /// The answer to a get: state, delta, and how old each value is by the answer's own clock.
    func document(_ document: JSONValue, of id: ShadowID) -> String {
        let now = document["timestamp"]?.int64 ?? 0
        let fields = ShadowFields(state: document["state"], metadata: document["metadata"]).fields
        let changed = fields.compactMap(\.seconds).max()
        var headline = self.headline(id, version: document["version"])
        if let changed {
            headline += ", last value set \(AgeText.of(seconds: now - changed)) (\(Self.time(WallTime(secondsSinceEpoch: changed))))"
        }
        return headline + "\n" + (fields.isEmpty ? "  empty\n" : self.table(fields, now: now))
    }

    /// One kept version, as old as it was at `now`.
    func version(_ version: PastVersion, of id: ShadowID, now: WallTime) -> String {
        let seconds = now.secondsSinceEpoch
        let headline = self.headline(id, version: JSONValue(version.number)) + ", \(self.when(version, now: now))"
        if version.isDeleted { return "\(headline)\n  deleted\n" }
        let fields = ShadowFields(state: .object(version.state), metadata: version.metadata).fields
        return headline + "\n" + (fields.isEmpty ? "  empty\n" : self.table(fields, now: seconds))
    }

    /// Kept versions, oldest first, each with what it changed.
    func history(_ versions: [PastVersion], now: WallTime) -> String {
        var text = ""
        var before: JSONObject = [:]
        for (place, version) in versions.enumerated() {
            var origin = version.client.map { "client \(LogLine.clean($0))" } ?? "HTTP"
            if let principal = version.principal { origin += " (\(LogLine.clean(principal)))" }
            text += self.style.bold("version \(version.number)") + "  \(self.when(version, now: now))  \(origin), cause \(version.cause)\n"
            if version.isDeleted {
                text += "  deleted\n"
            } else {
                let difference = ShadowDifference(from: before, to: version.state)
                // The oldest one kept is not all new: what it changed is not known.
                let isCut = place == 0 && version.number > 1
                text +=
                    isCut
                    ? self.table(ShadowFields(state: .object(version.state), metadata: nil).fields, now: 0) : self.difference(difference)
            }
            before = version.state
        }
        return text
    }

    func difference(_ difference: ShadowDifference) -> String {
        if difference.changes.isEmpty { return "  no difference\n" }
        let width = Self.width(of: difference.changes.map(\.path))
        var text = ""
        for change in difference.changes {
            let path = Self.padded(change.path, to: width)
            if let old = change.old { text += self.style.red("- \(path)  \(LogLine.clean(old.text))") + "\n" }
            if let new = change.new { text += self.style.green("+ \(path)  \(LogLine.clean(new.text))") + "\n" }
        }
        return text
    }

    func headline(_ id: ShadowID, version: JSONValue?) -> String {
        let kind = id.name.map { "named shadow \($0.text)" } ?? "classic shadow"
        return self.style.bold(id.thing.text) + ", \(kind): version \(version?.text ?? "unknown")"
    }

    // MARK: Columns

    private func table(_ fields: [ShadowFields.Field], now: Int64) -> String {
        let pathWidth = Self.width(of: fields.map(\.path))
        let valueWidth = Self.width(of: fields.map(\.text))
        return fields.map { field in
            let path = Self.padded(field.path, to: pathWidth)
            guard let seconds = field.seconds else {
                let line = "  \(path)  \(field.text)"
                return (field.path.hasPrefix("delta.") ? self.style.yellow(line) : line) + "\n"
            }
            let age = self.style.dim(AgeText.of(seconds: now - seconds))
            return "  \(path)  \(Self.padded(field.text, to: valueWidth))  \(age)\n"
        }.joined()
    }

    private func when(_ version: PastVersion, now: WallTime) -> String {
        "\(Self.time(version.time)) \(self.style.dim("(\(AgeText.of(seconds: now.secondsSinceEpoch - version.time.secondsSinceEpoch)))"))"
    }

    private static func time(_ time: WallTime) -> String { "\(time.iso8601.prefix(19))Z" }

    private static func width(of entries: [String]) -> Int {
        min(entries.map(\.count).max() ?? 0, Self.widestColumn)
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
