import Synchronization
import Timeline

/// The `Date` field of an answer: `Fri, 02 Jan 2026 03:04:05 GMT` (RFC 9110 §5.6.7).
enum HTTPDate {
    /// The text of the second that it was asked for last: the same for many answers.
    private static let latest = Mutex<(second: Int64, text: String)>((.min, ""))

    static func text(_ time: WallTime) -> String {
        let second = time.secondsSinceEpoch
        return self.latest.withLock { latest in
            if latest.second != second { latest = (second, self.freshText(time)) }
            return latest.text
        }
    }

    private static func freshText(_ time: WallTime) -> String {
        let iso = time.iso8601
        let parts = iso.prefix(19).split { $0 == "-" || $0 == "T" }
        guard parts.count == 4, let month = Int(parts[1]), Self.months.indices.contains(month - 1) else { return iso }
        // 1 January 1970 was a Thursday.
        let days = Int((time.secondsSinceEpoch / 86400) % 7)
        return "\(Self.days[(days + 7) % 7]), \(parts[2]) \(Self.months[month - 1]) \(parts[0]) \(parts[3]) GMT"
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
